"""Images to features with ONNX Runtime."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.catalogue import known_networks, locate_layer
from epochsieve.embedding.external_data import refers_to_other_files
from epochsieve.embedding.onnx_session import Network, open_network, read_network
from epochsieve.embedding.resizing import pad_to, resize_bilinear
from epochsieve.embedding.shipped import shipped_networks
from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.vocabulary.series import FloatImage

# Measured: intermediate maps of more pixels than this fall out of the processor's cache and cost up to a quarter.
_PIXELS_AT_ONCE = 2**15
_MAP_AXES = 4


@dataclass(frozen=True)
class OnnxEmbedder:
    """A network cut at one layer, as a specification: it opens its session at first use, once per process.

    Pickling carries the specification alone. Features are the same to the last bit whatever the batch, the images
    beside it and the number of threads.

    Attributes
    ----------
    source : str
        Name of a shipped or added network, or absolute path of the user's own file.
    layer : str
        The layer of a network with a name, or the output of the user's own file.
    sha256 : str
        Digest that the network's file must have, hexadecimal.
    smallest : int
        Images with a shorter side, in pixels, are padded with zeros to it.
    threads : int
        Threads that one call may use.
    device : str
        ``"cpu"``, or ``"cuda"`` for a graphics card, where features are those of the processor to a thousandth.
    """

    source: str
    layer: str
    sha256: str
    smallest: int = 1
    threads: int = 1
    device: str = "cpu"

    @property
    def name(self) -> str:
        """What identifies the network and the layer, for provenance."""
        return f"{Path(self.source).name}/{self.layer}{'' if self.device == 'cpu' else f' on {self.device}'}"

    @property
    def path(self) -> Path:
        """Where the network's file lies on this machine."""
        return locate_layer(self.source, self.layer) if self.has_name else Path(self.source)

    @property
    def has_name(self) -> bool:
        """Whether the network is a shipped or an added one."""
        return not Path(self.source).is_absolute()

    def embed(self, images: FloatImage) -> NDArray[np.float32]:
        """Compute features.

        Parameters
        ----------
        images : ndarray of float32, shape (n, height, width)
            Finite, one channel, normalised as the network expects; any size.

        Returns
        -------
        ndarray of float32, shape (n, features)
            The layer's maps, averaged over space where the network doesn't.

        Raises
        ------
        EmbedderError
            Where the network's file is missing or altered, or can't take images of this size.
        """
        values = self._run(images, "features")
        return values.mean((2, 3)) if values.ndim == _MAP_AXES else values

    def embed_maps(self, images: FloatImage) -> NDArray[np.float32]:
        """Compute features at each position.

        Parameters
        ----------
        images : ndarray of float32, shape (n, height, width)
            As for `embed`.

        Returns
        -------
        ndarray of float32, shape (n, features, rows, columns)
            The layer's maps; a position stands for `stride` pixels of the image.

        Raises
        ------
        EmbedderError
            As for `embed`, and where the network has already averaged over space.
        """
        maps = self._run(images, "maps")
        if maps.ndim != _MAP_AXES:
            raise EmbedderError(f"{self.name}: the network gives no feature maps, only their averages")
        return maps

    def _run(self, images: FloatImage, port: str) -> NDArray[np.float32]:
        """Run the network on one batch after the other; those with a name have ports for features and for maps."""
        network = open_network(self.path, self.sha256, self.threads, self.device)
        output = choose_port(network.outputs, port) if self.has_name else self.layer
        parts = [network.run(self._fit(batch, network), output) for batch in _batches(images, network)]
        values = np.concatenate(parts) if parts else np.empty((0, *network.outputs[output][1:]), np.float32)
        if values.ndim not in (2, _MAP_AXES):
            raise EmbedderError(f"{self.name}: features must have shape (n, C) or (n, C, h, w), not {values.shape}")
        return values

    def _fit(self, images: FloatImage, network: Network) -> FloatImage:
        """Bring images to a size that the network takes."""
        height, width = images.shape[1:]
        target = network.height or height, network.width or width
        return pad_to(self.smallest, images if target == (height, width) else resize_bilinear(images, target))


def open_embedder(name: str | Path = "efficientnet-lite0", output: str = "last", threads: int = 1) -> OnnxEmbedder:
    """Choose a network.

    Parameters
    ----------
    name : str or Path
        A shipped or added network (see `known_networks`), by its name or as ``NAME/LAYER``; or an ONNX file with one
        image input, of shape (n, 1 or 3, height, width), sizes fixed or not, whose outputs have shape (n, C), or (n, C,
        h, w) to be averaged over space.
    output : str
        Layer of a network with a name, where that does not say it: ``"stride4"``, ``"stride8"``, ``"stride16"`` or
        ``"last"``. For a file: which of its outputs. Where there is only one, that is taken.
    threads : int
        Threads that one call may use.

    Returns
    -------
    OnnxEmbedder
        Ready to be used or sent to another process. Its file's digest has been checked.

    Raises
    ------
    EmbedderError
        Where there is no such network or layer; where a shipped or added file was altered; where the user's is no ONNX,
        keeps its weights in other files, or has other inputs or outputs.
    """
    known = known_networks()
    network, slash, layer = str(name).rpartition("/")
    if str(name) in known:
        network, layer = str(name), _choose_layer(known[str(name)], output)
    elif not slash or network not in known:
        return _choose_file(Path(name), output, threads)
    outputs = known[network]["outputs"]
    if layer not in outputs:
        raise EmbedderError(f"{network}: no layer {layer!r}; there are {', '.join(outputs)}")
    embedder = OnnxEmbedder(network, layer, outputs[layer]["sha256"], outputs[layer]["stride"], threads)
    if read_network(embedder.path)[1] != embedder.sha256:
        raise EmbedderError(f"{embedder.path}: the network was altered; {_advise(network)}")
    return embedder


def _choose_layer(stated: Mapping[str, Any], wanted: str) -> str:
    """Choose a network's only layer, or the wanted one."""
    return next(iter(stated["outputs"])) if len(stated["outputs"]) == 1 else wanted


def _advise(network: str) -> str:
    """Say how to get a network's files back."""
    return "reinstall epochsieve" if network in shipped_networks() else f"epochsieve embedders add {network}"


def choose_port(outputs: Collection[str], port: str) -> str:
    """Choose the output for features or for maps of a network with a name; some give only features."""
    return port if port in outputs else next(iter(outputs))


def _choose_file(path: Path, output: str, threads: int) -> OnnxEmbedder:
    """Check the user's own network and specify it."""
    if not path.is_file():
        raise EmbedderError(
            f"{path}: no such network: neither known ({', '.join(known_networks())}), nor a file; "
            "epochsieve embedders lists those that can be added"
        )
    content, sha256 = read_network(path)
    _refuse_external_data(content, path)
    outputs = list(open_network(path, sha256, threads).outputs)
    layer = outputs[0] if len(outputs) == 1 else output
    if layer not in outputs:
        raise EmbedderError(f"{path}: several outputs; choose one of {', '.join(outputs)}")
    return OnnxEmbedder(str(path.resolve()), layer, sha256, threads=threads)


def _refuse_external_data(content: bytes, path: Path) -> None:
    """Refuse a network whose digest would not say all of it."""
    try:
        outside = refers_to_other_files(content)
    except ValueError as error:
        raise EmbedderError(f"{path}: not an ONNX network") from error
    if outside:
        raise EmbedderError(f"{path}: the network keeps weights in other files; save it as a single one")


def _batches(images: FloatImage, network: Network) -> Iterator[FloatImage]:
    """Cut images into batches, of the network's own size where it has one."""
    at_once = network.batch or max(1, _PIXELS_AT_ONCE // max(1, images[0].size if len(images) else 1))
    return (images[start : start + at_once] for start in range(0, len(images), at_once))
