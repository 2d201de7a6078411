"""From any numeric array to the pixels that every room works on: float32, native byte order, NaN for missing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import FloatImage


def to_pixels(array: NDArray[Any]) -> FloatImage:
    """Convert one image.

    Parameters
    ----------
    array : ndarray, shape (height, width)
        Any real type and byte order. Further axes may be there if they have length one.

    Returns
    -------
    ndarray of float32, shape (height, width)
        A copy; NaN where the input is not finite, or too large for float32.

    Raises
    ------
    ImageError
        For anything that is not one two-dimensional image of real numbers.
    """
    image = np.squeeze(array) if array.ndim > 2 else array  # noqa: PLR2004 - height and width
    if image.ndim != 2 or image.size == 0:  # noqa: PLR2004 - height and width
        raise ImageError(f"not a 2-D image: its shape is {describe_shape(array.shape)}")
    if image.dtype.kind not in "buif":
        raise ImageError(f"not an image of numbers: its type is {image.dtype}")
    with np.errstate(over="ignore", invalid="ignore"):
        pixels = image.astype(np.float32)
    finite = np.isfinite(pixels)
    if not finite.all():
        pixels[~finite] = np.nan
    return pixels


def to_physical_pixels(stored: NDArray[Any], scale: float, zero: float, blank: float) -> FloatImage:
    """Convert one image from the numbers that a FITS file stores.

    Parameters
    ----------
    stored : ndarray, shape (height, width)
        As in the file.
    scale, zero : float
        BSCALE and BZERO: physical value = scale * stored + zero.
    blank : float
        BLANK: the stored integer that means "no data"; NaN for none. Floating-point images ignore it, as the standard
        says.

    Returns
    -------
    ndarray of float32, shape (height, width)
        As `to_pixels`; the arithmetic is done in double precision.

    Raises
    ------
    ImageError
        As `to_pixels`.
    """
    if stored.dtype.kind == "f" and scale == 1 and zero == 0:
        return to_pixels(stored)
    physical = stored.astype(np.float64) * scale + zero
    if stored.dtype.kind != "f":
        physical[stored == blank] = np.nan
    return to_pixels(physical)


def describe_shape(shape: tuple[int, ...]) -> str:
    """Write a shape as 51x51."""
    return "x".join(map(str, shape)) or "empty"
