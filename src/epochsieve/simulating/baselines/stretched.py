"""Brings images to the range that a network was trained on, faint and bright parts alike."""

import numpy as np
from numpy.typing import NDArray

from epochsieve.embedding.resizing import resize_bilinear
from epochsieve.vocabulary.series import FloatImage

_SIGMA_PER_MAD = 1.4826
# Where -2 and 8 of asinh(sigmas), about -4 and 1500 sigmas, become black and white.
_BLACK, _RANGE = -2.0, 10.0
# (v / 255 - 0.5) / 0.225 is how EfficientNet-Lite's training images were scaled.
_MIDDLE, _SPREAD = 0.5, 0.225


def stretch_for_network(cube: FloatImage, side: int) -> FloatImage:
    """Stretch images by the asinh of their noise sigmas, and resize them for a network.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing; it becomes background.
    side : int
        Pixels to resize to.

    Returns
    -------
    ndarray of float32, shape (epochs, side, side)
        In the units of EfficientNet-Lite's training images.
    """
    sigmas = measure_in_sigmas(cube)
    grey = np.clip((np.arcsinh(sigmas) - _BLACK) / _RANGE, 0, 1)
    return resize_bilinear(((grey - _MIDDLE) / _SPREAD).astype(np.float32), (side, side))


def measure_in_sigmas(cube: FloatImage) -> NDArray[np.float64]:
    """Express pixels above each epoch's own median in units of the series' noise.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing.

    Returns
    -------
    ndarray of float64, shape (epochs, height, width)
        0 where data is missing. The noise is the median absolute deviation, times 1.4826, of the median epoch.
    """
    pixels = cube.reshape(len(cube), -1).astype(np.float64)
    known = np.isfinite(pixels)
    with_data = known.any(axis=1)
    above = np.zeros_like(pixels)
    above[with_data] = pixels[with_data] - np.nanmedian(pixels[with_data], axis=1, keepdims=True)
    above[~known] = np.nan
    spreads = np.nanmedian(np.abs(above[with_data]), axis=1)
    noise = _SIGMA_PER_MAD * float(np.median(spreads)) if len(spreads) else 0.0
    return np.where(known, above / (noise or 1.0), 0.0).reshape(cube.shape)
