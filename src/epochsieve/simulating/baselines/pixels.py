"""The simplest thing that could work: nearest neighbours among normalised pixels."""

import numpy as np
from numpy.typing import NDArray

from epochsieve.simulating.baselines.ranked import find_nearest, measure_against_typical
from epochsieve.vocabulary.series import FloatImage

NEIGHBOURS = 5


def score_pixels(cube: FloatImage) -> NDArray[np.float64]:
    """Score by the mean distance to the five nearest epochs, each image scaled from its minimum to its maximum.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        In units of the series' median distance.
    """
    return measure_against_typical(find_nearest(_normalise(cube), NEIGHBOURS))


def _normalise(cube: FloatImage) -> NDArray[np.float64]:
    """Flatten, put each image's minimum where data is missing, and scale to 0..1; a constant image becomes 0."""
    pixels = cube.reshape(len(cube), -1).astype(np.float64)
    known = np.isfinite(pixels)
    low = np.where(known, pixels, np.inf).min(axis=1, keepdims=True)
    high = np.where(known, pixels, -np.inf).max(axis=1, keepdims=True)
    spread = np.where(high > low, high - low, 1.0)
    return np.where(known, (pixels - np.where(np.isfinite(low), low, 0.0)) / spread, 0.0)
