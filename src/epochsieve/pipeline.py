"""The story on one screen: find objects, read, judge, write."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from epochsieve.vocabulary.contracts import Method, Runner, SeriesSource
from epochsieve.vocabulary.errors import EpochsieveError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.parts import Source
from epochsieve.writing.store import FindingsStore
from epochsieve.writing.unjudged import report_given_up, report_unjudged, report_unread

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SeriesTask:
    """One object to judge.

    Attributes
    ----------
    name : str
        What its findings call it; no other object of the run has this name.
    source : SeriesSource
        Where its images are.
    """

    name: str
    source: SeriesSource


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one object.

    Attributes
    ----------
    findings : Findings
        A row per epoch, judged or not.
    source : Source
        The images that were there.
    images : int
        How many.
    warnings : mapping of str to int
        How often a header gave rise to each kind of warning.
    """

    findings: Findings
    source: Source
    images: int
    warnings: Mapping[str, int]


@dataclass(frozen=True)
class SeriesWork:
    """What is done to one object, wherever work happens.

    Attributes
    ----------
    method : Method
        Judges the series.
    draw : callable
        Draws what was found; an error in drawing costs the picture alone.
    """

    method: Method
    draw: Callable[[Findings, CutoutSeries], object]

    def __call__(self, task: SeriesTask) -> Outcome:
        """Read and judge one object; whatever goes wrong, each of its epochs has a row."""
        files, origin = task.source.list_images(), find_origin(task)  # before reading: what comes later is not judged
        counted: Counter[str] = Counter()
        findings = self._read_and_judge(task, files, counted)
        return Outcome(findings, origin, len(files), counted)

    def give_up(self, task: SeriesTask, why: str) -> Outcome:
        """Say of an object that nobody can read or judge it: each of its images has a row."""
        _log.warning("%s: not judged: %s", task.name, why)
        files = task.source.list_images()
        return Outcome(report_given_up(task.name, files, why), find_origin(task), len(files), {})

    def _read_and_judge(self, task: SeriesTask, files: Sequence[str], counted: Counter[str]) -> Findings:
        """Go from files to findings; no error of one object ends the run."""
        try:
            series = replace(task.source.read(counted), name=task.name)
        except Exception as error:  # noqa: BLE001
            return report_unread(task.name, files, _log_failure(task.name, "not read", error))
        try:
            findings = self.method.judge(series)
        except Exception as error:  # noqa: BLE001
            return report_unjudged(series, _log_failure(task.name, "not judged", error))
        try:
            self.draw(findings, series)
        except Exception as error:  # noqa: BLE001
            _log_failure(task.name, "not drawn", error)
        return findings


def sieve_objects(
    tasks: Iterable[SeriesTask],
    work: SeriesWork,
    runner: Runner,
    store: FindingsStore,
    report: Callable[[Outcome], object],
) -> None:
    """Judge objects and write what was found.

    Findings go to the store object by object, so that memory does not grow with the survey.

    Parameters
    ----------
    tasks : iterable of SeriesTask
        The objects.
    work : SeriesWork
        What is done to each.
    runner : Runner
        Where it is done.
    store : FindingsStore
        Where findings go.
    report : callable
        Told of every outcome.
    """
    with store:
        for outcome in runner.map(work, tasks):
            store.add(outcome.findings, outcome.source)
            report(outcome)


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
    return [by_name[name] for name in store.find_missing(by_name, lambda name: find_origin(by_name[name]))]


def list_tasks(sources: Iterable[SeriesSource]) -> list[SeriesTask]:
    """Make a task of every source.

    Parameters
    ----------
    sources : iterable of SeriesSource
        Objects; one that is given twice counts once.

    Returns
    -------
    list of SeriesTask
        Named by the last of their parts, with as many of those before as it takes to tell them apart.
    """
    unique = {(source.origin, source.parts[-1:]): source for source in sources}
    names = _name_apart([source.parts for source in unique.values()])
    return [SeriesTask(name, source) for name, source in zip(names, unique.values(), strict=True)]


def find_origin(task: SeriesTask) -> Source:
    """Say where an object's images are, and which are there now."""
    return Source(task.source.origin, task.source.take_fingerprint())


def _name_apart(paths: Sequence[tuple[str, ...]], depth: int = 1) -> list[str]:
    """Name different paths by their last parts, by more of them where several agree."""
    names = ["/".join(parts[-depth:]) for parts in paths]
    uses = Counter(names)
    unclear = [i for i, name in enumerate(names) if uses[name] > 1]
    longer = _name_apart([paths[i] for i in unclear], depth + 1) if unclear else []
    for i, name in zip(unclear, longer, strict=True):
        names[i] = name
    return names


def _log_failure(name: str, what: str, error: Exception) -> str:
    """Say what failed in one line, log where, and return the line."""
    text = " ".join(str(error).split())
    line = text if isinstance(error, EpochsieveError) else f"{type(error).__name__}: {text}".removesuffix(": ")
    _log.warning("%s: %s: %s", name, what, line)
    _log.debug("%s: where it happened", name, exc_info=error)
    return line
