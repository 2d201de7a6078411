"""The eye, run by PyTorch on a graphics card."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.onnx_eye import OnnxEye

if TYPE_CHECKING:
    from epochsieve.embedding.torch_network import TorchNetwork

# As for embedders, but a view has several channels.
_PIXELS_AT_ONCE = {"cuda": 2**22, "cpu": 2**15}


@dataclass(frozen=True)
class TorchEye:
    """The eye of an ONNX file, run by PyTorch: a small specification that opens at first use in each process.

    Attributes
    ----------
    eye : OnnxEye
        The same for ONNX Runtime.
    device : str
        ``"cuda"``, or ``"cpu"`` to compare.
    precision : str
        ``"float32"``, or ``"float16"``: half the memory, and logarithms of two digits.
    compiled : bool
        Whether PyTorch compiles the network, on a card, when it first runs; that takes up to a minute.
    """

    eye: OnnxEye
    device: str = "cuda"
    precision: str = "float32"
    compiled: bool = False

    @property
    def name(self) -> str:
        """What identifies the network and how it is computed, for provenance."""
        return f"{self.eye.name} on {self.device} in {self.precision}{', compiled' if self.compiled else ''}"

    @property
    def sha256(self) -> str:
        """Digest of the networks' files, hexadecimal."""
        return self.eye.sha256

    @property
    def classes(self) -> tuple[str, ...]:
        """What an epoch may show, in the order of the columns that `conclude` gives."""
        return self.eye.classes

    @property
    def harmless(self) -> frozenset[str]:
        """Those of the classes that are no defects."""
        return self.eye.harmless

    @property
    def scatter(self) -> tuple[float, ...]:
        """Usual scatter of the logarithms of the detectors' scores that it hears."""
        return self.eye.scatter

    def look(self, views: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take impressions of epochs.

        Parameters
        ----------
        views : ndarray of float32, shape (n, channels, height, width)
            Finite.

        Returns
        -------
        ndarray of float32, shape (n, numbers)
            In single precision those of `OnnxEye.look`, to 1e-4 of the largest.

        Raises
        ------
        EmbedderError
            Where the network's file is missing or altered, or PyTorch can't run it.
        """
        if not len(views):
            return self.eye.look(views)
        network = self.open()
        at_once = max(1, _PIXELS_AT_ONCE[self.device] // max(1, views.shape[2] * views.shape[3]))
        return network.run_all(views, network.outputs[0], at_once)

    def conclude(
        self,
        impressions: NDArray[np.float32],
        usual: NDArray[np.float32],
        spread: NDArray[np.float32],
        heard: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Conclude as `OnnxEye.conclude` does, on the processor: that takes next to no time."""
        return self.eye.conclude(impressions, usual, spread, heard)

    def open(self) -> "TorchNetwork":
        """Open the network where no call before this one has, and return it."""
        from epochsieve.embedding.torch_network import open_torch_network

        looks = self.eye.looks
        return open_torch_network(looks.path, looks.sha256, self.device, self.precision, self.compiled)
