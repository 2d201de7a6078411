"""The methods by name, each with its network and its settings."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from epochsieve.vocabulary.contracts import Embedder, Eye, Method
from epochsieve.vocabulary.errors import InputError, SettingError
from epochsieve.vocabulary.settings import PaperSettings, SieveSettings, read_rate

if TYPE_CHECKING:
    from epochsieve.judging.weighing.calibration import Calibration

Settings = TypeVar("Settings", SieveSettings, PaperSettings)

OpenEmbedder = Callable[[str], Embedder]
"""From a layer to the network cut after it."""

PIXELS_AT_ONCE = 2**22
"""Pixels of epochs that networks on a graphics card look at together: of 51 x 51 px, 1600 epochs."""

METHODS = ("sieve", "paper")
"""Their names, the default first."""

DEFAULT_EMBEDDER = "efficientnet-lite0"
"""The network that is shipped."""


def open_method(name: str, embedder: str | Path | None = None, device: str = "cpu", **settings: Any) -> Method:
    """Make a method with its network.

    Parameters
    ----------
    name : str
        ``"sieve"`` or ``"paper"``.
    embedder : str or Path, optional
        The name of a shipped or added network, ``NAME/LAYER`` for one of its layers, or an ONNX file.
    device : str
        Where networks run: ``"cpu"``, ``"cuda"`` or ``"auto"``.
    **settings
        Fields of `SieveSettings` or `PaperSettings`. ``"sieve"`` also takes a name for `false_alarm`, ``"none"``,
        ``"default"`` or ``"hard"``, and for `calibration` a file that ``epochsieve calibrate`` wrote.

    Returns
    -------
    Method
        Ready to judge.

    Raises
    ------
    SettingError
        Where there is no such method or device, or the method has no such setting, or not of this value; where the
        calibration of ``"sieve"`` was made for another network.
    EmbedderError
        Where the network is missing or altered, or there is no graphics card for it.
    InputError
        Where the calibration can't be read, or is none of this version.
    """
    if name not in METHODS:
        raise SettingError(f"no method {name!r}: choose {' or '.join(METHODS)}")
    return _OPENERS[name](partial(open_network, embedder, device), device, settings)


def open_network(name: str | Path | None, device: str, layer: str) -> Embedder:
    """Open a network, where it is to run.

    Parameters
    ----------
    name : str or Path or None
        As for `open_method`; None for the default one.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"auto"``.
    layer : str
        Where it is cut, unless its name says that.

    Returns
    -------
    Embedder
        Ready to be used or sent to another process.

    Raises
    ------
    InputError
        As for `open_method`.
    """
    from epochsieve.embedding.devices import place_embedder
    from epochsieve.embedding.onnx_embedder import open_embedder

    return place_embedder(open_embedder(name or DEFAULT_EMBEDDER, layer), device)


def _open_sieve(open_embedder: OpenEmbedder, device: str, given: dict[str, Any]) -> Method:
    """Make the default method, both of whose networks run on the device."""
    own = {name: value for name, value in given.items() if name != "calibration"}
    settings = _make_settings("sieve", SieveSettings, own)
    settings = replace(settings, false_alarm=read_rate(settings.false_alarm))
    from epochsieve.embedding.devices import place_eye
    from epochsieve.embedding.onnx_eye import open_eye
    from epochsieve.judging.sieve import SieveMethod
    from epochsieve.judging.weighing.calibration_text import load_default

    path = given.get("calibration")
    calibration = load_default() if path is None else _open_calibration(Path(path))
    network, eye = open_embedder("stride8"), place_eye(open_eye(), device)
    _refuse_other_networks(calibration, network, eye)
    return SieveMethod(network, eye, settings, calibration, _count_pixels(network))


def _refuse_other_networks(calibration: "Calibration", network: Embedder, eye: Eye) -> None:
    """Refuse probabilities that hold for another network's features, or another version's eye."""
    if calibration.eye != eye.sha256:
        raise SettingError(
            f"the calibration {calibration.name!r} was made for the eye of another version: make it anew with "
            "epochsieve calibrate"
        )
    if calibration.embedder != network.sha256:
        raise SettingError(
            f"the calibration {calibration.name!r} was not made for the network {network.name}, so that its "
            "probabilities would be wrong: give one that was with --calibration (docs/embedders.md says how it is made)"
        )


def _open_calibration(path: Path) -> "Calibration":
    """Read a calibration from a user's file."""
    from epochsieve.judging.weighing.calibration_text import read_calibration

    try:
        return read_calibration(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError:
        raise InputError(f"{path}: no calibration: not a text file") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _open_paper(open_embedder: OpenEmbedder, _device: str, given: dict[str, Any]) -> Method:
    """Make the published method."""
    settings = _make_settings("paper", PaperSettings, given)
    if settings.size < 0:
        raise SettingError(f"a size is a number of pixels, or 0 for all of them, not {settings.size}")
    from epochsieve.judging.paper import PaperMethod

    network = open_embedder("last")
    return PaperMethod(network, settings, _count_pixels(network))


def _count_pixels(network: Embedder) -> int:
    """Count the pixels that networks are shown at once: many series' on a card, else one series' whatever it has."""
    from epochsieve.embedding.devices import is_on_card

    return PIXELS_AT_ONCE if is_on_card(network) else 0


_OPENERS = dict(zip(METHODS, (_open_sieve, _open_paper), strict=True))


def _make_settings(method: str, kind: type[Settings], given: dict[str, Any]) -> Settings:
    """Make settings of what was given by name."""
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            raise SettingError(f"the method {method} has no setting {name} (it has {', '.join(known)})")
    return kind(**given)
