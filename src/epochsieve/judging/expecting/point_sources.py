"""The point source that explains most of a residual, near the central source: many widths in many images at once.

Gaussians are separable: the sums over pixels that fits need are small matrix products, for all images and widths
together: 7 times faster than by filters and a fit after the other, for the usual handful of images.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.solving import solve_apart

Array = NDArray[Any]

WIDTHS = (0.0, 0.5, 0.65, 0.8, 1.0, 1.25, 1.6)
"""Tried widths in units of the point spread's; 0 stands for a single pixel."""

ONE_PIXEL = 0.3
"""Standard deviation, pixels, of what lies within one pixel."""

NARROWEST = 0.65
"""Anything whose best width is smaller is no star; the seeing may be better than the reference's, but not by half."""

ENOUGH = 0.94
"""A star must explain at least this share of what the best width explains; of a cosmic ray it explains less."""

FARTHEST = 1.5
"""Pixels that a fit may move from where it starts."""


@dataclass(frozen=True)
class Point:
    """A point source as fitted.

    Attributes
    ----------
    sigma : float
        Standard deviation, pixels.
    place : tuple of float
        Row and column.
    """

    sigma: float
    place: tuple[float, float]


def find_stars(residual: Array, weights: Array, host: NDArray[np.bool_], psf: float) -> list[Point | None]:
    """Find what is best explained as a star, in each image in which nothing sharper explains much more.

    Parameters
    ----------
    residual, weights : ndarray of float64, shape (images, height, width)
        Image minus model, and inverse variance; zero where data is missing.
    host : ndarray of bool, shape (height, width)
        Where a star is looked for.
    psf : float
        Standard deviation of the point spread, pixels.

    Returns
    -------
    list of Point or None
        One for each image.
    """
    sigmas = np.array([max(0.45, psf * width) if width else ONE_PIXEL for width in WIDTHS])
    light = weights * residual
    gains, places = _fit_points(light, weights, _find_places(light, weights, host, sigmas), sigmas)
    wide = np.array(WIDTHS) >= NARROWEST
    best = np.where(wide[:, None], gains, -np.inf).argmax(axis=0)
    return [
        _report(sigmas[k], places[k, i]) if gains[k, i] >= ENOUGH * gains[:, i].max() else None
        for i, k in enumerate(best)
    ]


def _report(sigma: float, place: Array) -> Point:
    """Report what was fitted."""
    return Point(_widen(sigma), (float(place[0]), float(place[1])))


def _widen(sigma: Any) -> Any:
    """Add what a pixel adds to a width."""
    return np.hypot(sigma, 0.29)


def _find_places(light: Array, weights: Array, host: NDArray[np.bool_], sigmas: Array) -> Array:
    """Find the pixels where positive points lower chi-square most, shape (widths, images, 2)."""
    inside = np.ix_(host.any(axis=1), host.any(axis=0))
    down, across = (
        _draw_profiles(np.flatnonzero(host.any(axis=1 - axis)), side, sigmas) for axis, side in enumerate(host.shape)
    )
    matched = down @ light @ across.swapaxes(2, 3)
    power = down**2 @ weights @ (across**2).swapaxes(2, 3)
    gains = np.where(host[inside] & (matched > 0), matched**2 / np.maximum(power, 1e-30), 0)
    row, column = np.divmod(gains.reshape(*gains.shape[:2], -1).argmax(axis=2), gains.shape[3])
    return np.stack([np.flatnonzero(host.any(axis=1))[row], np.flatnonzero(host.any(axis=0))[column]], axis=2)


def _draw_profiles(places: NDArray[np.intp], side: int, sigmas: Array) -> Array:
    """Draw profiles around some pixels of a column, shape (widths, 1, places, side)."""
    steps = np.arange(side) - places[:, None]
    width = sigmas[:, None, None, None]
    profiles = np.exp(-(steps**2) / (2 * width**2)) * (np.abs(steps) <= np.ceil(3.5 * width) + 1)
    return np.asarray(np.where(width > ONE_PIXEL, profiles, steps == 0))


def _fit_points(light: Array, weights: Array, starts: Array, sigmas: Array) -> tuple[Array, Array]:
    """Fit Gaussian points by three steps of Newton and Gauss: by how much chi-square falls, and the places."""
    reach = np.ceil(5.6 * sigmas)[:, None, None] + 1
    sides = light.shape[1:]
    stamps = [np.abs(np.arange(side) - starts[..., axis, None]) <= reach for axis, side in enumerate(sides)]
    width = _widen(sigmas)[:, None, None]
    places, gains, moving = starts.astype(float), np.zeros(starts.shape[:2]), np.ones(starts.shape[:2], bool)
    for _ in range(3):
        offsets = [np.arange(side) - places[..., axis, None] for axis, side in enumerate(sides)]
        rows, columns = (
            np.exp(-(offset**2) / (2 * width**2)) * stamp for offset, stamp in zip(offsets, stamps, strict=True)
        )
        normal = _sum_normal(weights, rows, columns, offsets[0] / width**2, offsets[1] / width**2)
        right = _sum_light(light, rows, columns, offsets[0] / width**2, offsets[1] / width**2)
        found = solve_apart(normal, right, 1e-6)
        gains = np.where(moving, (right * found).sum(axis=2), gains)
        moving &= found[..., 0] > 0
        step = np.clip(found[..., 1:] / np.where(moving, found[..., 0], 1)[..., None], -0.5, 0.5)
        places += np.where(moving[..., None], step, 0)
        moving &= np.abs(places - starts).max(axis=2) <= FARTHEST
    return gains, places


def _sum_normal(weights: Array, rows: Array, columns: Array, down: Array, across: Array) -> Array:
    """Sum products of a point and its derivatives, weighted, shape (widths, images, 3, 3)."""
    by_row = np.stack([rows**2, rows**2 * down, (rows * down) ** 2], axis=2)
    by_column = np.stack([columns**2, columns**2 * across, (columns * across) ** 2], axis=2)
    sums = by_row @ weights @ by_column.swapaxes(2, 3)
    return np.asarray(sums[..., [[0, 1, 0], [1, 2, 1], [0, 1, 0]], [[0, 0, 1], [0, 0, 1], [1, 1, 2]]])


def _sum_light(light: Array, rows: Array, columns: Array, down: Array, across: Array) -> Array:
    """Sum the weighted residual under a point and its derivatives, shape (widths, images, 3)."""
    sums = np.stack([rows, rows * down], axis=2) @ light @ np.stack([columns, columns * across], axis=2).swapaxes(2, 3)
    return np.asarray(sums[..., [0, 1, 0], [0, 0, 1]])
