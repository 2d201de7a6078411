"""How much noisier than others a pixel is, where files say so."""

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.robust import take_median
from epochsieve.vocabulary.series import FloatImage

WIDEST = 100.0
"""A pixel counts as no more than so many times noisier, or quieter, than the median one."""


def find_noise_pattern(noise: FloatImage | None, missing: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Measure noise in units of the median pixel's.

    The level that files give is not trusted: resampling correlates pixels, and units differ; it is measured elsewhere.

    Parameters
    ----------
    noise : ndarray of float32, shape (epochs, height, width), or None
        One-sigma noise of the pixels in any unit; NaN, zero or infinite where unknown.
    missing : ndarray of bool, shape (epochs, height, width)
        Pixels without data.

    Returns
    -------
    ndarray of float32, shape (epochs, pixels) or, where nothing is known, (epochs, 1)
        Relative noise; 1 where unknown.
    """
    if noise is None:
        return np.ones((len(missing), 1), np.float32)
    flat = noise.reshape(len(noise), -1).astype(float)
    known = np.isfinite(flat) & (flat > 0)
    usual = take_median(np.where(known, flat, 0), known & ~missing.reshape(flat.shape))
    usual = np.where(np.isfinite(usual) & (usual > 0), usual, np.inf)[:, None]
    relative = np.divide(flat, usual, out=np.ones_like(flat), where=known & np.isfinite(usual))
    return np.asarray(np.clip(relative, 1 / WIDEST, WIDEST), np.float32)
