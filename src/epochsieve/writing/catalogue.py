"""What is known of every epoch of a survey, some columns in arrays; all else is read object by object."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.places.ahead import fetch_ahead
from epochsieve.places.place import Place
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import OK
from epochsieve.writing.glances import OpenPart, glance_at
from epochsieve.writing.part_files import find_parts

COLUMNS = ("mjd", "score", "threshold", "flags", "flagged")
"""What is kept of every epoch."""

PARTS_KEPT = 16
"""So many parts stay in memory once an object of theirs was shown."""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All epochs of all objects, an object's epochs beside each other.

    Attributes
    ----------
    names : ndarray of str, shape (objects,)
        The objects' names.
    starts : ndarray of int, shape (objects + 1,)
        The row of each object's first epoch, and the number of rows.
    mjd, score, threshold : ndarray of float64, shape (rows,)
        As in the findings.
    flags : ndarray of int32, shape (rows,)
        As in the findings.
    flagged, usable : ndarray of bool, shape (rows,)
        Whether an epoch is flagged, and whether it was judged.
    more : mapping of str to ndarray, shape (rows,)
        Further columns of numbers, those that were asked for.
    read : callable
        Reads all columns of an object's rows, by the object's number.
    """

    names: NDArray[Any]
    starts: NDArray[np.int64]
    mjd: NDArray[np.float64]
    score: NDArray[np.float64]
    threshold: NDArray[np.float64]
    flags: NDArray[np.int32]
    flagged: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    more: Mapping[str, NDArray[Any]]
    read: Callable[[int], Findings]

    def __len__(self) -> int:
        """Count the epochs."""
        return len(self.score)

    def find_object(self, row: int) -> int:
        """Find the number of the object that a row is of."""
        return int(np.searchsorted(self.starts, row, side="right")) - 1

    def find_objects(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Find the numbers of the objects that rows are of."""
        return np.asarray(np.searchsorted(self.starts, rows, side="right") - 1)

    def list_rows(self, number: int) -> range:
        """List the rows of an object."""
        return range(int(self.starts[number]), int(self.starts[number + 1]))


def read_catalogue(results: Place, more: Sequence[str] = ()) -> Catalogue:
    """Read some columns of all findings in a results folder.

    Parameters
    ----------
    results : Path or RemotePath
        The folder that ``epochsieve sieve`` wrote.
    more : sequence of str, optional
        Further columns of numbers that are wanted.

    Returns
    -------
    Catalogue
        All columns of an object are read from its part when they are asked for.

    Raises
    ------
    ResultsError
        Where there are no findings, or a part of them is damaged.
    """
    paths = find_parts(results)
    if not paths:
        raise ResultsError(f"no findings in {results}")
    look = partial(glance_at, columns=[*COLUMNS, *more])
    glances = [glance() for glance in fetch_ahead(look, paths, results)]
    homes = np.repeat(np.arange(len(paths)), [len(glance.names) for glance in glances])
    firsts = np.concatenate([np.cumsum(glance.counts) - glance.counts for glance in glances])
    counts = np.concatenate([glance.counts for glance in glances])

    open_part = lru_cache(maxsize=PARTS_KEPT)(OpenPart)

    def read(number: int) -> Findings:
        """Read an object's rows from the part that holds them."""
        return open_part(paths[homes[number]]).take(int(firsts[number]), int(counts[number]))

    return Catalogue(
        names=np.array([name for glance in glances for name in glance.names], object),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        **{name: np.concatenate([glance.columns[name] for glance in glances]) for name in COLUMNS},
        usable=np.concatenate([glance.usable for glance in glances]),
        more={name: np.concatenate([glance.columns[name] for glance in glances]) for name in more},
        read=read,
    )


def list_findings(findings: Findings) -> Catalogue:
    """Make a catalogue of findings that are in memory; objects keep the order in which they first come."""
    names, first, codes = np.unique(findings["object"].astype(str), return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    together = findings.select(np.argsort(first[codes], kind="stable"))
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(names))[order])]).astype(np.int64)
    return Catalogue(
        names=names[order].astype(object),
        starts=starts,
        **{name: together[name] for name in COLUMNS},
        usable=np.asarray(together["status"] == OK),
        more={},
        read=lambda number: together.select(slice(int(starts[number]), int(starts[number + 1]))),
    )
