"""Images to features with PyTorch, on a graphics card."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.onnx_embedder import OnnxEmbedder, choose_port
from epochsieve.embedding.resizing import pad_to
from epochsieve.vocabulary.series import FloatImage

if TYPE_CHECKING:
    from epochsieve.embedding.torch_network import TorchNetwork

# Pixels of the network's input that one batch holds: a card wants thousands of images, a processor's cache few.
_PIXELS_AT_ONCE = {"cuda": 2**24, "cpu": 2**17}
_BLANK_SIDE = 64


@dataclass(frozen=True)
class TorchEmbedder:
    """The network of an ONNX file, run by PyTorch: a small specification that opens at first use in each process.

    Attributes
    ----------
    network : OnnxEmbedder
        The same network for ONNX Runtime.
    device : str
        ``"cuda"``, or ``"cpu"`` to compare.
    precision : str
        ``"float32"``, or ``"float16"``: half the memory, and features of two or three digits.
    compiled : bool
        Whether PyTorch compiles the network, on a card, when it first runs; that takes up to a minute.
    """

    network: OnnxEmbedder
    device: str = "cuda"
    precision: str = "float32"
    compiled: bool = False

    @property
    def name(self) -> str:
        """What identifies the network, the layer and how it is computed, for provenance."""
        return f"{self.network.name} on {self.device} in {self.precision}{', compiled' if self.compiled else ''}"

    @property
    def sha256(self) -> str:
        """Digest of the network's file, hexadecimal."""
        return self.network.sha256

    def embed(self, images: FloatImage) -> NDArray[np.float32]:
        """Compute features.

        Parameters
        ----------
        images : ndarray of float32, shape (n, height, width)
            As for `OnnxEmbedder.embed`.

        Returns
        -------
        ndarray of float32, shape (n, features)
            In single precision those of `OnnxEmbedder.embed`, to a thousandth of the largest.

        Raises
        ------
        EmbedderError
            Where the network's file is missing or altered, or PyTorch can't run it.
        """
        padded = pad_to(self.network.smallest, images)
        return self._run(padded, padded[:1].size)

    def embed_eight_bit(
        self, images: NDArray[np.uint8], rows: NDArray[np.float64], columns: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Compute features of 8-bit images that are resized and normalised on the device.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, height, width)
            As they are; 20 times fewer bytes travel than of images that are already resized.
        rows, columns : ndarray of float64, shape (side, height) and (side, width)
            Weights of the old pixels for each new one.

        Returns
        -------
        ndarray of float32, shape (n, features)
            Of ``(v / 255 - 0.5) / 0.225``, v being resized across, then down, and rounded each time.
        """
        import torch

        down, across = (torch.from_numpy(weights).to(self.device) for weights in (rows, columns))

        def prepare(batch: Any) -> Any:
            wide = torch.floor(batch.double() @ across.T + 0.5)
            grey = torch.floor(down @ wide + 0.5).float()
            return ((grey / 255 - 0.5) / 0.225)[:, None]

        return self._run(images, len(rows) * len(columns), prepare)

    @property
    def port(self) -> str:
        """The output that gives features."""
        return choose_port(self.open().outputs, "features") if self.network.has_name else self.network.layer

    def open(self) -> "TorchNetwork":
        """Open the network where no call before this one has, and return it."""
        from epochsieve.embedding.torch_network import open_torch_network

        return open_torch_network(self.network.path, self.sha256, self.device, self.precision, self.compiled)

    def _run(
        self, images: NDArray[Any], pixels: int, prepare: Callable[[Any], Any] = lambda batch: batch[:, None]
    ) -> NDArray[np.float32]:
        """Run the network on images that have so many pixels each on the device."""
        if not len(images):
            # Only a run can tell how many features there are.
            return self.embed(np.zeros((1, _BLANK_SIDE, _BLANK_SIDE), np.float32))[:0]
        return self.open().run_all(images, self.port, max(1, _PIXELS_AT_ONCE[self.device] // max(1, pixels)), prepare)
