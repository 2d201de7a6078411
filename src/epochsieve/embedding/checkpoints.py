"""The checkpoints of EfficientNet-B0 to B7 as they were published: where they are, and whether a file is one."""

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.request import urlopen

from epochsieve.vocabulary.errors import EmbedderError

RELEASE = "https://github.com/lukemelas/EfficientNet-PyTorch/releases/download/1.0"
"""The release that ``efficientnet-pytorch`` takes its weights from, and with it the published notebook."""

DIGESTS: Mapping[str, str] = MappingProxyType(
    {
        "efficientnet-b0": "355c32eb",
        "efficientnet-b1": "f1951068",
        "efficientnet-b2": "8bb594d6",
        "efficientnet-b3": "5fb5a3c3",
        "efficientnet-b4": "6ed6700e",
        "efficientnet-b5": "b6417697",
        "efficientnet-b6": "c76e70fd",
        "efficientnet-b7": "dcc49843",
    }
)
"""First eight digits of each checkpoint's sha256, as its file name states them."""

_SECONDS_OF_SILENCE = 30.0
_STATED_DIGEST = re.compile(r"-([0-9a-f]{8})\.\w+$")


def name_checkpoint(network: str) -> str:
    """Name a published checkpoint's file."""
    return f"{network}-{DIGESTS[network]}.pth"


def address_checkpoint(network: str) -> str:
    """Say where a published checkpoint can be fetched."""
    return f"{RELEASE}/{name_checkpoint(network)}"


def fetch_checkpoint(network: str, target: Path) -> None:
    """Fetch a published checkpoint.

    Parameters
    ----------
    network : str
        One of `DIGESTS`.
    target : Path
        File to write.

    Raises
    ------
    OSError
        Where the release can't be reached or the file can't be written.
    EmbedderError
        Where what came has another digest.
    """
    address = address_checkpoint(network)
    with urlopen(address, timeout=_SECONDS_OF_SILENCE) as answer, target.open("wb") as file:  # noqa: S310 - https
        shutil.copyfileobj(answer, file)
    _compare(target, DIGESTS[network], address)


def check_stated_digest(path: Path) -> str:
    """Check a checkpoint against the digest in its name, where there is one.

    Parameters
    ----------
    path : Path
        The checkpoint.

    Returns
    -------
    str
        Its sha256, hexadecimal.

    Raises
    ------
    EmbedderError
        Where it can't be read, or its name says another digest.
    """
    stated = _STATED_DIGEST.search(path.name)
    return _compare(path, stated[1] if stated else "", str(path))


def _compare(path: Path, digits: str, source: str) -> str:
    """Compare a file's sha256 with the first digits that it should have."""
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderError(f"{path}: can't read the checkpoint: {error.strerror}") from error
    if not found.startswith(digits):
        raise EmbedderError(f"{source}: damaged or another file: its sha256 starts with {found[:8]}, not {digits}")
    return found
