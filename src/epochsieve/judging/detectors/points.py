"""Single pixels and compact spots in the residual: cosmic rays, hot pixels, asteroids, ghosts."""

import numpy as np

from epochsieve.judging.detectors.witness import Witness, point_at_largest
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import MEDIAN_OF_CHI2, measure_spread, take_middle
from epochsieve.judging.smoothing import smooth

LARGEST = 20.0
"""A pixel counts at most so many sigmas when spots are summed."""


def measure_pixel(comparison: Comparison) -> Witness:
    """Score by the pixel that is furthest off, in sigmas."""
    return point_at_largest(np.abs(comparison.residual))


def measure_blob_1(comparison: Comparison) -> Witness:
    """Score by a matched filter for spots of one pixel's standard deviation."""
    return measure_blob(comparison, 1.0)


def measure_blob_2(comparison: Comparison) -> Witness:
    """Score by a matched filter for spots of two pixels' standard deviation."""
    return measure_blob(comparison, 2.0)


def measure_blob_4(comparison: Comparison) -> Witness:
    """Score by a matched filter for spots of four pixels' standard deviation."""
    return measure_blob(comparison, 4.0)


def measure_blob(comparison: Comparison, sigma: float) -> Witness:
    """Score by a matched filter, normalised by the good epochs' own scatter at each place.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.
    sigma : float
        Standard deviation of the filter, pixels; images smaller than three of it give no score.

    Returns
    -------
    Witness
        In units of the usual scatter.
    """
    residual, good = comparison.residual, comparison.good
    if 3 * sigma > min(residual.shape[1:]):
        return Witness(np.ones(len(residual)))
    clipped = np.clip(residual, -LARGEST, LARGEST)
    filtered = smooth(clipped, sigma, "constant")
    return point_at_largest(np.abs(filtered) / _usual_scatter(filtered, good))


def _usual_scatter(filtered: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Measure the scatter over the good epochs at each place; at all places together where they are few."""
    flat = filtered[good].reshape(int(good.sum()), -1)
    if len(flat) <= 8:  # noqa: PLR2004 -- too few for a spread
        together = float(np.sqrt(take_middle(flat.ravel() ** 2) / MEDIAN_OF_CHI2)) or 1.0
        return np.full(filtered.shape[1:], together, filtered.dtype)
    scatter = measure_spread(flat).reshape(filtered.shape[1:])
    return np.maximum(scatter, 0.7 * (float(take_middle(scatter.ravel())) or 1.0)).astype(filtered.dtype)
