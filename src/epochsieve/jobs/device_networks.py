"""How fast networks alone are on a device, beside what the device could do at most."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.jobs.device_report import DeviceRate, Floor
from epochsieve.judging.eight_bit import weigh_as_pillow

PIXELS = {"cuda": 2**25, "cpu": 2**16}
"""Pixels of the images that a network is given."""

PRECISIONS = ("float32", "float16")

_BATCHES = 2  # so that one may travel while the other is computed
_PHOTOGRAPH = 224  # the side of the images that --method paper makes of cutouts


@dataclass(frozen=True, eq=False)
class _Case:
    """A network, and the images that it is measured with: as they are in memory, and as it sees them."""

    name: str
    network: TorchEmbedder | TorchEye
    run: Callable[[NDArray[Any]], object]
    images: NDArray[Any]
    seen: NDArray[np.float32]


def measure_networks(
    device: str, shape: tuple[int, ...], seconds: float, operations: dict[str, float], bandwidth: float
) -> Iterator[DeviceRate]:
    """Measure the networks of both methods in each way of computing that a device has.

    Parameters
    ----------
    device : str
        ``"cuda"`` or ``"cpu"``.
    shape : tuple of int
        Height and width of the cutouts.
    seconds : float
        How long each is measured, at least.
    operations : dict of str to float
        Operations a second that the device does, by precision.
    bandwidth : float
        Bytes a second that its memory gives and takes.

    Yields
    ------
    DeviceRate
        For each network: images in memory, the way there and back included; and images that are there already.
    """
    from epochsieve.embedding.torch_device import COMPILERS

    for precision in PRECISIONS:
        for compiled in dict.fromkeys((False, device in COMPILERS)):
            for case in _list_cases(shape, device, precision, compiled):
                yield _measure(case, seconds, _find_floor(case, operations[precision], bandwidth))


def _list_cases(shape: tuple[int, ...], device: str, precision: str, compiled: bool) -> Iterator[_Case]:
    """List the networks, each with images."""
    count = max(_BATCHES, PIXELS[device] // (shape[0] * shape[1]))
    noise = np.random.default_rng(0).normal(size=(count, 1, *shape)).astype(np.float32)
    embedder = TorchEmbedder(open_embedder(output="stride8"), device, precision, compiled)
    yield _Case("embedder of the default method", embedder, embedder.embed, noise[:, 0], noise)
    eye = TorchEye(open_eye(), device, precision, compiled)
    views = np.repeat(noise, eye.open().channels, axis=1)
    yield _Case("eye of the default method", eye, eye.look, views, views)
    paper = TorchEmbedder(open_embedder(output="last"), device, precision, compiled)
    few = max(_BATCHES, PIXELS[device] // _PHOTOGRAPH**2)
    yield _Case(
        "network of --method paper",
        paper,
        lambda images: paper.embed_eight_bit(images, *weigh_as_pillow(shape)),
        np.clip(128 + 40 * noise[:few, 0], 0, 255).astype(np.uint8),
        np.zeros((few, 1, _PHOTOGRAPH, _PHOTOGRAPH), np.float32),
    )


def _measure(case: _Case, seconds: float, floor: Floor) -> DeviceRate:
    """Measure a network from memory, and on the device."""
    from epochsieve.embedding.torch_costs import time_best, time_on_device

    network, count = case.network, len(case.images)
    whole = time_best(lambda: case.run(case.images), network.device, seconds)
    there = time_on_device(network.open(), case.seen, _find_port(network), -(-count // _BATCHES), seconds)
    how = f"{network.precision}{', compiled' if network.compiled else ''}"
    return DeviceRate(case.name, how, count / whole, count / there, floor)


def _find_floor(case: _Case, operations: float, bandwidth: float) -> Floor:
    """Find how many images a second there can be at most."""
    from epochsieve.embedding.torch_costs import count_costs

    network = case.network
    path = network.network.path if isinstance(network, TorchEmbedder) else network.eye.looks.path
    costs = count_costs(path.read_bytes(), case.seen.shape[1:], _find_port(network), network.precision)
    return Floor(operations / costs.operations, bandwidth / costs.bytes)


def _find_port(network: TorchEmbedder | TorchEye) -> str:
    """Find the output that the network's values come from."""
    return network.port if isinstance(network, TorchEmbedder) else network.open().outputs[0]
