"""What an epoch should look like where its sources stand, and as blurred as it is: what is left is no weather."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from epochsieve.judging.expecting.fitting import downweight, solve_ridged
from epochsieve.judging.expecting.templates import differentiate, make_tilts
from epochsieve.judging.robust import measure_spread
from epochsieve.judging.smoothing import smooth

Array = NDArray[Any]

FARTHEST = 3.0
"""Spreads of the good epochs' places beyond which a shift is no dithering any more."""

STEADIEST = 0.1
"""Pixels: least spread of places; less can't be measured."""

AT_ONCE = 16
"""Epochs that are matched at once: more don't fit into a core's cache, and take twice the time."""


def hold_shifts(shifts: Array, good: NDArray[np.bool_]) -> Array:
    """Hold shifts within what is usual in a series.

    Parameters
    ----------
    shifts : ndarray, shape (epochs, 2)
        Along columns (x) and rows (y), pixels.
    good : ndarray of bool, shape (epochs,)
        Epochs that say what is usual.

    Returns
    -------
    ndarray, shape (epochs, 2)
        What is farther off ends at `FARTHEST` spreads.
    """
    usual = np.median(shifts[good], axis=0)
    reach = FARTHEST * np.maximum(measure_spread(shifts[good]), STEADIEST)
    return np.clip(shifts, usual - reach, usual + reach)


def move_images(images: Array, shifts: Array) -> Array:
    """Move images by cubic splines, what lies beyond the borders being as it is at the border.

    Parameters
    ----------
    images : ndarray of float32, shape (epochs, height, width)
        Finite.
    shifts : ndarray, shape (epochs, 2)
        Along columns (x) and rows (y): pixel (y, x) becomes what was at (y + shift_y, x + shift_x).

    Returns
    -------
    ndarray of float32, shape (epochs, height, width)
        Moved images.
    """
    height, width = images.shape[1:]
    down, across = _draw_moves(height, shifts[:, 1]), _draw_moves(width, shifts[:, 0])
    return np.asarray(down @ images @ across.transpose(0, 2, 1))


def match_seeing(images: Array, weights: Array, expected: Array, width: float) -> Array:
    """Subtract from epochs what they should look like, as bright, blurred and placed as it fits best.

    Parameters
    ----------
    images, weights : ndarray of float32, shape (epochs, height, width)
        Images, and inverse variances, both zero where data is missing.
    expected : ndarray of float32, shape (epochs, height, width)
        What they should look like.
    width : float
        Standard deviation of the blur, pixels.

    Returns
    -------
    ndarray of float32, shape (epochs, height, width)
        What is left: round changes of the point spread are explained, others are not.
    """
    parts = [slice(first, first + AT_ONCE) for first in range(0, len(images), AT_ONCE)]
    return np.concatenate([_match(images[part], weights[part], expected[part], width) for part in parts])


def _match(images: Array, weights: Array, expected: Array, width: float) -> Array:
    """Fit some epochs, and subtract what fits."""
    templates = _change_roundly(expected, width)
    lengths = np.sqrt(np.einsum("nkp,nkp->nk", templates, templates)) + np.float32(1e-30)
    templates /= lengths[..., None]
    flat, given = images.reshape(len(images), -1), weights.reshape(len(images), -1)
    current = given
    for left in reversed(range(2)):
        weighted = templates * current[:, None]
        normal = (weighted @ templates.transpose(0, 2, 1)).astype(float)
        values = solve_ridged(normal, (weighted @ flat[..., None])[..., 0].astype(float))
        residual = flat - (values[:, None].astype(np.float32) @ templates)[:, 0]
        if left:
            current = downweight(residual, given)
    return np.asarray(residual.reshape(images.shape))


def _change_roundly(expected: Array, width: float) -> Array:
    """Make what is fitted: the expected image, blurred, of another size, moved; and a background with a slope."""
    count = len(expected)
    plane = np.ones_like(expected)
    tilt_x, tilt_y = (plane * tilt.astype(expected.dtype) for tilt in make_tilts(expected.shape[1:]))
    size = differentiate(expected, 0, 2) + differentiate(expected, 2, 0)
    moved = (differentiate(expected, 0, 1), differentiate(expected, 1, 0))
    templates = (expected, smooth(expected, width) - expected, size, *moved, plane, tilt_x, tilt_y)
    return np.stack(templates, axis=1).astype(np.float32).reshape(count, len(templates), -1)


def _draw_moves(side: int, shifts: Array) -> Array:
    """Draw the matrices that move a column of pixels, shape (epochs, side, side)."""
    whole = np.floor(shifts)
    part = (shifts - whole)[:, None]
    near = ((1 - part) ** 3, 4 - 6 * part**2 + 3 * part**3, 1 + 3 * part + 3 * part**2 - 3 * part**3, part**3)
    matrices = np.zeros((len(shifts), side, side))
    rows, epochs = np.arange(side), np.arange(len(shifts))[:, None]
    for step, weight in enumerate(near):
        columns = np.clip(rows + whole[:, None].astype(int) + step - 1, 0, side - 1)
        np.add.at(matrices, (epochs, rows, columns), weight / 6)
    return (matrices @ _draw_prefilter(side)).astype(np.float32)


@lru_cache(maxsize=8)
def _draw_prefilter(side: int) -> Array:
    """Draw the matrix that turns a column of pixels into the coefficients of its cubic spline."""
    return np.asarray(ndimage.spline_filter1d(np.eye(side), 3, axis=0, mode="nearest"))
