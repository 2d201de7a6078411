"""Chunks: how many tasks go out together."""

from collections.abc import Iterator, Sequence
from math import ceil

from epochsieve.vocabulary.contracts import Task

MOST_OBJECTS = 1000
"""A chunk becomes one file of the findings: thousands of small files are slow to read and large."""

ENOUGH_EPOCHS = 10_000
"""So many epochs are a chunk, however few their objects: a killed run loses at most the chunks that were under way."""

_CHUNKS_PER_WORKER = 16  # so that nobody waits long for the last of them
_PARTS_OF_LAST = 4  # and each one's last chunk comes in so many parts


def choose_chunk_size(objects: int, epochs_each: int, workers: int) -> int:
    """Choose how many objects go out together.

    Parameters
    ----------
    objects : int
        How many there are in all.
    epochs_each : int
        How many epochs one of them has, about.
    workers : int
        How many chunks are done at a time.

    Returns
    -------
    int
        At least 1. Few enough that every worker gets several chunks; `ENOUGH_EPOCHS` and `MOST_OBJECTS` at most.
    """
    fair = ceil(objects / (_CHUNKS_PER_WORKER * workers))
    return max(1, min(fair, MOST_OBJECTS, ENOUGH_EPOCHS // max(epochs_each, 1)))


def cut_into_chunks(tasks: Sequence[Task], size: int, workers: int = 1) -> Iterator[tuple[Task, ...]]:
    """Cut tasks into chunks, in their order; the last ones are smaller, so that workers end at about the same time.

    Parameters
    ----------
    tasks : sequence
        Any number.
    size : int
        How many go together at most.
    workers : int, optional
        How many chunks are done at a time.

    Yields
    ------
    tuple
        Some tasks that follow each other.
    """
    begin = 0
    while left := len(tasks) - begin:
        last = workers > 1 and left <= size * workers
        end = begin + min(left, ceil(size / _PARTS_OF_LAST) if last else size)
        yield tuple(tasks[begin:end])
        begin = end
