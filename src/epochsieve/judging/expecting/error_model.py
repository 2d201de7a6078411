"""How far a good epoch may be from its model: noise, photons, and what the templates can't follow."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from epochsieve.judging.robust import MEDIAN_OF_CHI2, take_median

Array = NDArray[Any]

CHI2_TAIL = 2.706
"""0.9 quantile of the square of a standard normal variable."""

FEWEST_PIXELS = 200
"""Bright pixels (in all epochs together) that the terms are fitted to at least."""

FEWEST_IN_BIN = 8
"""Pixels that a bin's variance is measured on at least."""

FEWEST_BRIGHT = 12
"""Bright pixels that an epoch's own misfit is measured on at least."""


@dataclass(frozen=True)
class ErrorModel:
    """Variance of a pixel as a sum of four terms.

    Attributes
    ----------
    photon : float
        Variance per flux (Poisson noise): the inverse gain.
    flux : float
        Variance per squared flux: errors of the point-spread match.
    slope : float
        Variance per squared gradient: errors of position, pixels squared.
    """

    photon: float
    flux: float
    slope: float

    def predict(self, noise: Array, model: Array, slope2: Array) -> Array:
        """Predict variances.

        Parameters
        ----------
        noise : ndarray, shape (epochs, pixels) or (epochs, 1)
            Background noise.
        model, slope2 : ndarray, shape (epochs, pixels)
            Expected flux, and its squared gradient.

        Returns
        -------
        ndarray, shape (epochs, pixels)
            Variances, image units squared.
        """
        light = np.maximum(model, 0)
        return np.asarray(noise**2 + self.photon * light + self.flux * light**2 + self.slope * slope2)


def fit_error_model(
    residual: Array, model: Array, slope2: Array, noise: Array, chosen: NDArray[np.bool_]
) -> ErrorModel:
    """Learn from a series how its residuals grow with light and gradient.

    Bright pixels of all epochs are binned by signal-to-noise ratio (finest at the bright end) and gradient; the robust
    variance of each bin is fitted by the terms of `ErrorModel`, none negative. It is the larger of what the median and
    what the 0.9 quantile say, for mismatched stars have long tails.

    Parameters
    ----------
    residual, model, slope2 : ndarray, shape (epochs, pixels)
        Image minus model, model, and its squared gradient.
    noise : ndarray, shape (epochs, pixels) or (epochs, 1)
        Background noise.
    chosen : ndarray of bool, shape (epochs, pixels)
        Pixels with data, of good epochs.

    Returns
    -------
    ErrorModel
        All zero where there is too little light to learn from.
    """
    bright = chosen & (model > noise)
    if bright.sum() < FEWEST_PIXELS:
        return ErrorModel(0.0, 0.0, 0.0)
    light, slopes, squares = model[bright], slope2[bright], residual[bright] ** 2
    floor = np.broadcast_to(noise**2, model.shape)[bright]
    bins = _cut_bins(light / np.sqrt(floor), slopes)
    terms = np.array([(light[b].mean(), (light[b] ** 2).mean(), slopes[b].mean(), floor[b].mean()) for b in bins])
    spread = [_measure_variance(np.sort(squares[b])) for b in bins]
    return ErrorModel(*map(float, _fit_terms(terms, np.array(spread))))


def measure_misfit(residual: Array, variance: Array, noise: Array, valid: NDArray[np.bool_]) -> Array:
    """Measure by how much an epoch's bright pixels scatter more than the model of errors says.

    Parameters
    ----------
    residual, variance : ndarray, shape (epochs, pixels)
        Image minus model, and its expected variance.
    noise : ndarray, shape (epochs, pixels) or (epochs, 1)
        Background noise.
    valid : ndarray of bool, shape (epochs, pixels)
        Pixels with data.

    Returns
    -------
    ndarray, shape (epochs,)
        Ratio of variances, from 1 to 30; 1 where there are too few bright pixels to tell. A few bad pixels hardly
        change it, a wrong point spread does.
    """
    bright = valid & (variance > 2 * noise**2)
    some = bright.any(axis=0)
    ratio = take_median((residual[:, some] ** 2) / variance[:, some], bright[:, some]) / MEDIAN_OF_CHI2
    return np.asarray(np.where(bright.sum(axis=1) >= FEWEST_BRIGHT, np.clip(np.nan_to_num(ratio, nan=1.0), 1, 30), 1.0))


def _cut_bins(brightness: Array, slopes: Array) -> list[Array]:
    """Cut pixels into bins by brightness, the brightest bins the smallest, and each into thirds by gradient."""
    order = np.argsort(brightness)
    count = int(np.clip(len(order) // 60, 5, 40))
    edges = np.unique((len(order) * (1 - np.geomspace(1, 30 / len(order), count))).astype(int))
    slices = [order[low:high] for low, high in pairwise(edges) if high - low >= FEWEST_IN_BIN]
    thirds = (third for part in slices for third in np.array_split(part[np.argsort(slopes[part])], 3))
    return [third for third in thirds if len(third) > FEWEST_IN_BIN // 2]


def _measure_variance(ordered: Array) -> float:
    """Measure a bin's variance from its squares in order, by the larger of two quantiles."""
    return float(max(ordered[len(ordered) // 2] / MEDIAN_OF_CHI2, ordered[int(0.9 * len(ordered))] / CHI2_TAIL))


def _fit_terms(terms: Array, spread: Array) -> Array:
    """Fit the bins' variances, each weighted by its own size, without negative terms."""
    total = terms[:, 3]
    for _ in range(4):
        relative = terms[:, :3] / total[:, None]
        scale = relative.max(axis=0) + 1e-30
        found, _ = nnls(relative / scale, (spread - terms[:, 3]) / total)
        total = terms[:, 3] + terms[:, :3] @ (found / scale)
    return np.asarray(found / scale)
