"""What a network costs at least: its operations and the bytes that it moves, and how many of both a device does."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from epochsieve.embedding.torch_network import TorchNetwork

LEAST_ROUNDS = 3
"""A step is timed so often at least; the best counts."""

_SIDES = {"cuda": 8192, "cpu": 256}
_COPIED = {"cuda": 2**30, "cpu": 2**24}
_HEAVY = (torch.ops.aten.convolution, torch.ops.aten.mm, torch.ops.aten.addmm)


@dataclass(frozen=True)
class Costs:
    """What one image costs a network.

    Attributes
    ----------
    operations : float
        Multiplications and additions of its convolutions and products of matrices.
    bytes : float
        That these read and write, weights apart: all else can be done while a value is at hand.
    """

    operations: float
    bytes: float


def count_costs(content: bytes, shape: tuple[int, ...], output: str, precision: str) -> Costs:
    """Count what one more image costs, without computing anything.

    Parameters
    ----------
    content : bytes
        An ONNX file's.
    shape : tuple of int
        Channels, height and width of an image.
    output : str
        Which output is asked for.
    precision : str
        ``"float32"`` or ``"float16"``.

    Returns
    -------
    Costs
        Of one image.
    """
    network = TorchNetwork(content, "meta", precision)  # shapes without values
    one, two = (_count(network, torch.empty(n, *shape, device="meta"), output) for n in (1, 2))
    return Costs(two.operations - one.operations, two.bytes - one.bytes)


def name_device(device: str) -> str:
    """Name a device as PyTorch does."""
    return str(torch.cuda.get_device_name()) if device == "cuda" else f"processor, {torch.get_num_threads()} threads"


def measure_operations(device: str, precision: str, seconds: float) -> float:
    """Measure how many operations a second a device does: those of a product of large matrices."""
    side = _SIDES[device]
    matrix = torch.ones(side, side, device=device, dtype=getattr(torch, precision))
    return float(2 * side**3 / time_best(lambda: matrix @ matrix, device, seconds))


def measure_bandwidth(device: str, seconds: float) -> float:
    """Measure how many bytes a second a device's memory gives and takes, by copying there."""
    source = torch.ones(_COPIED[device], device=device, dtype=torch.uint8)
    target = torch.empty_like(source)
    return 2 * len(source) / time_best(lambda: target.copy_(source), device, seconds)


def time_on_device(network: TorchNetwork, images: NDArray[Any], output: str, at_once: int, seconds: float) -> float:
    """Time a network on images that are on its device already, in seconds for all of them."""
    batches = torch.from_numpy(images).to(network.device).split(at_once)
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return time_best(lambda: [network.run(batch, output) for batch in batches], network.device.type, seconds)


def time_best(step: Callable[[], object], device: str, seconds: float) -> float:
    """Time a step, the best of as many times as fit into some seconds, after one that doesn't count."""
    wait = torch.cuda.synchronize if device == "cuda" else int
    taken: list[float] = []
    step()
    wait()
    while len(taken) < LEAST_ROUNDS or sum(taken) < seconds:
        started = time.perf_counter()
        step()
        wait()
        taken.append(time.perf_counter() - started)
    return min(taken)


class _Traffic(TorchDispatchMode):  # type: ignore[misc] # PyTorch is Any here
    """Adds up the bytes that convolutions and products of matrices read and write."""

    def __init__(self) -> None:
        """Begin at none."""
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Do what was asked, and count it."""
        result = function(*args, **(kwargs or {}))
        if function.overloadpacket in _HEAVY:
            tensors = [value for value in (*args, result) if isinstance(value, torch.Tensor)]
            self.bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
        return result


def _count(network: TorchNetwork, images: Any, output: str) -> Costs:
    """Count what images cost together."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter, _Traffic() as traffic:
        network.run(images, output)
    return Costs(float(counter.get_total_flops()), float(traffic.bytes))
