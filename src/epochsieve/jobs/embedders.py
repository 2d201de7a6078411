"""The networks that can be chosen, and new ones put into the user's cache."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epochsieve.embedding.cache import METADATA_FILE, added_networks, find_cache, locate_added, locate_checkpoint
from epochsieve.embedding.catalogue import locate_layer
from epochsieve.embedding.checkpoints import (
    DIGESTS,
    address_checkpoint,
    check_stated_digest,
    fetch_checkpoint,
    name_checkpoint,
)
from epochsieve.embedding.conversion import Conversion, require_packages
from epochsieve.embedding.shipped import shipped_networks
from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.writing.atomic import write_atomically

_TIMM = "timm:"


@dataclass(frozen=True)
class Listed:
    """A network as ``epochsieve embedders list`` shows it.

    Attributes
    ----------
    name, state, layers, size, licence : str
        `state` is ``"shipped"``, ``"added"`` or ``"can be added"``; the rest is empty for what is not here yet.
    """

    name: str
    state: str
    layers: str = ""
    size: str = ""
    licence: str = ""


def list_embedders() -> list[Listed]:
    """List every network that has a name.

    Returns
    -------
    list of Listed
        Shipped ones, added ones, then those that can be added.
    """
    shipped, added = shipped_networks(), added_networks()
    here = [_list_one(name, "shipped", stated) for name, stated in shipped.items()]
    here += [_list_one(name, "added", stated) for name, stated in added.items() if name not in shipped]
    return here + [Listed(name, "can be added") for name in (*DIGESTS, f"{_TIMM}NAME") if name not in added]


def add_embedder(name: str, file: Path | None = None, tell: Callable[[str], object] = lambda _: None) -> Conversion:
    """Convert a network to ONNX and put it into the user's cache.

    Parameters
    ----------
    name : str
        ``"efficientnet-b0"`` to ``"efficientnet-b7"``, or ``"timm:NAME"``.
    file : Path, optional
        Its weights. Left out, the published ones are taken from the cache's folder ``checkpoints``, or fetched into it.
    tell : callable
        Told, in a line, what is being done.

    Returns
    -------
    Conversion
        What the cache now holds. A network of that name that was there before is replaced when all files are written.

    Raises
    ------
    EmbedderError
        Where there is no such network; where its weights can't be had, which then says what to fetch by hand and where
        to put it; where packages for the conversion are missing; or where the cache can't be written.
    """
    if name in DIGESTS:
        require_packages(name, "torch", "efficientnet_pytorch", "onnx")
        checkpoint = file or _find_checkpoint(name, tell)
        tell(f"converting {checkpoint}")
        from epochsieve.embedding.efficientnets import convert_efficientnet

        return _store(convert_efficientnet(name, checkpoint))
    if name.startswith(_TIMM):
        require_packages(name, "torch", "timm", "onnx", "onnxscript")
        tell(f"converting {name}, weights from {file or 'where timm keeps them'}")
        from epochsieve.embedding.timm_networks import convert_timm

        return _store(convert_timm(name, file))
    if name in shipped_networks():
        raise EmbedderError(f"{name} is shipped: nothing has to be added for --embedder {name}")
    raise EmbedderError(f"no network {name!r} can be added: choose one of {', '.join(DIGESTS)}, or {_TIMM}NAME")


def _list_one(name: str, state: str, stated: Mapping[str, Any]) -> Listed:
    """List a network that is here."""
    layers = stated["outputs"]
    sizes = [path.stat().st_size if (path := locate_layer(name, layer)).exists() else 0 for layer in layers]
    return Listed(name, state, ", ".join(layers), f"{sum(sizes) / 1e6:.1f} MB", stated["licence"])


def _find_checkpoint(name: str, tell: Callable[[str], object]) -> Path:
    """Find a published checkpoint in the cache, or fetch it."""
    path = locate_checkpoint(name_checkpoint(name))
    if path.is_file():
        check_stated_digest(path)
        return path
    _make_folder(path.parent)
    tell(f"fetching {address_checkpoint(name)}")
    try:
        write_atomically(path, lambda target: fetch_checkpoint(name, target))
    except OSError as error:
        raise EmbedderError(
            f"can't fetch the weights of {name} ({getattr(error, 'reason', error)}): download "
            f"{address_checkpoint(name)} on a machine with network and put it into {path.parent}, or name it: "
            f"epochsieve embedders add {name} --file {path.name}"
        ) from error
    return path


def _store(made: Conversion) -> Conversion:
    """Write a network's files into the cache, and what names them last; then forget the older ones."""
    folder, files = locate_added(made.name), made.name_files()
    _make_folder(folder)
    try:
        for layer, file in files.items():
            _write(folder / file, made.layers[layer].content)
        _write(folder / METADATA_FILE, (json.dumps(made.describe(), indent=2) + "\n").encode())
        for old in set(folder.glob("*.onnx")) - {folder / file for file in files.values()}:
            old.unlink()
    except OSError as error:
        raise EmbedderError(f"can't write to the cache {folder}: {error.strerror or error}") from error
    return made


def _make_folder(folder: Path) -> None:
    """Make a folder in the cache."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmbedderError(f"can't write to the cache {find_cache()}: {error.strerror or error}") from error


def _write(path: Path, content: bytes) -> None:
    """Write a file that is whole or not there."""

    def write(target: Path) -> None:
        target.write_bytes(content)

    write_atomically(path, write)
