"""Medians and spreads that a few bad values don't move, with missing values told apart by a mask."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SPREAD_OF_MAD = 1.4826
"""Standard deviation of a normal distribution in units of its median absolute deviation."""

MEDIAN_OF_CHI2 = 0.4549
"""Median of the square of a standard normal variable."""

STEADY, WIDE = 0.1, 5.0
"""Relative scatter up to which a brightness is steady, and how strongly a wider one is drawn to the usual value."""


def take_median(values: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Take the median of each row's valid values.

    Parameters
    ----------
    values : ndarray, shape (rows, n)
        Anything where not valid.
    valid : ndarray of bool, shape (rows, n)
        Which values count.

    Returns
    -------
    ndarray, shape (rows,)
        NaN where a row has no valid value.
    """
    if values.shape[1] == 0:
        return np.full(len(values), np.nan)
    ordered = np.sort(np.where(valid, values, np.inf), axis=1)
    counts = valid.sum(axis=1)
    rows, some = np.arange(len(values)), np.maximum(counts, 1)
    middle = (ordered[rows, (some - 1) // 2] + ordered[rows, some // 2]) / 2
    return np.where(counts > 0, middle, np.nan)


def measure_spread(values: NDArray[Any]) -> NDArray[np.float64]:
    """Measure each column's standard deviation by its median absolute deviation.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Finite.

    Returns
    -------
    ndarray, shape (columns,)
        Standard deviations.
    """
    centre = np.median(values, axis=0)
    return np.asarray(SPREAD_OF_MAD * np.median(np.abs(values - centre), axis=0), float)


def measure_steady_ratio(values: NDArray[Any], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Measure ratios to the good epochs' median, drawn towards one where even good epochs' values scatter widely.

    The brightness of a scene can't be told from that of its only source: then it scatters, and says nothing.

    Parameters
    ----------
    values : ndarray, shape (epochs,)
        Any sign.
    good : ndarray of bool, shape (epochs,)
        Epochs that say what is usual.

    Returns
    -------
    ndarray, shape (epochs,)
        Plain ratios where the scatter is below a tenth of the median.
    """
    usual = float(np.median(values[good])) or 1.0
    scatter = float(measure_spread(values[good][:, None])[0]) / abs(usual)
    drawn = WIDE * max(0.0, scatter - STEADY)
    return np.asarray((values / usual + drawn) / (1 + drawn))
