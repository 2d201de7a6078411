"""A whole run, from folders of images to a results folder."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Protocol

from epochsieve import __version__
from epochsieve.jointly import JointSeriesWork
from epochsieve.pipeline import Parcel, SeriesWork, list_missing, sieve_objects
from epochsieve.places.place import Place, find_place
from epochsieve.reading.sources import find_sources
from epochsieve.running.in_process import InProcess
from epochsieve.tasks import list_tasks
from epochsieve.vocabulary.contracts import JointMethod, Method, Runner, SeriesSource
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.vocabulary.settings import ReadSettings
from epochsieve.writing.provenance import Provenance, RunRecord, now, write_record
from epochsieve.writing.shard import WHOLE, Shard
from epochsieve.writing.store import PLOTS_FOLDER, Existing, open_store


class Progress(Protocol):
    """Somebody who wants to know how far a run is."""

    def start(self, objects: int) -> None:
        """Be told how many objects there are to judge."""

    def advance(self, images: int, objects: int = 1) -> None:
        """Be told that some are judged, and how many images they have."""


@dataclass(frozen=True)
class SieveRequest:
    """What a run is asked to do.

    Attributes
    ----------
    roots : sequence of str
        Folders, files, glob patterns or addresses.
    results : Path or RemotePath
        The results folder.
    method : Method
        Judges.
    reading : ReadSettings
        How files become series.
    existing : Existing
        What to do about findings that are there already.
    plots : bool
        Whether pictures of the objects with flagged epochs are drawn.
    runner : Runner
        Where objects are read and judged.
    shard : Shard
        The share of the objects.
    sources : sequence of SeriesSource, optional
        The objects, where they were found already; the roots are then only named.
    cutting : dict, optional
        How they were cut out of frames, as JSON.
    """

    roots: Sequence[str]
    results: Place
    method: Method
    reading: ReadSettings = field(default_factory=ReadSettings)
    existing: Existing = Existing.REFUSE
    plots: bool = False
    runner: Runner = field(default_factory=InProcess)
    shard: Shard = WHOLE
    sources: Sequence[SeriesSource] = ()
    cutting: Mapping[str, Any] = field(default_factory=dict)

    @property
    def provenance(self) -> Provenance:
        """What the scores will depend on."""
        cutting = {"cutting": dict(self.cutting)} if self.cutting else {}
        return Provenance(__version__, {**self.method.describe(), "reading": asdict(self.reading), **cutting})

    def find_sources(self) -> Iterable[SeriesSource]:
        """Find the objects, where they were not found already."""
        return self.sources or (source for root in self.roots for source in find_sources(root, self.reading))


def sieve_to_disk(request: SieveRequest, progress: Progress) -> RunRecord:
    """Judge all objects that are asked for, and write findings, pictures and the run's record.

    Parameters
    ----------
    request : SieveRequest
        What to do.
    progress : Progress
        Told how far it is.

    Returns
    -------
    RunRecord
        What stands in ``run.json``.

    Raises
    ------
    InputError
        Where there is nothing to judge, or nowhere to write it.
    """
    started = now()
    tasks = [task for task in list_tasks(request.find_sources()) if request.shard.holds(task.name)]
    work = _choose_work(request)
    watch = _Watch(progress)
    with open_store(request.results, request.provenance, request.existing, request.shard) as store:
        missing = list_missing(tasks, store)
        progress.start(len(missing))
        sieve_objects(missing, work, request.runner, store, watch.take)
        record = RunRecord(
            provenance=request.provenance,
            inputs=[str(find_place(root).resolve()) for root in request.roots],
            started=started,
            ended=now(),
            images=watch.images,
            kept=len(tasks) - len(missing),
            tally=store.tally,
            parts=store.parts,
            shard=request.shard,
            warnings=watch.warnings,
        )
        write_record(request.results, record)
    return record


class _Watch:
    """Counts what goes by, and passes it on."""

    def __init__(self, progress: Progress) -> None:
        self.images = 0
        self.warnings: Counter[str] = Counter()
        self._progress = progress

    def take(self, parcel: Parcel) -> None:
        """Count one parcel."""
        self.images += parcel.images
        self.warnings.update(parcel.warnings)
        self._progress.advance(parcel.images, parcel.objects)


def _choose_work(request: SieveRequest) -> SeriesWork:
    """Judge objects together where the method gains by it, else one by one."""
    method, draw = request.method, _choose_drawer(request)
    if isinstance(method, JointMethod) and method.pixels_at_once:
        return JointSeriesWork(request.provenance, method, draw)
    return SeriesWork(request.provenance, method, draw)


def _choose_drawer(request: SieveRequest) -> Callable[[Findings, CutoutSeries], object]:
    """Draw pictures into the results folder, or none."""
    return partial(_draw, request.method, request.results / PLOTS_FOLDER) if request.plots else _draw_nothing


def _draw(method: Method, folder: Place, findings: Findings, series: CutoutSeries) -> None:
    """Draw what was found in a series, where anything was."""
    if findings["flagged"].any():
        from epochsieve.showing.plots import write_plots

        write_plots(findings, series, method.explain(series), folder)


def _draw_nothing(findings: Findings, series: CutoutSeries) -> None:
    """Leave findings without a picture."""
