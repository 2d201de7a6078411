"""The stages of a run, each alone at full speed: on one core, in this process, with hot caches."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from epochsieve import __version__
from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import build_scene
from epochsieve.judging.sieve import SieveMethod, find_empty
from epochsieve.judging.units import choose_unit, compare_in_own_unit, rescale
from epochsieve.judging.weighing.testimony import prepare_residual
from epochsieve.reading.sources import find_source
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.vocabulary.series import CutoutSeries, FloatImage
from epochsieve.writing.parts import Part, Source, seal_part, write_part
from epochsieve.writing.provenance import Provenance

STAGES = ("read", "prepare", "fit", "embed", "judge", "write")
"""In the order of a run: from files to arrays; missing pixels, levels and the reference; the fit of every epoch; the
network; the detectors and the score; from rows to a file."""


def time_stages(folders: Sequence[Path], method: SieveMethod, out: Path) -> dict[str, float]:
    """Time each stage of the default method.

    Parameters
    ----------
    folders : sequence of Path
        Objects' folders.
    method : SieveMethod
        The method.
    out : Path
        A folder to write to.

    Returns
    -------
    dict of str to float
        Seconds for all objects together, by the names in `STAGES`.
    """
    method.judge(find_source(folders[0]).read(Counter()))  # what is made once is made now
    clock: dict[str, float] = dict.fromkeys(STAGES, 0.0)
    found: list[Findings] = []
    for folder in folders:
        with time_step(clock, "read"):
            series = find_source(folder).read(Counter())
        _time_judging(clock, series, method)
        found.append(method.judge(series))
    with time_step(clock, "write"):
        _write(found, folders, method, out)
    return clock


def time_reading(folders: Sequence[Path]) -> float:
    """Time how long it takes to read all files and do nothing with them, in seconds."""
    started = time.perf_counter()
    for folder in folders:
        for path in folder.iterdir():
            path.read_bytes()
    return time.perf_counter() - started


def time_network(run: Callable[[FloatImage], object], images: FloatImage) -> float:
    """Time a network on images that are ready, shape (images, height, width), in seconds."""
    run(images[:1])
    started = time.perf_counter()
    run(images)
    return time.perf_counter() - started


def _time_judging(clock: dict[str, float], series: CutoutSeries, method: SieveMethod) -> None:
    """Time what the default method does to a series; what has no seam of its own is told by differences."""
    cube = series.cube[~find_empty(series.cube)]
    parts = dict.fromkeys(("prepare", "compare", "embed", "all"), 0.0)
    with time_step(parts, "prepare"):
        scaled = rescale(cube, choose_unit(cube))
        build_scene(scaled, find_missing(scaled), series.stack)
    with time_step(parts, "compare"):
        comparison, _, _ = compare_in_own_unit(cube, series.stack)
        residual = prepare_residual(comparison)
    with time_step(parts, "embed"):
        method.embedder.embed(residual)
    with time_step(parts, "all"):
        method.judge(series)
    clock["prepare"] += parts["prepare"]
    clock["fit"] += parts["compare"] - parts["prepare"]
    clock["embed"] += parts["embed"]
    clock["judge"] += max(0.0, parts["all"] - parts["compare"] - parts["embed"])


def _write(found: Sequence[Findings], folders: Sequence[Path], method: SieveMethod, out: Path) -> None:
    """Write findings as a run does, in one part."""
    sources = {folder.name: Source(str(folder), "") for folder in folders}
    part = seal_part(Part(concatenate_findings(found), sources, Provenance(__version__, method.describe())))
    write_part(out / "part.parquet", part)


@contextmanager
def time_step(clock: dict[str, float], stage: str) -> Iterator[None]:
    """Add the seconds that a block takes to a stage's."""
    started = time.perf_counter()
    yield
    clock[stage] += time.perf_counter() - started
