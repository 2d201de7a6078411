"""Gaussian filters of many small images at once: along each axis one matrix product.

For 54 images of 51 x 51 px this is 3 (sigma of 1 px) to 7 times (4 px) faster than the filters of `scipy.ndimage`,
whose weights it uses.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[Any]


def smooth(images: Array, sigma: float, mode: str = "reflect", orders: tuple[int, int] = (0, 0)) -> Array:
    """Filter images by a Gaussian or its derivatives, as `scipy.ndimage.gaussian_filter` does.

    Parameters
    ----------
    images : ndarray of float, shape (..., height, width)
        Finite.
    sigma : float
        Standard deviation, pixels.
    mode : str, optional
        What lies beyond the borders, in the words of `scipy.ndimage`.
    orders : tuple of int, optional
        Order of the derivative along columns (y) and along rows (x).

    Returns
    -------
    ndarray
        Of the shape and type of `images`.
    """
    down, across = (
        draw_filter(side, sigma, mode, order, images.dtype.str)
        for side, order in zip(images.shape[-2:], orders, strict=True)
    )
    # All rows of all images as one product: 1.2 times faster.
    return np.asarray(down @ (images.reshape(-1, images.shape[-1]) @ across.T).reshape(images.shape))


@lru_cache(maxsize=64)
def draw_filter(side: int, sigma: float, mode: str, order: int, dtype: str) -> Array:
    """Draw the matrix that filters a column of pixels.

    Parameters
    ----------
    side : int
        How many pixels.
    sigma, mode, order
        As for `smooth`.
    dtype : str
        Type of the elements.

    Returns
    -------
    ndarray, shape (side, side)
        Read-only.
    """
    matrix = scipy.ndimage.gaussian_filter1d(np.eye(side), sigma, axis=0, order=order, mode=mode).astype(dtype)
    matrix.flags.writeable = False
    return np.asarray(matrix)


def square_gradient(cube: Array) -> Array:
    """Square the gradient of each image of a cube, by differences of neighbours as `numpy.gradient` takes them.

    Long rows of pixels are subtracted at once, and what is wrong at the borders put right: 1.7 times faster.

    Parameters
    ----------
    cube : ndarray of float, shape (images, height, width)
        At least two pixels high and wide.

    Returns
    -------
    ndarray
        Of the shape and type of `cube`.
    """
    count, height, width = cube.shape
    squares = _square_slope(cube.reshape(count, height * width), width).reshape(cube.shape)
    across = _square_slope(cube.reshape(1, -1), 1).reshape(cube.shape)
    for border, inner in ((0, 1), (-1, -2)):
        across[..., border] = (cube[..., inner] - cube[..., border]) ** 2
    squares += across
    return np.asarray(squares)


def _square_slope(rows: Array, step: int) -> Array:
    """Square differences of values that are two steps apart, halved, and of those at the ends that are one apart."""
    squares = np.empty_like(rows)
    slope = rows[:, 2 * step :] - rows[:, : -2 * step]
    slope *= 0.5
    np.multiply(slope, slope, out=squares[:, step:-step])
    squares[:, :step] = (rows[:, step : 2 * step] - rows[:, :step]) ** 2
    squares[:, -step:] = (rows[:, -step:] - rows[:, -2 * step : -step]) ** 2
    return squares
