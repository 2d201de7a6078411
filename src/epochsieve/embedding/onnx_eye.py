"""The shipped eye, run by ONNX Runtime: views of an epoch to what it shows."""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.onnx_session import open_session, read_network, read_unaltered
from epochsieve.vocabulary.errors import EmbedderError

FOLDER = Path(__file__).parent / "eye"
"""Where the shipped eye's network and its description lie."""

# As for embedders: larger batches fall out of the processor's cache.
_PIXELS_AT_ONCE = 2**15


@dataclass(frozen=True)
class OnnxEye:
    """A trained classifier, as a specification: it opens its session at first use, once per process.

    Attributes
    ----------
    name : str
        What identifies it.
    path : Path
        Its ONNX file: input (n, channels, height, width), output (n, classes), natural logarithms of probabilities.
    sha256 : str
        Digest that the file must have, hexadecimal.
    classes : tuple of str
        What the columns stand for.
    harmless : frozenset of str
        Those of the classes that are no defects.
    device : str
        ``"cpu"``, or ``"cuda"`` for a graphics card, where logarithms are those of the processor to 1e-4.
    """

    name: str
    path: Path
    sha256: str
    classes: tuple[str, ...]
    harmless: frozenset[str]
    device: str = "cpu"

    def look(self, views: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute how probable each class is.

        Parameters
        ----------
        views : ndarray of float32, shape (n, channels, height, width)
            Finite.

        Returns
        -------
        ndarray of float32, shape (n, classes)
            Natural logarithms of probabilities, the same whatever n is.

        Raises
        ------
        EmbedderError
            Where the network's file is missing or altered.
        """
        session = self.open()
        step = max(1, _PIXELS_AT_ONCE // max(1, views.shape[2] * views.shape[3]))
        parts = [session.run(None, {"views": views[i : i + step]})[0] for i in range(0, len(views), step)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.classes)), np.float32)

    def open(self) -> Any:
        """Open the session where no call before this one has, and return it."""
        return _open_once(self.path, self.sha256, self.device, os.getpid())


def open_eye() -> OnnxEye:
    """Open the shipped eye.

    Returns
    -------
    OnnxEye
        Its file's digest has been checked.

    Raises
    ------
    EmbedderError
        Where the file was altered.
    """
    stated = json.loads((FOLDER / "metadata.json").read_text("utf-8"))
    eye = OnnxEye(
        stated["name"],
        FOLDER / stated["file"],
        stated["sha256"],
        tuple(stated["classes"]),
        frozenset(stated["harmless"]),
    )
    if read_network(eye.path)[1] != eye.sha256:
        raise EmbedderError(f"{eye.path}: the shipped eye was altered; reinstall epochsieve")
    return eye


@lru_cache(maxsize=2)
def _open_once(path: Path, sha256: str, device: str, _process: int) -> Any:
    """Open a session that no call before this one has opened in this process."""
    return open_session(read_unaltered(path, sha256), path, 1, device)
