"""How far a good epoch may be from its model: noise, photons, and what the templates can't follow."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.robust import MEDIAN_OF_CHI2, take_median

Array = NDArray[Any]

CHI2_TAIL = 2.706
"""0.9 quantile of the square of a standard normal variable."""

FEWEST_PIXELS = 200
"""Bright pixels (in all epochs together) that the terms are fitted to at least."""

ONE_IN = 3
"""One in so many bright pixels is taken, where they are enough: errors are learnt as well, in half the time."""

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
    if np.count_nonzero(bright) < FEWEST_PIXELS:
        return ErrorModel(0.0, 0.0, 0.0)
    pixels = np.flatnonzero(bright)
    pixels = pixels[:: min(ONE_IN, len(pixels) // FEWEST_PIXELS)]
    light, slopes, errors = (cube.ravel()[pixels] for cube in (model, slope2, residual))
    floor = (noise**2)[pixels // model.shape[1]][:, 0] if noise.shape[1] == 1 else (noise**2).ravel()[pixels]
    bins = _cut_bins(light / np.sqrt(floor), slopes)
    order, sizes = np.concatenate(bins), np.array([len(part) for part in bins])
    starts, squares = np.cumsum(sizes) - sizes, errors[order] ** 2
    terms = [np.add.reduceat(values[order], starts, dtype=float) / sizes for values in (light, light**2, slopes, floor)]
    spread = [_measure_variance(squares[start : start + size]) for start, size in zip(starts, sizes, strict=True)]
    return ErrorModel(*map(float, _fit_terms(np.stack(terms, axis=1), np.array(spread))))


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


def solve_without_negatives(columns: Array, wanted: Array) -> Array:
    """Solve a least-squares problem of a few columns whose coefficients may not be negative.

    Of the solutions by some of the columns that have no negative coefficient, the best is that of all of them. What
    `scipy.optimize` offers is as good, but importing it takes 0.14 s and 21 MB in each process.

    Parameters
    ----------
    columns : ndarray, shape (n, columns)
        A few.
    wanted : ndarray, shape (n,)
        What their sum should be.

    Returns
    -------
    ndarray, shape (columns,)
        Coefficients.
    """
    some, both, others = _list_subsets(columns.shape[1])
    normal, right = columns.T @ columns, columns.T @ wanted
    normal.flat[:: len(right) + 1] += 1e-13 * normal.trace() + 1e-300  # columns may be zero, or equal
    found = np.linalg.solve(normal * both + others, (right * some)[..., None])[..., 0]
    gains = np.where((found >= 0).all(axis=1), found @ right, -np.inf)
    return np.asarray(found[gains.argmax()])


@lru_cache(maxsize=4)
def _list_subsets(count: int) -> tuple[NDArray[np.bool_], ...]:
    """List all ways to take some of a few things: which, which pairs, and the diagonal of what is not taken."""
    some = np.array(list(product((False, True), repeat=count)))
    return some, some[:, :, None] & some[:, None], np.eye(count, dtype=bool) & ~some[:, None]


def _cut_bins(brightness: Array, slopes: Array) -> list[NDArray[np.intp]]:
    """Cut pixels into bins by brightness, the brightest bins the smallest, and each into thirds by gradient."""
    total = len(brightness)
    count = int(np.clip(total // 60, 5, 40))
    edges = np.unique((total * (1 - np.geomspace(1, 30 / total, count))).astype(int))
    order = np.argpartition(brightness, edges)
    slices = [order[low:high] for low, high in pairwise(edges) if high - low >= FEWEST_IN_BIN]
    return [third for part in slices for third in _cut_thirds(part, slopes[part]) if len(third) > FEWEST_IN_BIN // 2]


def _cut_thirds(pixels: NDArray[np.intp], slopes: Array) -> tuple[NDArray[np.intp], ...]:
    """Cut a bin into thirds by gradient; partial sorts are enough, and twice as fast."""
    low, high = -(-len(pixels) // 3), -(-2 * len(pixels) // 3)
    order = pixels[np.argpartition(slopes, (low, high))]
    return order[:low], order[low:high], order[high:]


def _measure_variance(squares: Array) -> float:
    """Measure a bin's variance from squares of residuals, which it puts in order, by the larger of two quantiles."""
    middle, high = len(squares) // 2, int(0.9 * len(squares))
    squares.partition((middle, high))
    return float(max(squares[middle] / MEDIAN_OF_CHI2, squares[high] / CHI2_TAIL))


def _fit_terms(terms: Array, spread: Array) -> Array:
    """Fit the bins' variances, each weighted by its own size, without negative terms."""
    total = terms[:, 3]
    for _ in range(4):
        relative = terms[:, :3] / total[:, None]
        scale = relative.max(axis=0) + 1e-30
        found = solve_without_negatives(relative / scale, (spread - terms[:, 3]) / total)
        total = terms[:, 3] + terms[:, :3] @ (found / scale)
    return np.asarray(found / scale)
