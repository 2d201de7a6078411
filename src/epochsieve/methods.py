"""The methods by name, each with its network and its settings."""

from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from epochsieve.vocabulary.contracts import Method
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.settings import PaperSettings, SieveSettings

Settings = TypeVar("Settings", SieveSettings, PaperSettings)

METHODS = ("sieve", "paper")
"""Their names, the default first."""

DEFAULT_EMBEDDER = "efficientnet-lite0"
"""The network that is shipped."""


def open_method(name: str, embedder: str | Path | None = None, **settings: Any) -> Method:
    """Make a method with its network.

    Parameters
    ----------
    name : str
        ``"sieve"`` or ``"paper"``.
    embedder : str or Path, optional
        A shipped network's name, or an ONNX file.
    **settings
        Fields of `SieveSettings` or `PaperSettings`.

    Returns
    -------
    Method
        Ready to judge.

    Raises
    ------
    SettingError
        Where there is no such method, or it has no such setting, or not of this value.
    EmbedderError
        Where the network is missing or altered.
    """
    if name not in METHODS:
        raise SettingError(f"no method {name!r}: choose {' or '.join(METHODS)}")
    return _OPENERS[name](str(embedder or DEFAULT_EMBEDDER), settings)


def _open_sieve(embedder: str, given: dict[str, Any]) -> Method:
    """Make the default method."""
    settings = _make_settings("sieve", SieveSettings, given)
    if not 0 < settings.false_alarm < 1:
        raise SettingError(f"a false-alarm rate lies between 0 and 1, not at {settings.false_alarm}")
    from epochsieve.embedding.onnx_embedder import open_embedder
    from epochsieve.judging.sieve import SieveMethod

    return SieveMethod(open_embedder(embedder, "stride8"), settings)


def _open_paper(embedder: str, given: dict[str, Any]) -> Method:
    """Make the published method."""
    settings = _make_settings("paper", PaperSettings, given)
    if settings.size < 0:
        raise SettingError(f"a size is a number of pixels, or 0 for all of them, not {settings.size}")
    from epochsieve.embedding.onnx_embedder import open_embedder
    from epochsieve.judging.paper import PaperMethod

    return PaperMethod(open_embedder(embedder, "last"), settings)


_OPENERS = dict(zip(METHODS, (_open_sieve, _open_paper), strict=True))


def _make_settings(method: str, kind: type[Settings], given: dict[str, Any]) -> Settings:
    """Make settings of what was given by name."""
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            raise SettingError(f"the method {method} has no setting {name} (it has {', '.join(known)})")
    return kind(**given)
