"""How fast the whole command is: beside its own stages, its networks, the disk, and the published algorithm."""

import csv
import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from epochsieve.jobs.measuring import Timing, time_published, time_starts, time_whole
from epochsieve.jobs.speed_report import FILES, MANY, NETWORK, PAPER, PAPER_NETWORK, PUBLISHED, WHOLE, Rate, SpeedReport
from epochsieve.jobs.stages import time_network, time_reading, time_stages
from epochsieve.judging.eight_bit import prepare_images
from epochsieve.judging.paper import PaperMethod
from epochsieve.judging.sieve import SieveMethod
from epochsieve.methods import open_method
from epochsieve.reading.sources import find_source
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.baselines.published import list_absent
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.series import FloatImage
from epochsieve.writing.store import read_findings

_log = logging.getLogger(__name__)

DIFFERENT = 20
"""So many objects are simulated; more are copies of these."""

NETWORK_IMAGES = 100
"""So many images the networks are given when they are measured alone."""


@dataclass(frozen=True)
class SpeedRequest:
    """What a speed benchmark is asked to measure.

    Attributes
    ----------
    survey : str
        Which survey to simulate.
    objects : int
        How many objects the command is given.
    more : int
        How many it is given besides, for the cost of one more; 0 to leave that out.
    few : int
        How many ``--method paper``, and a fifth of which the published algorithm is given: both are slow.
    workers : int
        Worker processes, beside a single one.
    repeats : int
        How often each command is run; the fastest run counts.
    seed : int
        Of the survey.
    """

    survey: str = "vst"
    objects: int = 100
    more: int = 0
    few: int = 20
    workers: int = 2
    repeats: int = 3
    seed: int = 1000


@dataclass(frozen=True)
class _Bench:
    """Objects on disk, and where results go."""

    request: SpeedRequest
    folders: Sequence[Path]
    images_each: int
    out: Path

    def rate(self, name: str, objects: int, timing: Timing | float, workers: int = 1) -> Rate:
        """Make a rate of what some objects took: a command's timing, or seconds."""
        measured = astuple(timing) if isinstance(timing, Timing) else (timing,)
        rate = Rate(name, workers, objects, objects * self.images_each, *measured)
        _log.info("%s, workers %d: %.1f images/s", name, workers, rate.per_second)
        return rate


def measure_speed(request: SpeedRequest) -> SpeedReport:
    """Measure everything; what is a command runs in processes of its own, the rest in this one, on one core.

    Parameters
    ----------
    request : SpeedRequest
        What to measure.

    Returns
    -------
    SpeedReport
        Rates, ratios and start-up times.

    Raises
    ------
    SettingError
        Where there is no such survey.
    EpochsieveError
        Where a command fails.
    """
    if request.survey not in SURVEYS:
        raise SettingError(f"no survey {request.survey!r}: choose one of {', '.join(SURVEYS)}")
    with TemporaryDirectory(prefix="epochsieve-speed-") as name:
        bench = _set_up(request, Path(name))
        rates = [*_measure_whole(bench), *_measure_stages(bench), *_measure_paper(bench)]
        absent = list_absent()
        published, alike = ([], None) if absent else _measure_published(bench)
        remarks = [f"published algorithm: not measured, for want of {', '.join(absent)}"] if absent else []
        shape = find_source(bench.folders[0]).read(Counter()).stack.shape
        return SpeedReport(asdict(request), shape, [*rates, *published], time_starts(request.repeats), alike, remarks)


def make_objects(survey: str, objects: int, seed: int, root: Path) -> list[Path]:
    """Write objects' folders; only the first are simulated, the others are copies.

    Parameters
    ----------
    survey : str
        One of `SURVEYS`.
    objects : int
        How many.
    seed : int
        Of the survey.
    root : Path
        Folder to write them to.

    Returns
    -------
    list of Path
        One per object.
    """
    folders = list(write_survey(SURVEYS[survey], min(objects, DIFFERENT), seed, root))
    return folders + [
        Path(shutil.copytree(folders[number % len(folders)], root / f"{survey}{number + 1:06d}"))
        for number in range(len(folders), objects)
    ]


def _set_up(request: SpeedRequest, place: Path) -> _Bench:
    """Simulate the objects."""
    _log.info("making %d objects of survey %s", request.objects, request.survey)
    folders = make_objects(request.survey, request.objects, request.seed, place / "survey")
    out = place / "out"
    out.mkdir()
    return _Bench(request, folders, len(list(folders[0].glob("*.fits"))), out)


def _measure_whole(bench: _Bench) -> Iterator[Rate]:
    """Measure the command with the default method: one worker, several, and more objects."""
    request, root = bench.request, bench.folders[0].parent
    timings = {
        workers: min(time_whole([root], bench.out / "whole", workers) for _ in range(request.repeats))
        for workers in dict.fromkeys((1, request.workers))
    }
    for workers, timing in timings.items():
        yield bench.rate(WHOLE, len(bench.folders), timing, workers)
    if request.more:
        copies = make_objects(request.survey, request.objects + request.more, request.seed, bench.out / "more")
        timing = time_whole([bench.out / "more"], bench.out / "whole", request.workers)
        shutil.rmtree(bench.out / "more")
        yield bench.rate(MANY, len(copies), timing, request.workers)


def _measure_stages(bench: _Bench) -> Iterator[Rate]:
    """Measure raw reading, the default method's stages and its network."""
    method = open_method("sieve")
    assert isinstance(method, SieveMethod)
    objects = len(bench.folders)
    yield bench.rate(FILES, objects, min(time_reading(bench.folders) for _ in range(bench.request.repeats)))
    for stage, seconds in time_stages(bench.folders, method, bench.out).items():
        yield bench.rate(stage, objects, seconds)
    images = np.nan_to_num(_read_images(bench))
    yield Rate(NETWORK, 1, 0, len(images), time_network(method.embedder.embed, images))


def _measure_paper(bench: _Bench) -> Iterator[Rate]:
    """Measure the command with ``--method paper``, and its network."""
    few = bench.folders[: bench.request.few]
    for workers in dict.fromkeys((1, bench.request.workers)):
        timing = time_whole(few, bench.out / "paper", workers, "paper")
        yield bench.rate(PAPER, len(few), timing, workers)
    images, method = prepare_images(_read_images(bench)), open_method("paper")
    assert isinstance(method, PaperMethod)
    yield Rate(PAPER_NETWORK, 1, 0, len(images), time_network(method.embedder.embed, images))


def _measure_published(bench: _Bench) -> tuple[list[Rate], float]:
    """Measure the published algorithm, and how many epochs ``--method paper`` decides alike."""
    least = bench.out / "published"
    chosen = bench.folders[: max(1, bench.request.few // 5)]
    for folder in chosen:
        shutil.copytree(folder, least / folder.name)
    table = bench.out / "published.csv"
    timing = time_published(least, table)
    findings = read_findings(bench.out / "paper")
    ours = dict(zip(zip(findings["object"], findings["file"], strict=True), findings["flagged"], strict=True))
    with table.open(newline="") as file:
        alike = [bool(ours[row["object"], row["file"]]) == (row["flagged"] == "True") for row in csv.DictReader(file)]
    return [bench.rate(PUBLISHED, len(chosen), timing)], float(np.mean(alike))


def _read_images(bench: _Bench) -> FloatImage:
    """Read images for the networks, shape (images, height, width)."""
    cubes = (find_source(folder).read(Counter()).cube for folder in bench.folders)
    read = next(cubes)
    while len(read) < NETWORK_IMAGES and (more := next(cubes, None)) is not None:
        read = np.concatenate([read, more])
    return read[:NETWORK_IMAGES]
