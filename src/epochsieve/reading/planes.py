"""Planes beside an image: a mask of bad pixels, and how noisy each pixel is."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.pixels import describe_shape, to_pixels
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import Epoch, FloatImage

_POWERS = {"std": 1.0, "var": 0.5, "ivar": -0.5}


def to_noise(plane: NDArray[Any], kind: str = "ivar") -> FloatImage:
    """Convert a plane that says how sure pixels are into their one-sigma noise.

    Parameters
    ----------
    plane : ndarray, shape (height, width)
        Standard deviations, variances or inverse variances (weights).
    kind : str
        ``"std"``, ``"var"`` or ``"ivar"``, as astropy's uncertainties call themselves.

    Returns
    -------
    ndarray of float32, shape (height, width)
        NaN where the plane is not positive or not finite.

    Raises
    ------
    ImageError
        For what is no plane of real numbers, or of another kind.
    """
    if kind not in _POWERS:
        raise ImageError(f"an uncertainty of the kind {kind} can't be used: it must be one of {', '.join(_POWERS)}")
    values = to_pixels(plane).astype(np.float64)
    values[~(values > 0)] = np.nan
    with np.errstate(over="ignore", under="ignore"):
        return to_pixels(values ** _POWERS[kind])


def blank_masked(pixels: FloatImage, mask: NDArray[Any]) -> FloatImage:
    """Make masked pixels missing data.

    Parameters
    ----------
    pixels : ndarray of float32, shape (height, width)
        The image.
    mask : ndarray, shape (height, width)
        Bad pixels are not zero, or NaN.

    Returns
    -------
    ndarray of float32, shape (height, width)
        NaN where masked.

    Raises
    ------
    ImageError
        Where the mask is of another shape.
    """
    bad = np.squeeze(mask) if mask.ndim > 2 else mask  # noqa: PLR2004 - height and width
    check_shape("mask", bad, pixels)
    return np.where(bad.astype(bool), np.float32(np.nan), pixels)


def blank_unweighted(pixels: FloatImage, weights: NDArray[Any]) -> FloatImage:
    """Make pixels without weight missing data.

    Parameters
    ----------
    pixels : ndarray of float32, shape (height, width)
        The image.
    weights : ndarray, shape (height, width)
        Inverse variances; zero, below zero or NaN says that a pixel holds nothing.

    Returns
    -------
    ndarray of float32, shape (height, width)
        NaN where there is no weight.
    """
    return blank_masked(pixels, ~(to_pixels(weights) > 0))


def cover_epoch(epoch: Epoch, mask: NDArray[Any] | None, weights: NDArray[Any] | None) -> Epoch:
    """Lay a mask and weights on an epoch.

    Parameters
    ----------
    epoch : Epoch
        It has pixels.
    mask : ndarray, shape (height, width), or None
        Bad pixels are not zero.
    weights : ndarray, shape (height, width), or None
        Inverse variances.

    Returns
    -------
    Epoch
        With missing pixels and noise; a plane of another shape is its status.
    """
    pixels, noise = epoch.pixels, epoch.noise
    if pixels is None:
        return epoch
    try:
        if mask is not None:
            pixels = blank_masked(pixels, mask)
        if weights is not None:
            check_shape("weight plane", weights, pixels)
            pixels, noise = blank_unweighted(pixels, weights), to_noise(weights)
    except ImageError as error:
        return replace(epoch, pixels=None, status=f"unreadable: {error}")
    return replace(epoch, pixels=pixels, noise=noise)


def check_shape(what: str, plane: NDArray[Any], pixels: NDArray[Any]) -> None:
    """Refuse a plane that does not lie on its image.

    Parameters
    ----------
    what : str
        What the plane is.
    plane, pixels : ndarray
        The plane and the image.

    Raises
    ------
    ImageError
        Where their shapes differ.
    """
    if plane.shape != pixels.shape:
        found, wanted = describe_shape(plane.shape), describe_shape(pixels.shape)
        raise ImageError(f"the {what}'s shape {found} differs from the image's {wanted}")
