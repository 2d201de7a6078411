"""One ONNX network, opened: what it takes, what it gives, and running it."""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.vocabulary.series import FloatImage

CUDA_PROVIDER = "CUDAExecutionProvider"
"""What ONNX Runtime calls a graphics card."""

# In full single precision, not in the cards' 19-bit numbers.
_CUDA = (CUDA_PROVIDER, {"use_tf32": "0"})
_CPU_PROVIDER = "CPUExecutionProvider"

_TYPES: dict[str, Any] = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_IMAGE_AXES = 4
_COLOUR = 3


@dataclass(frozen=True, eq=False)
class Network:
    """An opened network with one image input.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
        The open session.
    batch, channels, height, width : int
        The shape that the input must have; 0 where any will do. There are 1 or 3 channels.
    dtype : type
        NumPy type of the input.
    outputs : dict of str to tuple of int
        Names of the outputs and their shapes, 1 in the place of what only a run can tell.
    """

    session: Any
    batch: int
    channels: int
    height: int
    width: int
    dtype: Any
    outputs: dict[str, tuple[int, ...]]

    def run(self, images: FloatImage, output: str) -> NDArray[np.float32]:
        """Run the network on images of shape (n, height, width), for one of its outputs."""
        feed = self._shape_input(images)
        try:
            (values,) = self.session.run([output], {self.session.get_inputs()[0].name: feed})
        except Exception as error:
            size = " x ".join(map(str, images.shape[1:]))
            raise EmbedderError(f"the network can't take images of {size} pixels: {_first_line(error)}") from error
        return np.asarray(values, np.float32)[: len(images)]

    def _shape_input(self, images: FloatImage) -> NDArray[Any]:
        """Fill the batch up where its length is fixed, and repeat the one channel."""
        missing = max(self.batch - len(images), 0)
        full = np.pad(images, ((0, missing), (0, 0), (0, 0))) if missing else images
        shape = len(full), self.channels, *images.shape[1:]
        return np.ascontiguousarray(np.broadcast_to(full[:, None], shape), self.dtype)


def read_network(path: Path) -> tuple[bytes, str]:
    """Read a network's file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    content : bytes
        All of it.
    sha256 : str
        Its digest, hexadecimal.

    Raises
    ------
    EmbedderError
        Where there is no such file, or none that can be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"{path}: can't read the network: {error.strerror}") from error
    return content, hashlib.sha256(content).hexdigest()


def read_unaltered(path: Path, sha256: str) -> bytes:
    """Read a network's file that must have a digest.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        The digest, hexadecimal.

    Returns
    -------
    bytes
        All of it.

    Raises
    ------
    EmbedderError
        Where it can't be read, or has another digest.
    """
    content, found = read_network(path)
    if found != sha256:
        raise EmbedderError(f"{path}: the network was altered: its sha256 is {found}, not {sha256}")
    return content


def open_network(path: Path, sha256: str, threads: int = 1, device: str = "cpu") -> Network:
    """Open a network, once per process and file.

    Parameters
    ----------
    path : Path
        An ONNX file.
    sha256 : str
        The digest that it must have.
    threads : int
        Threads that one run may use.
    device : str
        ``"cpu"``, or ``"cuda"`` where ONNX Runtime's build can use a card.

    Returns
    -------
    Network
        The same object at each call.

    Raises
    ------
    EmbedderError
        Where the file is missing, altered, no ONNX, or has other inputs than one batch of images.
    """
    # A forked process must not share its parent's session: the process's number is part of the key.
    return _open_once(path, sha256, threads, device, os.getpid())


@lru_cache(maxsize=8)
def _open_once(path: Path, sha256: str, threads: int, device: str, _process: int) -> Network:
    """Open a network that no call before this one has opened in this process."""
    content = read_unaltered(path, sha256)
    return _describe(open_session(content, path, threads, device), path)


def open_session(content: bytes, path: Path, threads: int, device: str = "cpu") -> Any:
    """Open a session that leaves the other cores alone, in computing and in waiting.

    Parameters
    ----------
    content : bytes
        An ONNX file's.
    path : Path
        Where it lies, for messages.
    threads : int
        Threads that one run may use.
    device : str, optional
        ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    onnxruntime.InferenceSession
        Open.

    Raises
    ------
    EmbedderError
        Where it is no ONNX network that can be run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    providers = [_CUDA, _CPU_PROVIDER] if device == "cuda" else [_CPU_PROVIDER]
    try:
        session = onnxruntime.InferenceSession(content, options, providers)
    except Exception as error:  # the runtime's errors have no common base
        raise EmbedderError(f"{path}: not an ONNX network that can be run: {_first_line(error)}") from error
    # Where its libraries are missing, the runtime takes the processor without a word.
    if device == "cuda" and CUDA_PROVIDER not in session.get_providers():
        raise EmbedderError("ONNX Runtime's build for cards finds no card, or not its libraries")
    return session


def _describe(session: Any, path: Path) -> Network:
    """Check what an open network takes and gives."""
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise EmbedderError(f"{path}: a network with one image input is needed, this one has {len(inputs)} inputs")
    shape = [size if isinstance(size, int) else 0 for size in inputs[0].shape]
    if len(shape) != _IMAGE_AXES or shape[1] not in (1, _COLOUR) or inputs[0].type not in _TYPES:
        raise EmbedderError(
            f"{path}: the input must be images (n, 1 or 3, height, width) of floats, "
            f"not {inputs[0].type} of shape {tuple(inputs[0].shape)}"
        )
    outputs = {port.name: _known_shape(port.shape) for port in session.get_outputs()}
    batch, channels, height, width = shape
    return Network(session, batch, channels, height, width, _TYPES[inputs[0].type], outputs)


def _known_shape(declared: list[Any]) -> tuple[int, ...]:
    """Take a shape as the network declares it, 1 in the place of what only a run can tell."""
    return tuple(size if isinstance(size, int) else 1 for size in declared)


def _first_line(error: Exception) -> str:
    """Shorten a runtime's message to a line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
