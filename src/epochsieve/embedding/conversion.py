"""A network on its way into the cache: ONNX graphs, and what must be known of them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.vocabulary.series import FloatImage

TOLERANCE = 1e-4
"""Converted features differ from PyTorch's by at most this share of the largest one."""

EXTRA = "pip install 'epochsieve[torch]'"
"""What installs whatever a conversion needs."""


@dataclass(frozen=True)
class Layer:
    """A network cut after one of its layers.

    Attributes
    ----------
    content : bytes
        The ONNX model.
    features : int
        How many features it gives.
    stride : int
        Images with a shorter side, in pixels, are padded to it.
    """

    content: bytes
    features: int
    stride: int

    @property
    def sha256(self) -> str:
        """Digest of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Conversion:
    """A network, converted.

    Attributes
    ----------
    name : str
        What ``--embedder`` will call it.
    description : str
        A line about it.
    source : mapping
        Where the weights come from, and what converted them; plain JSON values.
    licence : str
        Of the weights.
    layers : mapping of str to Layer
        By name; ``"last"`` is always there.
    """

    name: str
    description: str
    source: Mapping[str, Any]
    licence: str
    layers: Mapping[str, Layer]

    def name_files(self) -> dict[str, str]:
        """Name each layer's file by its content, so that a newer network never alters an older one's file."""
        return {layer: f"{layer}-{made.sha256[:8]}.onnx" for layer, made in self.layers.items()}

    def describe(self) -> dict[str, Any]:
        """State what stands in ``metadata.json``."""
        files = self.name_files()
        return {
            "name": self.name,
            "description": self.description,
            "source": dict(self.source),
            "licence": self.licence,
            "input": {
                "channels": 1,
                "normalisation": "(v / 255 - 0.5) / 0.225 for 8-bit images; the channel stands for three equal ones",
                "mean": 0.5,
                "deviation": 0.225,
            },
            "outputs": {
                layer: {"file": files[layer], "sha256": made.sha256, "features": made.features, "stride": made.stride}
                for layer, made in self.layers.items()
            },
        }


def require_packages(network: str, *modules: str) -> None:
    """Make sure that what converts a network is installed.

    Parameters
    ----------
    network : str
        Its name.
    *modules : str
        What will be imported.

    Raises
    ------
    EmbedderError
        Where some of it is missing.
    """
    if missing := [module for module in modules if find_spec(module) is None]:
        raise EmbedderError(
            f"{network} needs PyTorch once, to be converted: {EXTRA} (missing: {', '.join(missing)}); "
            "from then on it runs without"
        )


def state_versions(*packages: str) -> dict[str, str]:
    """Tell the versions of packages, as pip calls them."""
    return {package: version(package) for package in packages}


def check_against(content: bytes, name: str, shape: tuple[int, int], compute: Callable[[FloatImage], Any]) -> None:
    """Make sure that a converted network gives PyTorch's features.

    Parameters
    ----------
    content : bytes
        The ONNX model; its features are the output of that name.
    name : str
        The network's name.
    shape : tuple of int
        Height and width of the images to compare with.
    compute : callable
        Gives PyTorch's features of images of shape (n, height, width).

    Raises
    ------
    EmbedderError
        Where they differ by more than `TOLERANCE` of the largest feature.
    """
    import onnxruntime

    images = np.random.default_rng(1).normal(size=(2, *shape)).astype(np.float32)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(["features"], {session.get_inputs()[0].name: images[:, None]})
    expected = compute(images)
    off = float(np.abs(found - expected).max() / (np.abs(expected).max() or 1.0))
    if not off <= TOLERANCE:
        raise EmbedderError(f"{name}: the conversion changes the features by {off:.1e}: the network was not added")
