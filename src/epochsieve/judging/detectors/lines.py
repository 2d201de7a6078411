"""Straight streaks in the residual: satellites, aeroplanes, bad columns and rows."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.vocabulary.series import FloatImage

ANGLES = 24
"""Directions tried, evenly spread over half a turn."""

CLIP = 4.0
"""A pixel counts at most so many sigmas, so that it takes many to make a line."""


@dataclass(frozen=True, eq=False)
class Lines:
    """All lines through images of one shape.

    Attributes
    ----------
    sums : sparse matrix, shape (lines, pixels)
        Each row sums the pixels along a line, shared between the two lines nearest to a pixel.
    squares : sparse matrix, shape (lines, pixels)
        Squares of its elements: the variance of the sum.
    weights : ndarray, shape (lines,)
        One over the error of each sum in an image without missing pixels; zero for short lines.
    angles, offsets : ndarray, shape (lines,)
        Direction of each line, radians from the column axis (x), and its distance from the middle, pixels.
    """

    sums: "scipy.sparse.csr_matrix"
    squares: "scipy.sparse.csr_matrix"
    weights: NDArray[np.float32]
    angles: NDArray[np.float64]
    offsets: NDArray[np.float64]


@lru_cache(maxsize=8)
def draw_lines(height: int, width: int) -> Lines:
    """Draw all lines through an image (a discrete Radon transform).

    Parameters
    ----------
    height, width : int
        Shape of the image.

    Returns
    -------
    Lines
        About ``24 (height + width)`` of them.
    """
    y, x = (np.mgrid[:height, :width] - np.array([(height - 1) / 2, (width - 1) / 2])[:, None, None]).reshape(2, -1)
    reach = int(np.ceil(np.hypot(height, width) / 2))
    per_angle = 2 * reach + 3
    angles = np.arange(ANGLES) * np.pi / ANGLES
    distance = x * np.sin(angles)[:, None] - y * np.cos(angles)[:, None] + reach
    below = np.floor(distance).astype(int)
    share = distance - below
    first = below + np.arange(ANGLES)[:, None] * per_angle
    pixels = np.broadcast_to(np.arange(height * width), first.shape)
    rows, columns = np.concatenate([first, first + 1]).ravel(), np.concatenate([pixels, pixels]).ravel()
    values = np.concatenate([1 - share, share]).ravel().astype(np.float32)
    sums = scipy.sparse.csr_matrix((values, (rows, columns)), shape=(ANGLES * per_angle, height * width))
    offsets = np.tile(np.arange(per_angle) - float(reach), ANGLES)
    squares = sums.multiply(sums).tocsr()
    weights = _weigh(squares.sum(axis=1).A1, (height, width))
    return Lines(sums, squares, weights, np.repeat(angles, per_angle), offsets)


def sum_lines(residual: FloatImage, missing: NDArray[np.bool_], clip: float) -> NDArray[np.float64]:
    """Sum residuals along every line.

    Parameters
    ----------
    residual : ndarray of float32, shape (epochs, height, width)
        In sigmas; zero where data is missing.
    missing : ndarray of bool, shape (epochs, height, width)
        Where there is no data.
    clip : float
        A pixel counts at most so many sigmas: the lower, the more evenly bright a line must be.

    Returns
    -------
    ndarray, shape (epochs, lines)
        In sigmas; zero for lines that are short or mostly missing.
    """
    lines = draw_lines(*residual.shape[1:])
    clipped = np.clip(residual, -clip, clip).reshape(len(residual), -1)
    # Images without missing pixels share their weights: nearly twice as fast where few epochs have any.
    holed = missing.any(axis=(1, 2))
    seen = ~missing.reshape(len(residual), -1)[holed]
    weights = np.tile(lines.weights, (len(residual), 1))
    weights[holed] = _weigh((lines.squares @ seen.T.astype(np.float32)).T, residual.shape[1:])
    return np.asarray((lines.sums @ clipped.T).T * weights)


def _weigh(variance: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Weigh sums along lines by their errors; zero for lines that are short or mostly missing."""
    return np.asarray((variance > max(5, 0.25 * min(shape))) / np.sqrt(np.maximum(variance, 1)), np.float32)


def measure_line(comparison: Comparison) -> Witness:
    """Score by the line that stands out most."""
    return Witness(np.abs(sum_lines(comparison.residual, comparison.scene.missing, CLIP)).max(axis=1))
