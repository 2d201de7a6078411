"""How well scores rank bad epochs above others: NumPy alone, exact with ties and infinities."""

from math import nan

import numpy as np
from numpy.typing import NDArray

CURVE_RECALLS = tuple(step / 50 for step in range(1, 51))
"""Recalls at which the precision-recall curve is kept."""


def find_threshold(good: NDArray[np.float64], rate: float) -> float:
    """Find the score above which at most this share of good epochs lies.

    Parameters
    ----------
    good : ndarray of float64, shape (good epochs,)
        Scores.
    rate : float
        Share, 0 to 1.

    Returns
    -------
    float
        Flag what is strictly above it, so that tied epochs are flagged together or not at all. Where the share is less
        than one epoch it is the highest good score.
    """
    allowed = int(np.floor(rate * len(good) + 1e-9))
    return float(np.sort(good)[::-1][allowed]) if allowed < len(good) else -np.inf


def compute_average_precision(score: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """Compute the mean precision over the recalls at which each bad epoch is reached.

    Parameters
    ----------
    score : ndarray of float64, shape (epochs,)
        Larger is worse; infinities are allowed.
    bad : ndarray of bool, shape (epochs,)
        The truth.

    Returns
    -------
    float
        The step-wise area under the precision-recall curve; epochs of the same score are reached together.
    """
    recall, precision = _walk_down(score, bad)
    return float(np.sum(np.diff(recall, prepend=0.0) * precision)) if bad.any() else nan


def compute_roc_area(score: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """Compute the chance that a bad epoch scores above another, ties counted half (Mann and Whitney 1947).

    Parameters
    ----------
    score : ndarray of float64, shape (epochs,)
        Larger is worse; infinities are allowed.
    bad : ndarray of bool, shape (epochs,)
        The truth.

    Returns
    -------
    float
        0 to 1; NaN where all or none are bad.
    """
    if bad.all() or not bad.any():
        return nan
    others = np.sort(score[~bad])
    below = np.searchsorted(others, score[bad], "left")
    not_above = np.searchsorted(others, score[bad], "right")
    return float(np.mean(below + not_above) / (2 * len(others)))


def _walk_down(score: NDArray[np.float64], bad: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower the threshold from score to score, and note recall and precision at each distinct one."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last_of_ties = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], np.ones(min(len(score), 1), bool)))
    found = np.cumsum(bad[order])[last_of_ties].astype(float)
    return found / max(bad.sum(), 1), found / (last_of_ties + 1.0)


def trace_curve(score: NDArray[np.float64], bad: NDArray[np.bool_]) -> tuple[float, ...]:
    """Trace the precision-recall curve.

    Parameters
    ----------
    score : ndarray of float64, shape (epochs,)
        Larger is worse; infinities are allowed.
    bad : ndarray of bool, shape (epochs,)
        The truth.

    Returns
    -------
    tuple of float
        The best precision at each recall of `CURVE_RECALLS` or beyond; NaN where none is bad.
    """
    if not bad.any():
        return tuple(nan for _ in CURVE_RECALLS)
    recall, precision = _walk_down(score, bad)
    best_beyond = np.maximum.accumulate(precision[::-1])[::-1]
    return tuple(best_beyond[np.searchsorted(recall, np.array(CURVE_RECALLS) - 1e-9)].tolist())
