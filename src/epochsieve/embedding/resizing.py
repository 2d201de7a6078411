"""Brings images to a size that a network takes."""

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.series import FloatImage


def resize_bilinear(images: FloatImage, shape: tuple[int, int]) -> FloatImage:
    """Resize images.

    Parameters
    ----------
    images : ndarray of float32, shape (n, height, width)
        The images.
    shape : tuple of int
        Height and width to get.

    Returns
    -------
    ndarray of float32, shape (n, *shape)
        Bilinear interpolation between pixel centres where an axis grows; where it shrinks, the triangle widens to cover
        the pixels it stands for, so that nothing falls between.
    """
    rows, columns = (_weights(old, new) for old, new in zip(images.shape[1:], shape, strict=True))
    return np.asarray(rows @ images @ columns.T, np.float32)


def pad_to(smallest: int, images: FloatImage) -> FloatImage:
    """Pad images of shape (n, height, width) with zeros, below and on the right, to a smallest side in pixels."""
    missing = [(0, max(0, smallest - side)) for side in images.shape[1:]]
    return np.pad(images, [(0, 0), *missing]) if any(after for _, after in missing) else images


def _weights(old: int, new: int) -> NDArray[np.float32]:
    """Weigh old pixels for each new one: triangles around the new pixels' centres, normalised."""
    scale = old / new
    centres = (np.arange(new) + 0.5) * scale - 0.5
    triangle = np.maximum(0, 1 - np.abs(np.arange(old) - centres[:, None]) / max(scale, 1))
    return np.asarray(triangle / triangle.sum(1, keepdims=True), np.float32)
