"""Files of one dataset: whose rows are where, in all of them together."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from epochsieve.places.place import Place
from epochsieve.reading.parquet.cursors import MOST_GROUPS
from epochsieve.reading.parquet.files import Runs, TableFile, index_rows, look_at
from epochsieve.vocabulary.errors import ImageError, InputError
from epochsieve.vocabulary.settings import ReadSettings

_log = logging.getLogger(__name__)

_MOST_TIMES, _MOST_ROWS = 50, 1_000_000
"""How often each row may be read on the way to all objects, and how many rows may be before anybody minds."""


class Extent(NamedTuple):
    """Rows that follow each other.

    Attributes
    ----------
    file, group : int
        Which file of the dataset, and which row group of that.
    start, stop : int
        The first row, and that after the last.
    """

    file: int
    group: int
    start: int
    stop: int


class Share(NamedTuple):
    """What a dataset has of one object, or of nobody.

    Attributes
    ----------
    name : str
        The object's; empty for rows that name none, or that nobody can read.
    extents : ndarray of int32, shape (n, 4)
        Where its rows are, `Extent` by `Extent`, in order.
    problem : str
        Why they are nobody's.
    """

    name: str
    extents: NDArray[np.int32]
    problem: str = ""


def lose(problem: str) -> Share:
    """Say of a file that nobody knows what is in it."""
    return Share("", np.empty((0, 4), np.int32), problem)


@dataclass(frozen=True)
class Dataset:
    """Files that are read together.

    Attributes
    ----------
    place : Path or RemotePath
        The one file, or the folder that they are in.
    files : tuple of TableFile
        By name.
    """

    place: Place
    files: tuple[TableFile, ...]


def open_files(paths: Sequence[Place], settings: ReadSettings) -> tuple[list[TableFile], list[tuple[Place, str]]]:
    """Look at files.

    Parameters
    ----------
    paths : sequence of Path or RemotePath
        Parquet files.
    settings : ReadSettings
        How they are read.

    Returns
    -------
    files : list of TableFile
        Those with images; others are left out with a warning.
    broken : list of (Path or RemotePath, str)
        Those that can't be read, each with the reason.
    """
    files, broken = [], []
    for path in paths:
        try:
            file = look_at(path, settings)
            if file.layout.columns:
                files.append(file)
            else:
                _log.warning("left out: %s: no column of images%s", path, f" {settings.hdu}" if settings.hdu else "")
        except ImageError as error:
            broken.append((path, str(error)))
    return files, broken


@lru_cache(maxsize=2)  # for whoever looks at one object after the other
def share_out(dataset: Dataset) -> tuple[Share, ...]:
    """Find each object's rows.

    Parameters
    ----------
    dataset : Dataset
        Files.

    Returns
    -------
    tuple of Share
        In the order of their first rows; nobody's rows, one row group a share, come last.

    Raises
    ------
    InputError
        Where rows are so mixed that everything would be read again and again.
    """
    known: dict[str, int] = {}
    whose, extents, lost = [], [], []
    for number, runs in _index(dataset):
        rows = np.array(list(zip(runs.edges[:-1], runs.edges[1:], strict=True)), np.int32)
        places = np.column_stack([np.full((len(rows), 2), (number, runs.group), np.int32), rows])
        named = np.array([bool(name) for name in runs.names])
        whose.append(np.array([known.setdefault(name, len(known)) for name in runs.names if name], np.int64))
        extents.append(places[named])
        if not named.all():
            lost.append(Share("", places[~named], runs.problem or "its rows name no object"))
    if not known:
        return tuple(lost)
    order = np.argsort(np.concatenate(whose), kind="stable")
    owners, placed = np.concatenate(whose)[order], np.concatenate(extents)[order]
    _check_order(dataset, owners, placed)
    parts = np.split(placed, np.flatnonzero(np.diff(owners)) + 1)
    return (*(Share(name, part) for name, part in zip(known, parts, strict=True)), *lost)


def _index(dataset: Dataset) -> Iterator[tuple[int, Runs]]:
    """Go through all row groups of all files."""
    return ((number, runs) for number, file in enumerate(dataset.files) for runs in index_rows(file))


def _check_order(dataset: Dataset, owners: NDArray[np.int64], placed: NDArray[np.int32]) -> None:
    """Refuse rows that are so mixed that each would be read many times; see `Cursor`."""
    read, rows = _count_read(owners, placed), int((placed[:, 3] - placed[:, 2]).sum())
    if read > max(_MOST_TIMES * rows, _MOST_ROWS):
        raise InputError(
            f"{dataset.place}: the epochs of an object are scattered over the table, and reading object by object "
            f"would read it {read / rows:.0f} times: sort its rows by object"
        )


def _count_read(owners: NDArray[np.int64], placed: NDArray[np.int32]) -> int:
    """Count the rows that are read on the way: forward from where a cursor is, else from its row group's beginning."""
    by_group = np.lexsort((np.arange(len(placed)), placed[:, 1], placed[:, 0]))
    file, group, start, stop = placed[by_group].T.astype(np.int64)
    follows = (np.diff(file) == 0) & (np.diff(group) == 0) & (start[1:] >= stop[:-1])
    read = stop.copy()
    read[1:] -= np.where(follows, stop[:-1], 0)
    scattered = np.bincount(owners)[owners][by_group] > MOST_GROUPS
    return int(np.where(scattered, stop, read).sum())
