"""Which epochs are to be looked at, and in which order."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from epochsieve.reviewing.verdicts import Ruling
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.flags import Flag
from epochsieve.writing.catalogue import Catalogue

LATEST_MJD = 2973483.0
"""Modified Julian date of the year 10000; later ones are no times."""

HOURS = 24
"""Hours of a day, in which a survey's pause is looked for."""

CODES = {ruling: code for code, ruling in enumerate(Ruling, start=1)}
"""Verdicts as small numbers; 0 is none."""

UNKNOWN = -np.inf
"""Where epochs without a score stand, among those that have one."""


class Order(StrEnum):
    """What comes first."""

    WORST = "worst"
    UNCERTAIN = "uncertain"
    LEARNT = "learnt"
    TIME = "time"


class Kept(StrEnum):
    """Which epochs stay in the queue, by what was said of them."""

    ALL = "all"
    OPEN = "open"
    JUDGED = "judged"
    BAD = "bad"
    GOOD = "good"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Choice:
    """What somebody wants to look at.

    Attributes
    ----------
    order : Order
        What comes first.
    kept : Kept
        By verdicts.
    flagged : bool
        Flagged epochs only.
    reason : str
        Name of a flag that epochs must have; empty for any.
    name : str
        Letters that the object's name must hold; empty for any.
    night : int
        Number of the night, as `number_nights` counts; 0 for any.
    lowest : float
        The lowest score.
    """

    order: Order = Order.WORST
    kept: Kept = Kept.ALL
    flagged: bool = True
    reason: str = ""
    name: str = ""
    night: int = 0
    lowest: float = -np.inf


def queue_rows(
    catalogue: Catalogue,
    choice: Choice,
    nights: NDArray[np.int32],
    ruled: NDArray[np.int8],
    learnt: NDArray[np.float32] | None = None,
) -> NDArray[np.intp]:
    """List the rows that somebody wants to look at, in order.

    Parameters
    ----------
    catalogue : Catalogue
        All epochs.
    choice : Choice
        Which, and what comes first.
    nights : ndarray of int32, shape (rows,)
        As `number_nights` gives them.
    ruled : ndarray of int8, shape (rows,)
        Verdicts, as `CODES` numbers them.
    learnt : ndarray of float32, shape (rows,), optional
        Probability of being bad, as learnt from verdicts.

    Returns
    -------
    ndarray of int, shape (chosen rows,)
        Row numbers; equal ones in the catalogue's order.

    Raises
    ------
    SettingError
        Where there is no such reason, or nothing was learnt yet.
    """
    rows = np.flatnonzero(_match(catalogue, choice, nights, ruled))
    return np.asarray(rows[np.argsort(_find_key(catalogue, choice.order, rows, learnt), kind="stable")])


def number_nights(mjd: NDArray[np.float64]) -> NDArray[np.int32]:
    """Give every night a number.

    A day ends in the middle of the longest pause that a survey makes every day; where it never pauses, at noon UTC.

    Parameters
    ----------
    mjd : ndarray of float64, shape (rows,)
        Mid-exposure times; NaN where unknown.

    Returns
    -------
    ndarray of int32, shape (rows,)
        The modified Julian date of the day in which the pause before it lies; 0 where the time is unknown.
    """
    known = (mjd > 0) & (mjd < LATEST_MJD)
    end = _find_pause(mjd[known] % 1)
    nights = np.zeros(len(mjd), np.int32)
    nights[known] = np.floor(mjd[known] - end)
    return nights


def _match(
    catalogue: Catalogue, choice: Choice, nights: NDArray[np.int32], ruled: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Mark the rows that are wanted."""
    wanted = catalogue.flagged.copy() if choice.flagged else np.ones(len(catalogue), bool)
    if choice.reason:
        wanted &= (catalogue.flags & _find_flag(choice.reason)) != 0
    if choice.name:
        held = np.array([choice.name.lower() in str(name).lower() for name in catalogue.names])
        wanted &= np.repeat(held, np.diff(catalogue.starts))
    if choice.night:
        wanted &= nights == choice.night
    if choice.lowest > -np.inf:
        wanted &= catalogue.score >= choice.lowest
    if choice.kept is not Kept.ALL:
        wanted &= _keep(choice.kept, ruled)
    return wanted


def _keep(kept: Kept, ruled: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Mark the rows of which a certain thing was said."""
    if kept is Kept.OPEN:
        return np.asarray(ruled == 0)
    return np.asarray(ruled > 0 if kept is Kept.JUDGED else ruled == CODES[Ruling(kept.value)])


def _find_key(
    catalogue: Catalogue, order: Order, rows: NDArray[np.intp], learnt: NDArray[np.float32] | None
) -> NDArray[np.float64]:
    """Give every row the number by which rows are sorted, the smallest first."""
    if order is Order.TIME:
        return catalogue.mjd[rows]
    if order is Order.LEARNT:
        if learnt is None:
            raise SettingError("nothing was learnt from verdicts yet")
        return -learnt[rows].astype(float)
    score = catalogue.score[rows]
    if order is Order.WORST:
        return np.asarray(-np.where(np.isnan(score), UNKNOWN, score))
    away = np.abs(score - catalogue.threshold[rows])
    return np.asarray(np.where(np.isfinite(away), away, np.inf))


def _find_flag(reason: str) -> int:
    """Look a reason's bit up."""
    try:
        return int(Flag[reason.upper()])
    except KeyError:
        raise SettingError(f"no reason {reason!r}") from None


def _find_pause(times: NDArray[np.float64]) -> float:
    """Find the middle of the longest pause within a day, as a part of the day; noon where there is none."""
    busy = np.bincount((times * HOURS).astype(int) % HOURS, minlength=HOURS) > 0
    if busy.all() or not busy.any():
        return 0.5
    starts = np.flatnonzero(busy)
    following = np.roll(starts, -1)
    pauses = (following - starts - 1) % HOURS
    longest = int(pauses.argmax())
    return float((starts[longest] + 1 + pauses[longest] / 2) % HOURS / HOURS)
