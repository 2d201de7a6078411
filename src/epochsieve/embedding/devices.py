"""Where networks run: on the processor, or on a graphics card where there is one."""

import logging
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from epochsieve.embedding.onnx_embedder import OnnxEmbedder
from epochsieve.embedding.onnx_eye import OnnxEye
from epochsieve.embedding.onnx_session import CUDA_PROVIDER, open_network, read_network
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.vocabulary.contracts import Embedder, Eye
from epochsieve.vocabulary.errors import EmbedderError, SettingError

Network = TypeVar("Network")

DEVICES = ("cpu", "cuda", "auto")
"""What may be asked for, the default first: results of the processor are the same everywhere."""

_log = logging.getLogger(__name__)


def place_embedder(network: OnnxEmbedder, device: str) -> Embedder:
    """Choose where a network runs.

    Parameters
    ----------
    network : OnnxEmbedder
        The network.
    device : str
        ``"cpu"``; ``"cuda"``, by PyTorch, or by ONNX Runtime where only that can use the card or knows all of the
        network; or ``"auto"``, for cuda where it works.

    Returns
    -------
    Embedder
        Its name says so where it is not the processor.

    Raises
    ------
    SettingError
        Where there is no such device.
    EmbedderError
        Where a card is asked for, and there is none that can be used.
    """

    def choose_torch() -> Embedder:
        require_torch("cuda")
        _try_out(network.path)
        return TorchEmbedder(network)

    def choose_runtime() -> Embedder:
        _ask_runtime()
        placed = replace(network, device="cuda")
        open_network(placed.path, placed.sha256, placed.threads, placed.device)
        return placed

    return _choose(device, lambda: network, choose_torch, choose_runtime)


def place_eye(eye: OnnxEye, device: str) -> Eye:
    """Choose where an eye runs.

    Parameters
    ----------
    eye : OnnxEye
        The eye.
    device : str
        As for `place_embedder`.

    Returns
    -------
    Eye
        Its name says so where it is not the processor.

    Raises
    ------
    InputError
        As for `place_embedder`.
    """

    def choose_torch() -> Eye:
        require_torch("cuda")
        _try_out(eye.looks.path)
        return TorchEye(eye)

    def choose_runtime() -> Eye:
        _ask_runtime()
        placed = replace(eye, name=f"{eye.name} on cuda", device="cuda")
        placed.open()
        return placed

    return _choose(device, lambda: eye, choose_torch, choose_runtime)


def is_on_card(network: Embedder | Eye) -> bool:
    """Say whether a network runs on a graphics card.

    Parameters
    ----------
    network : Embedder or Eye
        What `place_embedder` or `place_eye` chose, or any other.

    Returns
    -------
    bool
        False for what doesn't say.
    """
    return getattr(network, "device", "cpu") == "cuda"


def _choose(device: str, on_processor: Callable[[], Network], *on_card: Callable[[], Network]) -> Network:
    """Take the first way to the card that works, where one is asked for."""
    if device not in DEVICES:
        raise SettingError(f"no device {device!r}: choose one of {', '.join(DEVICES)}")
    if device == "cpu":
        return on_processor()
    reasons = []
    for choose in on_card:
        try:
            return choose()
        except EmbedderError as error:
            reasons.append(str(error))
    if device == "auto":
        _log.info("networks run on the processor: %s", "; ".join(reasons))
        return on_processor()
    raise EmbedderError(f"no graphics card can be used: {'; '.join(reasons)}")


def require_torch(device: str) -> None:
    """Make sure that PyTorch can run networks on a device.

    Parameters
    ----------
    device : str
        ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    EmbedderError
        Where it is not installed, or sees no card.
    """
    if missing := [package for package in ("torch", "onnx") if find_spec(package) is None]:
        raise EmbedderError(f"{' and '.join(missing)} not installed (pip install 'epochsieve[gpu]')")
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise EmbedderError(f"PyTorch {torch.__version__} sees none")


def _try_out(path: Path) -> None:
    """Make sure that PyTorch knows all of a network."""
    from epochsieve.embedding.torch_network import TorchNetwork

    TorchNetwork(read_network(path)[0], "cpu", "float32")


def _ask_runtime() -> None:
    """Ask whether ONNX Runtime's build for cards is installed; an error says that it is not."""
    import onnxruntime

    if CUDA_PROVIDER not in onnxruntime.get_available_providers():
        raise EmbedderError("this build of ONNX Runtime uses none (pip install onnxruntime-gpu)")
