"""The objects of a run: what each is called, and where its images are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from epochsieve.vocabulary.contracts import SeriesSource
from epochsieve.writing.parts import Source


@dataclass(frozen=True)
class SeriesTask:
    """One object to judge.

    Attributes
    ----------
    name : str
        What its findings call it; no other object of the run has this name.
    source : SeriesSource
        Where its images are.
    number : int
        Its place among all objects that were asked for.
    """

    name: str
    source: SeriesSource
    number: int = 0


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
    return [SeriesTask(name, source, i) for i, (name, source) in enumerate(zip(names, unique.values(), strict=True))]


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
