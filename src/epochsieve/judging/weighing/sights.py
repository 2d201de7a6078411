"""What a residual image shows, told by its shape: a spot, a streak, a column, a step, a wash or a texture."""

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from epochsieve.judging.detectors.lines import draw_lines
from epochsieve.judging.smoothing import smooth
from epochsieve.vocabulary.flags import Flag

Array = NDArray[Any]

SEEN = 6.0
"""Significance from which a step, a slope or a wash is named."""

SEEN_LINE = 5.0
"""Significance from which a line is named, of pixels that count little each."""

BRIGHT = 3.5
"""Sigmas from which a pixel belongs to a spot or streak."""

HALFWAY = 0.75
"""Share of a step that is made within three pixels on either side of it: a cloud rises more slowly."""

SHORTEST_STREAK, SLENDER = 9.0, 3.5
"""A streak is at least so many pixels long, and so many times as long as wide."""

COMPACT, FAINT = 0.3, 3.0
"""Share of the power of all pixels beyond so many sigmas, near the peak, from which it is a spot."""


def name_sight(residual: Array, missing: NDArray[np.bool_], lines: Array) -> Flag:
    """Name what a residual shows.

    Parameters
    ----------
    residual : ndarray, shape (height, width)
        In sigmas; zero where data is missing.
    missing : ndarray of bool, shape (height, width)
        Where there is no data.
    lines : ndarray, shape (lines,)
        Significance of each line, as `sum_lines` gives it with few sigmas a pixel.

    Returns
    -------
    Flag
        One or more of point, trail, column, edge, background and texture.
    """
    streak = _name_line(lines, residual.shape) or _name_streak(residual)
    if streak:
        return streak
    if _is_compact(residual):
        return Flag.POINT
    return name_wash(residual, missing)


def name_wash(image: Array, missing: NDArray[np.bool_]) -> Flag:
    """Tell a step in level from a smooth background and from a texture.

    Parameters
    ----------
    image : ndarray, shape (height, width)
        In sigmas, sources subtracted.
    missing : ndarray of bool, shape (height, width)
        Where there is no data.

    Returns
    -------
    Flag
        Edge, background or texture.
    """
    valid = ~missing
    clipped = np.clip(image, -5, 5)
    step = max(_measure_step(clipped, valid), _measure_step(clipped.T, valid.T))
    patch = float(np.abs(smooth(clipped, 3.0)).max()) * 2 * np.sqrt(np.pi) * 3.0
    slope = max(_measure_slope(clipped, valid), _measure_slope(clipped.T, valid.T))
    if step > max(SEEN, 1.1 * slope, patch):
        return Flag.EDGE
    return Flag.BACKGROUND if max(slope, patch) > SEEN else Flag.TEXTURE


def _name_line(lines: Array, shape: tuple[int, ...]) -> Flag | None:
    """Name the most significant line: a column or row where it lies along the pixels and is one pixel wide."""
    best = int(np.abs(lines).argmax())
    if abs(lines[best]) < SEEN_LINE:
        return None
    geometry = draw_lines(shape[0], shape[1])
    beside = np.abs(lines[[best - 1, min(best + 1, len(lines) - 1)]]).min()
    upright = min(abs(geometry.angles[best] - angle) for angle in (0, np.pi / 2)) < 1e-6  # noqa: PLR2004 -- exactly
    narrow = beside < 0.5 * abs(lines[best])
    if upright and narrow:
        return Flag.COLUMN
    return Flag.TRAIL if _stands_alone(lines, geometry.angles, best) else None


def _stands_alone(lines: Array, angles: Array, best: int) -> bool:
    """Tell a streak from a wash: in its own direction, few lines are as bright."""
    same = np.abs(lines[angles == angles[best]])
    crossed = same[same > 0]
    return bool((crossed > 0.5 * abs(lines[best])).mean() < 0.35)  # noqa: PLR2004 -- a third of the image


def _name_streak(residual: Array) -> Flag | None:
    """Name the region of the brightest pixel, if it is long and slender."""
    labels, _ = scipy.ndimage.label(np.abs(residual) > BRIGHT, np.ones((3, 3)))
    peak = np.unravel_index(np.abs(residual).argmax(), residual.shape)
    y, x = np.nonzero((labels == labels[peak]) & (labels > 0))
    if len(y) < SHORTEST_STREAK:
        return None
    small, large = np.sqrt(12 * np.maximum(np.linalg.eigvalsh(np.cov(np.stack([y, x]))), 1 / 12))
    return Flag.TRAIL if large > SHORTEST_STREAK and large > SLENDER * small else None


def _is_compact(residual: Array) -> bool:
    """Tell whether most of the power is near the peak."""
    power = np.where(np.abs(residual) > FAINT, residual**2, 0)
    smooth = scipy.ndimage.uniform_filter(power, 5, mode="constant") * 25
    return bool(smooth.max() > max(COMPACT * power.sum(), SEEN**2))


def _measure_step(image: Array, valid: NDArray[np.bool_]) -> float:
    """Measure the most significant step between the columns left and right of a border."""
    weight = valid.sum(axis=0).astype(float)
    total = (image * valid).sum(axis=0)
    left, above = np.cumsum(weight)[2:-3], np.cumsum(total)[2:-3]
    right = weight.sum() - left
    known = (left > 0) & (right > 0)
    if not known.any():
        return 0.0
    left, right, above = left[known], right[known], above[known]
    step = above / left - (total.sum() - above) / right
    abrupt = _measure_jump(total, weight)[known] > HALFWAY * np.abs(step)
    return float(np.where(abrupt, np.abs(step / np.sqrt(1 / left + 1 / right)), 0).max())


def _measure_jump(total: Array, weight: Array) -> Array:
    """Measure the jump between the three columns on either side of each border that `_measure_step` tries."""
    sums, counts = (np.concatenate([[0], np.cumsum(values)]) for values in (total, weight))
    means = (sums[3:] - sums[:-3]) / np.maximum(counts[3:] - counts[:-3], 1)
    return np.asarray(np.abs(means[3:] - means[:-3]))


def _measure_slope(image: Array, valid: NDArray[np.bool_]) -> float:
    """Measure the significance of a constant slope along the columns."""
    x = np.broadcast_to(np.arange(image.shape[1]), image.shape)[valid].astype(float)
    if x.size == 0 or np.ptp(x) == 0:
        return 0.0
    x = x - x.mean()
    return float(abs((image[valid] * x).sum()) / np.sqrt((x**2).sum()))
