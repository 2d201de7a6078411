"""Which finding belongs to each row: by object and key, or by object and the nearest time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]

NOBODY = -1
"""In the place of a number where there is no match."""


def number_names(names: Sequence[str], known: Sequence[str]) -> tuple[Index, Index]:
    """Give names numbers, equal ones to equal names.

    Parameters
    ----------
    names : sequence of str
        Those of the rows.
    known : sequence of str
        Those of the findings.

    Returns
    -------
    names, known : ndarray of int
        Numbers of both; `NOBODY` for a name that is not known.
    """
    numbers = {name: n for n, name in enumerate(dict.fromkeys(known))}
    given = np.array([numbers.get(name, NOBODY) for name in names], np.intp)
    return given, np.array([numbers[name] for name in known], np.intp)


def match_keys(objects: Index, keys: Index, known_objects: Index, known_keys: Index) -> Index:
    """Match rows with the findings of the same object and the same key.

    Parameters
    ----------
    objects, keys : ndarray of int, shape (rows,)
        `NOBODY` matches nothing.
    known_objects, known_keys : ndarray of int, shape (findings,)
        No two findings agree in both.

    Returns
    -------
    ndarray of int, shape (rows,)
        Which finding each row is of, `NOBODY` where there is none.
    """
    if not len(known_objects):
        return np.full(len(objects), NOBODY, np.intp)
    span = max(int(keys.max(initial=0)), int(known_keys.max())) + 2
    wanted, known = objects * span + keys, known_objects * span + known_keys
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    found = order[place]
    right = (known[found] == wanted) & (objects >= 0) & (keys >= 0)
    return np.where(right, found, NOBODY)


def match_times(
    objects: Index, times: NDArray[Any], known_objects: Index, known_times: NDArray[Any], tolerance: float
) -> Index:
    """Match rows with the finding of the same object that is nearest in time.

    Parameters
    ----------
    objects : ndarray of int, shape (rows,)
        `NOBODY` matches nothing.
    times : ndarray, shape (rows,)
        Days; NaN matches nothing.
    known_objects, known_times : ndarray, shape (findings,)
        Theirs.
    tolerance : float
        Days; what is farther away is no match.

    Returns
    -------
    ndarray of int, shape (rows,)
        Which finding each row is of, `NOBODY` where there is none; of two as near as each other, the earlier.
    """
    usable = np.flatnonzero(np.isfinite(known_times))
    rows = np.flatnonzero(np.isfinite(times) & (objects >= 0))
    who = np.concatenate([known_objects[usable], objects[rows]])
    when = np.concatenate([known_times[usable], times[rows]])
    is_known = np.arange(len(who)) < len(usable)
    order = np.lexsort((~is_known, when, who))
    before = _carry(order, is_known)
    after = _carry(order[::-1], is_known)[::-1]
    asked = ~is_known[order]
    mine = order[asked]
    choices = np.stack([before[asked], after[asked]])
    near = np.where(choices >= 0, np.abs(when[choices] - when[mine]), np.inf)
    near[who[choices] != who[mine]] = np.inf
    best = near.argmin(axis=0)
    nearest, distance = (np.take_along_axis(values, best[None], 0)[0] for values in (choices, near))
    matches = np.full(len(objects), NOBODY, np.intp)
    right = distance <= tolerance
    matches[rows[mine[right] - len(usable)]] = usable[nearest[right]]
    return matches


def _carry(order: Index, is_known: NDArray[np.bool_]) -> Index:
    """Carry the last finding on along an order, `NOBODY` before the first."""
    places = np.where(is_known[order], np.arange(len(order)), NOBODY)
    last = np.maximum.accumulate(places)
    return np.where(last >= 0, order[last], NOBODY)
