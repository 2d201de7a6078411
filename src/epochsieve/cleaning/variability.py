"""How much light curves scatter, and by how much more than their errors say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Variability:
    """Of every light curve.

    Attributes
    ----------
    points : ndarray of int, shape (light curves,)
        Points that are numbers.
    scatter : ndarray, shape (light curves,)
        Sample standard deviation, in the unit of the brightness; NaN with fewer than two points.
    excess : ndarray, shape (light curves,)
        Excess variance; NaN with fewer than two points or without errors.
    """

    points: Array
    scatter: Array
    excess: Array


def measure_variability(values: Array, errors: Array, curves: Array, count: int, magnitudes: bool) -> Variability:
    """Measure scatter and excess variance of light curves, all at once.

    Parameters
    ----------
    values, errors : ndarray, shape (points,)
        Brightness and its one-sigma error; NaN where there is none.
    curves : ndarray of int, shape (points,)
        Which light curve each point is of; negative for none.
    count : int
        How many light curves there are.
    magnitudes : bool
        Whether brightness is in magnitudes.

    Returns
    -------
    Variability
        The excess variance is that of the points less their mean squared error; for fluxes divided by the squared mean:
        the normalised excess variance of Nandra et al. 1997 (ApJ 476, 70) and Vaughan et al. 2003 (MNRAS 345, 1271).
    """
    there = np.isfinite(values) & (curves >= 0)
    which, value, error = curves[there], values[there], errors[there]
    points = np.bincount(which, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(which, value, count) / points
        variance = np.bincount(which, (value - mean[which]) ** 2, count) / (points - 1)
        excess = variance - np.bincount(which, error**2, count) / points
        variance[points < 2], excess[points < 2] = np.nan, np.nan  # noqa: PLR2004 - one point does not scatter
        return Variability(points, np.sqrt(variance), excess if magnitudes else excess / mean**2)
