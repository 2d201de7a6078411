"""Raw scores to scores that mean the same in every series: in units of the series' own usual scatter."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PRIOR_EPOCHS = 8
"""Weight, in epochs, of the scatter known from other series against the series' own."""

OUTLYING = 4.5
"""Standard score from which an epoch has no say in what is usual."""

SERIES_EPOCHS = 20
"""Weight, in epochs, of the usual median and scatter of the sum against a series' own."""

FEWEST = 5
"""Good epochs that say what is usual at least; else all do."""

_TO_SIGMA_75, _TO_SIGMA_90 = 0.6745, 1.2816


def take_logarithm(raw: Array) -> Array:
    """Take logarithms: the detectors' scores differ by factors.

    Parameters
    ----------
    raw : ndarray
        Scores, not negative.

    Returns
    -------
    ndarray
        Natural logarithms, of 0.001 at least.
    """
    return np.asarray(np.log(np.maximum(raw, 1e-3)))


def measure_scatter(logs: Array) -> tuple[Array, Array, Array]:
    """Measure medians, and the scatter above them by two quantiles.

    Parameters
    ----------
    logs : ndarray, shape (epochs, ...)
        Logarithms of scores.

    Returns
    -------
    median, scatter_75, scatter_90 : ndarray, shape (...)
        Distances of the 0.75 and the 0.9 quantile from the median, as standard deviations of a normal distribution.
    """
    median, upper, high = np.quantile(logs, [0.5, 0.75, 0.9], axis=0)
    return median, (upper - median) / _TO_SIGMA_75, (high - median) / _TO_SIGMA_90


def standardise(raw: Array, good: NDArray[np.bool_], prior: Array) -> Array:
    """Measure every score from its series' median, in its series' scatter.

    Two rounds: what lies far out in the first has no say in the second, so that a fifth of the epochs may be bad.

    Parameters
    ----------
    raw : ndarray, shape (epochs, detectors)
        Detectors' scores.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    prior : ndarray, shape (detectors,)
        Usual scatter of the logarithms, from other series.

    Returns
    -------
    ndarray, shape (epochs, detectors)
        Standard scores.
    """
    logs = take_logarithm(raw)
    say = find_usual(logs, good, prior)
    median, inner, outer = measure_scatter(logs[say])
    return np.asarray((logs - median) / _shrink((inner**2 + outer**2) / 2, int(say.sum()), prior))


def find_usual(logs: Array, good: NDArray[np.bool_], prior: Array) -> NDArray[np.bool_]:
    """Find the epochs of which no detector says that they lie far out; three fifths of them at least.

    Parameters
    ----------
    logs : ndarray, shape (epochs, detectors)
        Logarithms of scores.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    prior : ndarray, shape (detectors,)
        Usual scatter of the logarithms, from other series.

    Returns
    -------
    ndarray of bool, shape (epochs,)
        Those that say what is usual.
    """
    say = good if good.sum() >= FEWEST else np.ones(len(logs), bool)
    median, scatter, _ = measure_scatter(logs[say])
    first = (logs - median) / _shrink(scatter**2, int(say.sum()), prior)
    worst = first.max(axis=1)
    return np.asarray(say & (worst < max(OUTLYING, float(np.quantile(worst[say], 0.6)))))


def measure_ratios(raw: Array, good: NDArray[np.bool_]) -> Array:
    """Measure the logarithm of each score's ratio to the good epochs' median, shape as given."""
    logs = take_logarithm(raw)
    return np.asarray(logs - np.median(logs[good] if good.any() else logs, axis=0))


def standardise_sum(total: Array, good: NDArray[np.bool_], median: float, spread: float) -> Array:
    """Measure the weighted sums from their series' median, in their series' scatter.

    Series differ in how quiet their good epochs are; without this one rate of false alarms would not hold for all.

    Parameters
    ----------
    total : ndarray, shape (epochs,)
        Weighted sums.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    median, spread : float
        Usual values, which count as much as `SERIES_EPOCHS` epochs.

    Returns
    -------
    ndarray, shape (epochs,)
        Standard scores.
    """
    say = good & (total < median + 6 * spread + 3)
    say = say if say.sum() >= FEWEST else np.ones(len(total), bool)
    middle, variance = measure_sum(total[say])
    count = int(say.sum())
    centre = (SERIES_EPOCHS * median + count * middle) / (SERIES_EPOCHS + count)
    return np.asarray(
        (total - centre) / np.sqrt((SERIES_EPOCHS * spread**2 + count * variance) / (SERIES_EPOCHS + count))
    )


def measure_sum(total: Array) -> tuple[float, float]:
    """Measure the median of weighted sums, and their variance above it by two quantiles.

    Parameters
    ----------
    total : ndarray, shape (epochs,)
        Weighted sums of one series.

    Returns
    -------
    median, variance : float
        The variance is the mean of a normal distribution's with the same 0.75 and with the same 0.9 quantile.
    """
    low, upper, high = np.quantile(total, [0.5, 0.75, 0.9])
    return float(low), float((((upper - low) / _TO_SIGMA_75) ** 2 + ((high - low) / _TO_SIGMA_90) ** 2) / 2)


def _shrink(variance: Array, epochs: int, prior: Array) -> Array:
    """Draw a series' scatter towards what is usual, the more the fewer its epochs."""
    return np.asarray(np.sqrt((PRIOR_EPOCHS * prior**2 + epochs * variance) / (PRIOR_EPOCHS + epochs)))
