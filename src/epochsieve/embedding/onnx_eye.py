"""The shipped eye, run by ONNX Runtime: views to impressions of epochs, and a series' impressions to what it shows."""

import hashlib
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
"""Where the shipped eye's networks and their description lie."""

# As for embedders: larger batches fall out of the processor's cache.
_PIXELS_AT_ONCE = 2**15


@dataclass(frozen=True)
class NetworkFile:
    """An ONNX file that must be what it was.

    Attributes
    ----------
    path : Path
        Where it lies.
    sha256 : str
        Digest that it must have, hexadecimal.
    """

    path: Path
    sha256: str


@dataclass(frozen=True)
class OnnxEye:
    """Two trained networks, as a specification: each opens its session at first use, once per process.

    Attributes
    ----------
    name : str
        What identifies it.
    looks : NetworkFile
        What looks at an epoch: input (n, channels, height, width), output (n, numbers).
    concludes : NetworkFile
        What makes up its mind: inputs as `conclude` takes them, output (n, classes).
    classes : tuple of str
        What the columns of its conclusions stand for.
    harmless : frozenset of str
        Those of the classes that are no defects.
    scatter : tuple of float
        Usual scatter of the logarithms of the detectors' scores that it hears, in their order.
    device : str
        Where the first looks: ``"cpu"``, or ``"cuda"`` for a graphics card, where impressions are the processor's, to
        1e-4 of the largest.
    """

    name: str
    looks: NetworkFile
    concludes: NetworkFile
    classes: tuple[str, ...]
    harmless: frozenset[str]
    scatter: tuple[float, ...]
    device: str = "cpu"

    @property
    def sha256(self) -> str:
        """Digest of both networks' digests, hexadecimal."""
        return hashlib.sha256(f"{self.looks.sha256} {self.concludes.sha256}".encode()).hexdigest()

    def look(self, views: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take impressions of epochs.

        Parameters
        ----------
        views : ndarray of float32, shape (n, channels, height, width)
            Finite.

        Returns
        -------
        ndarray of float32, shape (n, numbers)
            Largest and mean values of the network's maps, the same whatever n is.

        Raises
        ------
        EmbedderError
            Where the network's file is missing or altered.
        """
        session = self.open()
        step = max(1, _PIXELS_AT_ONCE // max(1, views.shape[2] * views.shape[3]))
        parts = [session.run(None, {"views": views[i : i + step]})[0] for i in range(0, len(views), step)]
        return np.concatenate(parts) if parts else np.empty((0, session.get_outputs()[0].shape[1]), np.float32)

    def conclude(
        self,
        impressions: NDArray[np.float32],
        usual: NDArray[np.float32],
        spread: NDArray[np.float32],
        heard: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Compute how probable each class is, given what is usual in a series.

        Parameters
        ----------
        impressions : ndarray of float32, shape (n, numbers)
            What `look` gave.
        usual, spread : ndarray of float32, shape (numbers,)
            The series' usual impression, and how far its epochs' usually are from that.
        heard : ndarray of float32, shape (n, 2 * detectors)
            Standard scores of the detectors that it hears, and the logarithms of their scores' ratios to usual ones.

        Returns
        -------
        ndarray of float32, shape (n, classes)
            Natural logarithms of probabilities.

        Raises
        ------
        EmbedderError
            Where the network's file is missing or altered.
        """
        session = _open_once(self.concludes, "cpu", os.getpid())
        told = {"impressions": impressions, "usual": usual, "spread": spread, "heard": heard}
        return np.asarray(session.run(None, told)[0])

    def open(self) -> Any:
        """Open the session of what looks where no call before this one has, and return it."""
        return _open_once(self.looks, self.device, os.getpid())


def open_eye() -> OnnxEye:
    """Open the shipped eye.

    Returns
    -------
    OnnxEye
        Its files' digests have been checked.

    Raises
    ------
    EmbedderError
        Where a file was altered.
    """
    stated = json.loads((FOLDER / "metadata.json").read_text("utf-8"))
    looks, concludes = (
        NetworkFile(FOLDER / stated[one]["file"], stated[one]["sha256"]) for one in ("looks", "concludes")
    )
    for network in (looks, concludes):
        if read_network(network.path)[1] != network.sha256:
            raise EmbedderError(f"{network.path}: the shipped eye was altered; reinstall epochsieve")
    classes, harmless = tuple(stated["classes"]), frozenset(stated["harmless"])
    return OnnxEye(stated["name"], looks, concludes, classes, harmless, tuple(stated["scatter"].values()))


@lru_cache(maxsize=4)
def _open_once(network: NetworkFile, device: str, _process: int) -> Any:
    """Open a session that no call before this one has opened in this process."""
    return open_session(read_unaltered(network.path, network.sha256), network.path, 1, device)
