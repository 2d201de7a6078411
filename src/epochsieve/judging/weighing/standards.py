"""Raw scores to scores that mean the same in every series: in units of the series' own usual scatter."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.robust import take_middle, take_quantiles

Array = NDArray[Any]

PRIOR_EPOCHS = 8
"""Weight, in epochs, of the scatter known from other series against the series' own."""

LEAST = 0.3
"""A series' scatter counts as no less than this share of what is usual: detectors that hardly ever speak have none."""

LEAST_SCATTER = 0.03
"""No detector's usual scatter is smaller, in no calibration."""

OUTLYING = 4.5
"""Standard score from which an epoch has no say in what is usual."""

SUM_EPOCHS = 10
"""Weight, in epochs, of the usual median and scatter of the sum against a series' own."""

ODDS_EPOCHS = 6
"""Likewise, of the eye's odds."""

USUAL_ODDS, ODDS_SCATTER = -3.0, 1.3
"""Logarithm of the eye's odds in the middle of a series, and its scatter below: nine in ten simulated have less."""

SUREST_ODDS = (-8.0, 25.0)
"""Limits of the logarithm of the eye's odds."""

CALM = -1.0
"""Logarithm of the settled odds below which the eye has nothing against an epoch."""

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
    median, upper, high = take_quantiles(logs, (0.5, 0.75, 0.9))
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
    say = find_telling(good)
    median, scatter, _ = measure_scatter(logs[say])
    first = (logs - median) / _shrink(scatter**2, int(say.sum()), prior)
    worst = first.max(axis=1)
    return np.asarray(say & (worst < max(OUTLYING, float(take_quantiles(worst[say], (0.6,))[0]))))


def find_telling(good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Find the epochs that may say what is usual: the good ones, or all where those are fewer than `FEWEST`."""
    return good if good.sum() >= FEWEST else np.ones(len(good), bool)


def measure_ratios(raw: Array, good: NDArray[np.bool_]) -> Array:
    """Measure the logarithm of each score's ratio to the good epochs' median, shape as given."""
    logs = take_logarithm(raw)
    return np.asarray(logs - take_middle(logs[good] if good.any() else logs))


def settle_odds(odds: Array, good: NDArray[np.bool_]) -> Array:
    """Measure the eye's odds in a way that suits series unlike those that it was trained on.

    Where the eye finds fault with half of a series' epochs, or is of many minds about them, it is the series that is
    unusual, and not half of its epochs. Then all odds are lowered, and drawn together, to what is usual. Elsewhere they
    stay, so that many bad epochs in a series do not hide each other.

    Parameters
    ----------
    odds : ndarray, shape (epochs,)
        Probability of a defect over that of none.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.

    Returns
    -------
    ndarray, shape (epochs,)
        Natural logarithms.
    """
    logs = np.log(np.maximum(odds, 1e-12)).clip(*SUREST_ODDS)
    say = find_telling(good)
    low, middle = take_quantiles(logs[say], (0.16, 0.5))
    count = int(say.sum())
    trust = count / (count + ODDS_EPOCHS)
    excess = trust * max(0.0, middle - USUAL_ODDS)
    stretch = max(1.0, (middle - low) / ODDS_SCATTER) ** trust
    return np.asarray((logs - middle) / stretch + middle - excess)


def standardise_sum(total: Array, calm: NDArray[np.bool_], median: float, spread: float) -> Array:
    """Measure the weighted sums from the usual median, in the usual scatter; more of either in a series is allowed for.

    Series differ in how quiet their good epochs are; without this one rate of false alarms would not hold for all. A
    series that is quieter than usual is measured as a usual one.

    Parameters
    ----------
    total : ndarray, shape (epochs,)
        Weighted sums.
    calm : ndarray of bool, shape (epochs,)
        Epochs that nothing is known against: they say what is usual in the series.
    median, spread : float
        Usual values, which count as much as `SUM_EPOCHS` epochs.

    Returns
    -------
    ndarray, shape (epochs,)
        Standard scores.
    """
    say = find_telling(calm)
    middle, scatter = measure_sum(total[say])
    trust = int(say.sum()) / (int(say.sum()) + SUM_EPOCHS)
    excess = trust * max(0.0, middle - median)
    stretch = max(1.0, scatter / spread) ** trust
    return np.asarray(((total - middle) / stretch + middle - excess - median) / spread)


def measure_sum(total: Array) -> tuple[float, float]:
    """Measure the median of weighted sums, and their scatter above it.

    Parameters
    ----------
    total : ndarray, shape (epochs,)
        Weighted sums of one series.

    Returns
    -------
    median, scatter : float
        The latter is the standard deviation of a normal distribution with the same 0.9 quantile.
    """
    low, high = take_quantiles(total, (0.5, 0.9))
    return float(low), float((high - low) / _TO_SIGMA_90)


def _shrink(variance: Array, epochs: int, prior: Array) -> Array:
    """Draw a series' scatter towards what is usual, the more the fewer its epochs."""
    own = np.maximum(variance, (LEAST * prior) ** 2)
    return np.asarray(np.sqrt((PRIOR_EPOCHS * prior**2 + epochs * own) / (PRIOR_EPOCHS + epochs)))
