"""The story on one screen: find objects, read, judge, write."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from epochsieve.places.ahead import fetch_ahead
from epochsieve.places.keeping import fetch_once
from epochsieve.places.place import find_place
from epochsieve.running.chunks import choose_chunk_size, cut_into_chunks
from epochsieve.tasks import SeriesTask, find_origin
from epochsieve.vocabulary.contracts import Method, Runner
from epochsieve.vocabulary.errors import EpochsieveError
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.parts import Part, SealedPart, Source, seal_part
from epochsieve.writing.provenance import Provenance
from epochsieve.writing.store import FindingsStore
from epochsieve.writing.unjudged import report_given_up, report_unjudged, report_unread

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one object.

    Attributes
    ----------
    task : SeriesTask
        The object.
    findings : Findings
        A row per epoch, judged or not.
    source : Source
        The images that were there.
    images : int
        How many.
    warnings : mapping of str to int
        How often a header gave rise to each kind of warning.
    """

    task: SeriesTask
    findings: Findings
    source: Source
    images: int
    warnings: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Parcel:
    """What became of a chunk of objects.

    Attributes
    ----------
    number : int
        The place of the first of them among all objects.
    part : SealedPart
        Their findings, ready to be written.
    objects, images : int
        How many.
    warnings : mapping of str to int
        How often a header gave rise to each kind of warning.
    """

    number: int
    part: SealedPart
    objects: int
    images: int
    warnings: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Begun:
    """An object whose images were read, or could not be.

    Attributes
    ----------
    task : SeriesTask
        The object.
    files : sequence of str
        Its images' names.
    source : Source
        Where they are, and which there were before they were read: what comes later is not judged.
    warnings : mapping of str to int
        How often a header gave rise to each kind of warning.
    series : CutoutSeries or None
        The images; None where they could not be read.
    failure : str
        Why not.
    """

    task: SeriesTask
    files: Sequence[str]
    source: Source
    warnings: Mapping[str, int]
    series: CutoutSeries | None
    failure: str = ""


@dataclass(frozen=True)
class SeriesWork:
    """What is done to one object, and to the findings of some, wherever work happens.

    Attributes
    ----------
    provenance : Provenance
        What the scores depend on.
    method : Method
        Judges the series.
    draw : callable
        Draws what was found; an error in drawing costs the picture alone.
    """

    provenance: Provenance
    method: Method
    draw: Callable[[Findings, CutoutSeries], object]

    def __call__(self, task: SeriesTask) -> Outcome:
        """Read and judge one object; whatever goes wrong, each of its epochs has a row."""
        return self.finish(self.begin(task), self.method.judge)

    def begin(self, task: SeriesTask) -> Begun:
        """Read one object."""
        with fetch_once():
            files, origin, counted = task.source.list_images(), find_origin(task), Counter[str]()
            try:
                series = replace(task.source.read(counted), name=task.name)
            except Exception as error:  # noqa: BLE001
                return Begun(task, files, origin, counted, None, _log_failure(task.name, "not read", error))
        return Begun(task, files, origin, counted, series)

    def finish(self, begun: Begun, judge: Callable[[CutoutSeries], Findings]) -> Outcome:
        """Judge an object that was read, by this method or by what is left of its steps, and draw it."""
        if begun.series is None:
            findings = report_unread(begun.task.name, begun.files, begun.failure)
        else:
            findings = self._judge_and_draw(begun.series, judge)
        return Outcome(begun.task, findings, begun.source, len(begun.files), begun.warnings)

    def give_up(self, task: SeriesTask, why: str) -> Outcome:
        """Say of an object that nobody can read or judge it: each of its images has a row."""
        _log.warning("%s: not judged: %s", task.name, why)
        files = task.source.list_images()
        return Outcome(task, report_given_up(task.name, files, why), find_origin(task), len(files), {})

    def join(self, results: Sequence[Outcome]) -> Parcel:
        """Make one part of the findings of some objects."""
        findings = concatenate_findings([outcome.findings for outcome in results])
        sources = {outcome.task.name: outcome.source for outcome in results}
        return Parcel(
            number=results[0].task.number,
            part=seal_part(Part(findings, sources, self.provenance)),
            objects=len(results),
            images=sum(outcome.images for outcome in results),
            warnings=sum((Counter(outcome.warnings) for outcome in results), Counter()),
        )

    def _judge_and_draw(self, series: CutoutSeries, judge: Callable[[CutoutSeries], Findings]) -> Findings:
        """Go from images to findings; no error of one object ends the run."""
        try:
            findings = judge(series)
        except Exception as error:  # noqa: BLE001
            return report_unjudged(series, _log_failure(series.name, "not judged", error))
        try:
            self.draw(findings, series)
        except Exception as error:  # noqa: BLE001
            _log_failure(series.name, "not drawn", error)
        return findings


def sieve_objects(
    tasks: Sequence[SeriesTask],
    work: SeriesWork,
    runner: Runner,
    store: FindingsStore,
    report: Callable[[Parcel], object],
) -> None:
    """Judge objects and write what was found.

    Objects go out in chunks, and each chunk comes back as one part of the findings: memory does not grow with the
    survey, and a killed run loses no more than the chunks that were under way.

    Parameters
    ----------
    tasks : sequence of SeriesTask
        The objects.
    work : SeriesWork
        What is done to each.
    runner : Runner
        Where it is done.
    store : FindingsStore
        Where findings go.
    report : callable
        Told of every parcel.
    """
    epochs_each = len(tasks[0].source.list_images()) if tasks else 0
    size = choose_chunk_size(len(tasks), epochs_each, runner.at_a_time)
    for parcel in runner.map(work, cut_into_chunks(tasks, size, runner.at_a_time)):
        store.add(parcel.number, parcel.part)
        report(parcel)


def list_missing(tasks: Iterable[SeriesTask], store: FindingsStore) -> list[SeriesTask]:
    """List the objects of which the store has no findings, or only of other images.

    Parameters
    ----------
    tasks : iterable of SeriesTask
        The objects asked for.
    store : FindingsStore
        Where findings are.

    Returns
    -------
    list of SeriesTask
        In the order given.
    """
    by_name = {task.name: task for task in tasks}
    found = store.find_missing(by_name, lambda names: _find_origins([by_name[name] for name in names]))
    return [by_name[name] for name in found]


def _find_origins(tasks: Sequence[SeriesTask]) -> Iterator[Source]:
    """Say where objects' images are, and which are there now; a store is asked for several at a time."""
    if tasks:
        yield from (find() for find in fetch_ahead(find_origin, tasks, find_place(tasks[0].source.origin)))


def _log_failure(name: str, what: str, error: Exception) -> str:
    """Say what failed in one line, log where, and return the line."""
    text = " ".join(str(error).split())
    line = text if isinstance(error, EpochsieveError) else f"{type(error).__name__}: {text}".removesuffix(": ")
    _log.warning("%s: %s: %s", name, what, line)
    _log.debug("%s: where it happened", name, exc_info=error)
    return line
