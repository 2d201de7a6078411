"""The numbers at the top of a report, and which epochs and objects it shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.flags import Flag
from epochsieve.writing.catalogue import Catalogue

BINS = 40
"""Bars of a histogram."""

GROUPS = 12
"""Groups of equal size in which flagged fractions are measured."""

MOST_NIGHTS, FEWEST_EPOCHS = 400, 10
"""Points of the time line at most, and epochs of each at least; nights with fewer share one with their neighbours."""

MAD_TO_SIGMA = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


@dataclass(frozen=True, eq=False)
class Trend:
    """How the flagged fraction goes with something.

    Attributes
    ----------
    where : ndarray of float64, shape (groups,)
        Mean of that something in each group of epochs.
    fraction, error : ndarray of float64, shape (groups,)
        Flagged fraction, and its binomial standard error.
    epochs : ndarray of int, shape (groups,)
        Epochs in each group.
    """

    where: NDArray[np.float64]
    fraction: NDArray[np.float64]
    error: NDArray[np.float64]
    epochs: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Survey:
    """What a report says first.

    Attributes
    ----------
    objects, epochs, flagged, unreadable, touched : int
        Numbers of objects, epochs, flagged epochs, epochs that were not judged, and objects with a flagged epoch.
    reasons : list of tuple
        Name, meaning and number of flagged epochs of each reason, the most frequent first.
    edges, counts : ndarray
        Histogram of all scores; one beyond the last edge counts in the last bar.
    threshold : float
        The usual score from which an epoch is flagged; NaN where there is none.
    nights, seeing, background : Trend
        Flagged fraction against time (MJD), seeing (pixels) and background (sigmas above the object's usual one).
    """

    objects: int
    epochs: int
    flagged: int
    unreadable: int
    touched: int
    reasons: list[tuple[str, str, int]]
    edges: NDArray[np.float64]
    counts: NDArray[np.intp]
    threshold: float
    nights: Trend
    seeing: Trend
    background: Trend


def sum_up_survey(catalogue: Catalogue) -> Survey:
    """Sum a survey's findings up.

    Parameters
    ----------
    catalogue : Catalogue
        With the columns `fwhm` and `background` beside its own.

    Returns
    -------
    Survey
        Its numbers.
    """
    masks = catalogue.flags[catalogue.flagged]
    reasons = [(flag.name.lower(), flag.meaning, int((masks & int(flag) != 0).sum())) for flag in Flag if flag.name]
    known = catalogue.score[np.isfinite(catalogue.score)]
    last = float(np.quantile(known, 0.998)) if len(known) else 1.0
    limits = catalogue.threshold[np.isfinite(catalogue.threshold)]
    threshold = float(np.median(limits)) if len(limits) else np.nan
    edges = np.linspace(0, max(last, 2 * threshold if np.isfinite(threshold) else 0, 1e-9), BINS + 1)
    return Survey(
        objects=len(catalogue.names),
        epochs=len(catalogue),
        flagged=int(catalogue.flagged.sum()),
        unreadable=int((~catalogue.usable).sum()),
        touched=len(set(catalogue.find_objects(np.flatnonzero(catalogue.flagged)).tolist())),
        reasons=sorted((reason for reason in reasons if reason[2]), key=lambda reason: -reason[2]),
        edges=edges,
        counts=np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0],
        threshold=threshold,
        nights=_follow_time(catalogue),
        seeing=_follow(catalogue.more["fwhm"], catalogue.flagged),
        background=_follow(measure_excess(catalogue), catalogue.flagged),
    )


def choose_worst(catalogue: Catalogue, most: int) -> NDArray[np.intp]:
    """Choose the flagged epochs with the highest scores: row numbers, the worst first."""
    rows = np.flatnonzero(catalogue.flagged & catalogue.usable)
    score = np.nan_to_num(catalogue.score[rows], nan=-np.inf)
    return np.asarray(rows[np.argsort(-score, kind="stable")[:most]])


def choose_objects(catalogue: Catalogue, most: int) -> list[int]:
    """Choose the objects with the worst epochs: their numbers, the worst first."""
    numbers = catalogue.find_objects(choose_worst(catalogue, len(catalogue)))
    return list(dict.fromkeys(numbers.tolist()))[:most]


def measure_excess(catalogue: Catalogue) -> NDArray[np.float64]:
    """Measure each epoch's background from its object's median, in the object's robust scatter; NaN where unknown."""
    background = catalogue.more["background"].astype(float)
    excess = np.full(len(background), np.nan)
    for start, stop in zip(catalogue.starts[:-1], catalogue.starts[1:], strict=True):
        own = background[start:stop]
        known = own[np.isfinite(own)]
        if len(known):
            median = np.median(known)
            scatter = MAD_TO_SIGMA * np.median(np.abs(known - median))
            excess[start:stop] = (own - median) / scatter if scatter > 0 else np.nan
    return excess


def _follow_time(catalogue: Catalogue) -> Trend:
    """Measure the flagged fraction night by night, or in groups of nights where they have few epochs or are many."""
    known = np.isfinite(catalogue.mjd)
    days, places, epochs = np.unique(np.floor(catalogue.mjd[known] - 0.5), return_inverse=True, return_counts=True)
    size = max(FEWEST_EPOCHS, int(known.sum()) // MOST_NIGHTS)
    groups = (np.cumsum(epochs) - epochs) // size if len(days) else places
    _, groups = np.unique(groups, return_inverse=True)
    return _measure(groups[places], catalogue.mjd[known], catalogue.flagged[known])


def _follow(values: NDArray[Any], flagged: NDArray[np.bool_]) -> Trend:
    """Measure the flagged fraction in groups of as many epochs, by rising values."""
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    groups = np.arange(len(order)) * min(GROUPS, max(len(order), 1)) // max(len(order), 1)
    return _measure(groups, values[order].astype(float), flagged[order])


def _measure(groups: NDArray[np.intp], values: NDArray[np.float64], flagged: NDArray[np.bool_]) -> Trend:
    """Measure mean, fraction and error of every group."""
    if not len(groups):
        nothing = np.empty(0)
        return Trend(nothing, nothing, nothing, np.empty(0, np.intp))
    epochs = np.bincount(groups)
    fraction = np.bincount(groups, weights=flagged) / epochs
    error = np.sqrt(fraction * (1 - fraction) / epochs)
    return Trend(np.bincount(groups, weights=values) / epochs, fraction, error, epochs)
