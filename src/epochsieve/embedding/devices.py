"""Where networks run: on the processor, or on a graphics card where there is one."""

import logging
from dataclasses import replace
from importlib.util import find_spec

from epochsieve.embedding.onnx_embedder import OnnxEmbedder
from epochsieve.embedding.onnx_session import CUDA_PROVIDER, open_network, read_network
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.vocabulary.contracts import Embedder
from epochsieve.vocabulary.errors import EmbedderError, SettingError

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
    if device not in DEVICES:
        raise SettingError(f"no device {device!r}: choose one of {', '.join(DEVICES)}")
    if device == "cpu":
        return network
    reasons = []
    for choose in (_choose_torch, _choose_runtime):
        try:
            return choose(network)
        except EmbedderError as error:
            reasons.append(str(error))
    if device == "auto":
        _log.info("networks run on the processor: %s", "; ".join(reasons))
        return network
    raise EmbedderError(f"no graphics card can be used: {'; '.join(reasons)}")


def _choose_torch(network: OnnxEmbedder) -> Embedder:
    """Let PyTorch run it, where it sees a card and knows all of the network."""
    if missing := [package for package in ("torch", "onnx") if find_spec(package) is None]:
        raise EmbedderError(f"{' and '.join(missing)} not installed (pip install 'epochsieve[gpu]')")
    import torch

    if not torch.cuda.is_available():
        raise EmbedderError(f"PyTorch {torch.__version__} sees none")
    from epochsieve.embedding.torch_network import TorchNetwork

    TorchNetwork(read_network(network.path)[0], "cpu", "float32")
    return TorchEmbedder(network)


def _choose_runtime(network: OnnxEmbedder) -> Embedder:
    """Let ONNX Runtime run it on the card, where its build for cards is installed."""
    import onnxruntime

    if CUDA_PROVIDER not in onnxruntime.get_available_providers():
        raise EmbedderError("this build of ONNX Runtime uses none (pip install onnxruntime-gpu)")
    placed = replace(network, device="cuda")
    open_network(placed.path, placed.sha256, placed.threads, placed.device)
    return placed
