"""What a cosmic-ray finder for single images sees."""

import numpy as np
from numpy.typing import NDArray

from epochsieve.simulating.baselines.stretched import measure_in_sigmas
from epochsieve.vocabulary.series import FloatImage


def score_cosmic_rays(cube: FloatImage) -> NDArray[np.float64]:
    """Score by the cosmic rays that L.A.Cosmic finds in each image by itself; needs astroscrappy.

    The algorithm is van Dokkum's (2001, PASP 113, 1420) with its usual thresholds, on images in units of their noise.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        Root sum square of what was cleaned away, in noise sigmas; 0 where nothing was found.
    """
    sigmas = np.ascontiguousarray(measure_in_sigmas(cube), np.float32)
    missing = ~np.isfinite(cube)
    return np.array([_measure_cleaned(*pair) for pair in zip(sigmas, missing, strict=True)])


def _measure_cleaned(image: FloatImage, missing: NDArray[np.bool_]) -> float:
    """Measure what L.A.Cosmic takes out of one image in noise sigmas."""
    from astroscrappy import detect_cosmics

    _, cleaned = detect_cosmics(image, inmask=missing, invar=np.ones_like(image), gain=1.0, sepmed=True)
    return float(np.sqrt(np.sum(np.square(image - cleaned)[~missing])))
