"""How fast a device is: networks alone, whole methods with their data in memory, and the published notebook's steps."""

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, replace

import numpy as np

from epochsieve.embedding.devices import require_torch
from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.jobs.device_networks import PIXELS, PRECISIONS, measure_networks
from epochsieve.jobs.device_report import NOTEBOOK, PAPER, PROCESSOR, SIEVE, DeviceRate, DeviceReport
from epochsieve.jobs.stages import time_step
from epochsieve.judging.paper import PaperMethod
from epochsieve.judging.sieve import SieveMethod
from epochsieve.methods import PIXELS_AT_ONCE
from epochsieve.simulating.baselines.published import compute_features, list_absent, measure_distances
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.vocabulary.contracts import JointMethod
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.series import CutoutSeries

DIFFERENT = 20
"""So many objects are simulated; more are these again."""

STEPS = ("before the networks", "networks", "after the networks")
"""What a method does one after the other; the networks alone are on the device."""


@dataclass(frozen=True)
class DeviceRequest:
    """What is to be measured.

    Attributes
    ----------
    device : str
        ``"cuda"``, or ``"cpu"`` to try it out.
    survey : str
        Which survey to simulate.
    objects : int
        How many objects the methods are given.
    few : int
        How many of them the notebook's steps are given.
    rate, half_rate : float
        Operations a second of the device in single and half precision; 0 to measure them.
    bandwidth : float
        Bytes a second of its memory; 0 to measure that.
    seconds : float
        How long each network is measured, at least.
    seed : int
        Of the survey.
    """

    device: str = "cuda"
    survey: str = "vst"
    objects: int = 100
    few: int = 5
    rate: float = 0.0
    half_rate: float = 0.0
    bandwidth: float = 0.0
    seconds: float = 2.0
    seed: int = 1000


def measure_device(request: DeviceRequest) -> DeviceReport:
    """Measure everything, in this process.

    Parameters
    ----------
    request : DeviceRequest
        What to measure.

    Returns
    -------
    DeviceReport
        Rates, and the most that there could be.

    Raises
    ------
    SettingError
        Where there is no such survey or device.
    EmbedderError
        Where PyTorch is missing or sees no card.
    """
    for kind, name, known in (("survey", request.survey, SURVEYS), ("device", request.device, PIXELS)):
        if name not in known:
            raise SettingError(f"no {kind} {name!r}: choose one of {', '.join(known)}")
    require_torch(request.device)
    from epochsieve.embedding.torch_costs import measure_bandwidth, measure_operations, name_device

    stated = zip(PRECISIONS, (request.rate, request.half_rate), strict=True)
    operations = {name: rate or measure_operations(request.device, name, request.seconds) for name, rate in stated}
    bandwidth = request.bandwidth or measure_bandwidth(request.device, request.seconds)
    skies, absent = _simulate(request), list_absent()
    rates = [
        *measure_networks(request.device, skies[0].stack.shape, request.seconds, operations, bandwidth),
        *_measure_methods(request.device, skies),
        *(() if absent else (_measure_notebook(request.device, skies[: request.few]),)),
    ]
    remarks = [f"{NOTEBOOK}: not measured, for want of {', '.join(absent)}"] if absent else []
    return DeviceReport(asdict(request), name_device(request.device), operations, bandwidth, rates, remarks)


def _simulate(request: DeviceRequest) -> list[CutoutSeries]:
    """Simulate the objects, in memory."""
    some = min(request.objects, DIFFERENT)
    generators = (np.random.default_rng([request.seed, number]) for number in range(1, some + 1))
    made = [simulate_series(SURVEYS[request.survey], rng).series for rng in generators]
    return [replace(made[number % some], name=str(number)) for number in range(request.objects)]


def _measure_methods(device: str, skies: Sequence[CutoutSeries]) -> Iterator[DeviceRate]:
    """Measure both methods with their networks on the device, and the default one's steps."""
    network, eye, last = open_embedder(output="stride8"), open_eye(), open_embedder(output="last")
    images = sum(len(series.epochs) for series in skies)
    steps = _time_steps(SieveMethod(TorchEmbedder(network, device), TorchEye(eye, device)), skies)
    yield DeviceRate(SIEVE, "float32", images / sum(steps))
    yield from (DeviceRate(f"- {step}", "", images / taken) for step, taken in zip(STEPS, steps, strict=True))
    yield DeviceRate(PROCESSOR, "float32", images / sum(_time_steps(SieveMethod(network, eye), skies)))
    yield DeviceRate(PAPER, "float32", images / sum(_time_steps(PaperMethod(TorchEmbedder(last, device)), skies)))


def _time_steps(method: JointMethod, skies: Sequence[CutoutSeries]) -> list[float]:
    """Time a method's three steps, in seconds for all series: as many together as a run looks at together."""
    method.judge(skies[0])  # what is made once is made now
    together = max(1, PIXELS_AT_ONCE // (skies[0].stack.size * len(skies[0].epochs)))
    clock = dict.fromkeys(STEPS, 0.0)
    for start in range(0, len(skies), together):
        with time_step(clock, STEPS[0]):
            prepared = [method.prepare(series) for series in skies[start : start + together]]
        with time_step(clock, STEPS[1]):
            seen = method.look(prepared)
        with time_step(clock, STEPS[2]):
            for one, glance in zip(prepared, seen, strict=True):
                method.weigh(one, glance)
    return [clock[step] for step in STEPS]


def _measure_notebook(device: str, skies: Sequence[CutoutSeries]) -> DeviceRate:
    """Measure the notebook's steps, from images in memory to distances."""
    objects = [[np.nan_to_num(image) for image in (series.stack, *series.cube)] for series in skies]
    with redirect_stdout(io.StringIO()):  # its library says each time that it has loaded the network
        compute_features(objects[0][:2], device)
        started = time.perf_counter()
        for images in objects:
            measure_distances(compute_features(images, device))
        seconds = time.perf_counter() - started
    return DeviceRate(NOTEBOOK, "float32", sum(len(series.epochs) for series in skies) / seconds)
