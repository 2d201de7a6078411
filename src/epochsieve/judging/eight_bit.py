"""Images as the published method shows them to the network: 8 bit, 224 pixels a side.

What Pillow does is done here with two matrix products, to the last bit: ``Image.fromarray(pixels).convert("RGB")`` and
``resize((224, 224), BILINEAR)``.
"""

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.series import FloatImage

SIDE = 224
_WHITE = 255
# Pillow's weights are whole multiples of this (PRECISION_BITS in its Resample.c, for 8-bit images).
_WEIGHT_UNIT = 2.0**-22


def prepare_images(images: FloatImage) -> FloatImage:
    """Bring images to the network's input.

    Parameters
    ----------
    images : ndarray of float32, shape (n, height, width)
        Any values; NaN is missing data.

    Returns
    -------
    ndarray of float32, shape (n, 224, 224)
        Clipped, truncated and resized, then (v / 255 - 0.5) / 0.225.
    """
    scaled = resize_as_pillow(clip_to_eight_bits(images)).astype(np.float32) / np.float32(_WHITE)
    return (scaled - np.float32(0.5)) / np.float32(0.225)


def clip_to_eight_bits(images: FloatImage) -> NDArray[np.uint8]:
    """Clip to 0...255 and cut the fraction off; missing pixels become 0, as in Pillow."""
    return np.clip(np.nan_to_num(images, nan=0, posinf=_WHITE, neginf=0), 0, _WHITE).astype(np.uint8)


def resize_as_pillow(images: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.uint8]:
    """Resize 8-bit images to squares, bilinearly.

    Along the rows first and rounded after each axis, as Pillow always did up to version 12; version 13 takes images
    that are tall (and higher than `side`) the other way round, which differs by a unit here and there.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        The images.
    side : int
        Side to get, in pixels.

    Returns
    -------
    ndarray of uint8, shape (n, side, side)
        The same bytes that Pillow gives.
    """
    rows, columns = weigh_as_pillow(images.shape[1:], side)
    wide = np.floor(images @ columns.T + 0.5)
    return np.floor(rows @ wide + 0.5).astype(np.uint8)


def weigh_as_pillow(shape: tuple[int, ...], side: int = SIDE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weigh the old pixels for each new one, along the rows' axis and along the columns'.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the images.
    side : int
        Side to get, in pixels.

    Returns
    -------
    rows, columns : ndarray of float64, shape (side, height) and (side, width)
        Multiples of a power of two, so that their sums are exact in any order.
    """
    height, width = shape
    return _weigh_axis(height, side), _weigh_axis(width, side)


def _weigh_axis(old: int, new: int) -> NDArray[np.float64]:
    """Weigh old pixels for each new one: a triangle, as wide as the new pixels where they are the larger ones."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    triangle = np.maximum(0, 1 - np.abs(np.arange(old) - centres[:, None]) / max(scale, 1))
    weights = triangle / triangle.sum(1, keepdims=True)
    return np.asarray(np.floor(weights / _WEIGHT_UNIT + 0.5) * _WEIGHT_UNIT)
