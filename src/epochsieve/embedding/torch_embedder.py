"""Images to features with PyTorch, on a graphics card."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.onnx_embedder import OnnxEmbedder, choose_port
from epochsieve.embedding.onnx_session import read_unaltered
from epochsieve.embedding.resizing import pad_to
from epochsieve.vocabulary.series import FloatImage

if TYPE_CHECKING:
    from epochsieve.embedding.torch_network import TorchNetwork

# Pixels of the network's input that one batch holds: a card wants thousands of images, a processor's cache few.
_PIXELS_AT_ONCE = {"cuda": 2**24, "cpu": 2**17}
_MAP_AXES = 4
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
    """

    network: OnnxEmbedder
    device: str = "cuda"
    precision: str = "float32"

    @property
    def name(self) -> str:
        """What identifies the network, the layer and how it is computed, for provenance."""
        return f"{self.network.name} on {self.device} in {self.precision}"

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
        network = self._open()
        batches = self._upload(pad_to(self.network.smallest, images))
        return self._gather(network, (network.run(batch, self._port) for batch in batches))

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

        network = self._open()
        down, across = (torch.from_numpy(weights).to(network.device) for weights in (rows, columns))

        def prepare(batch: Any) -> Any:
            wide = torch.floor(batch.double() @ across.T + 0.5)
            grey = torch.floor(down @ wide + 0.5).float()
            return (grey / 255 - 0.5) / 0.225

        batches = self._upload(images, len(rows) * len(columns))
        return self._gather(network, (network.run(prepare(batch), self._port) for batch in batches))

    @property
    def _port(self) -> str:
        """The output that gives features."""
        return choose_port(self._open().outputs, "features") if self.network.has_name else self.network.layer

    def _open(self) -> "TorchNetwork":
        """Open the network, once per process."""
        return _open_once(self.network.path, self.sha256, self.device, self.precision, os.getpid())

    def _upload(self, images: NDArray[Any], pixels: int = 0) -> Iterator[Any]:
        """Bring images to the device, a batch at a time; `pixels` is what each will have there."""
        import torch

        at_once = max(1, _PIXELS_AT_ONCE[self.device] // max(1, pixels or images[:1].size))
        for start in range(0, len(images), at_once):
            batch = torch.from_numpy(np.ascontiguousarray(images[start : start + at_once]))
            # Memory that stays where it is can be read by the card itself, while the processor goes on.
            batch = batch.pin_memory() if self.device == "cuda" else batch
            yield batch.to(self.device, non_blocking=True)

    def _gather(self, network: "TorchNetwork", parts: Iterator[Any]) -> NDArray[np.float32]:
        """Bring features back, averaged over space where the network doesn't."""
        import torch

        # Not the cards' 19-bit numbers, which are no better than half precision.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            found = [part.mean((2, 3)) if part.ndim == _MAP_AXES else part for part in parts]
            if not found:
                # Only a run can tell how many features there are.
                blank = torch.zeros(1, _BLANK_SIDE, _BLANK_SIDE, device=network.device)
                return self._gather(network, iter([network.run(blank, self._port)]))[:0]
            return np.asarray(torch.cat(found).cpu().numpy(), np.float32)


@lru_cache(maxsize=8)
def _open_once(path: Path, sha256: str, device: str, precision: str, _process: int) -> "TorchNetwork":
    """Open a network that no call before this one has opened in this process."""
    from epochsieve.embedding.torch_network import TorchNetwork

    content = read_unaltered(path, sha256)
    return TorchNetwork(content, device, precision)
