"""What the series shows: the reference image, its central source and the point spread."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from epochsieve.judging.robust import SPREAD_OF_MAD, take_median, take_middle
from epochsieve.vocabulary.series import FloatImage

Array = NDArray[Any]

FWHM_OF_SIGMA = 2.3548
"""Full width at half maximum of a Gaussian in units of its standard deviation."""

FAINTEST_LIKENESS = 0.3
"""Usual correlation with the reference below which noise hides who shows another scene."""

HALF = 0.5
"""Share of the pixels that an image must have to help making the reference."""

MANY_PEAKS = 6
"""So many sharp peaks are averaged; of fewer the sharpest counts."""

QUIETEST = 1e-3
"""No epoch's noise is taken to be smaller than this, in units of the usual noise: weights must stay finite."""

LARGE = 30
"""Side, in pixels, of images of which every second row says how noisy they are."""

FEW_EPOCHS = 8
"""Below this number the given stack counts as one more image when the reference is made."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What every epoch should show.

    Attributes
    ----------
    images : ndarray of float32, shape (epochs, height, width)
        Background-subtracted; zero where data is missing.
    missing : ndarray of bool, shape (epochs, height, width)
        Where there is no data.
    background, noise : ndarray, shape (epochs,)
        Median level, and pixel-to-pixel noise, image units.
    alike : ndarray of bool, shape (epochs,)
        Epochs that show the same scene; the reference is made of them.
    reference : ndarray, shape (height, width)
        Their median, at the same brightness; its own background is zero.
    depth : float
        Noise of the reference.
    centre : tuple of float
        Row and column of the central source.
    width : float
        Full width at half maximum of the central source, pixels.
    psf_sigma : float
        Standard deviation of the Gaussian that the sharpest peak of the reference is like, pixels.
    """

    images: FloatImage
    missing: NDArray[np.bool_]
    background: Array
    noise: Array
    alike: NDArray[np.bool_]
    reference: Array
    depth: float
    centre: tuple[float, float]
    width: float
    psf_sigma: float

    @property
    def psf_fwhm(self) -> float:
        """Full width at half maximum of the point spread, pixels."""
        return FWHM_OF_SIGMA * self.psf_sigma

    @property
    def blur(self) -> float:
        """Standard deviation, pixels, of a Gaussian as wide as the central source: more than a derivative can say."""
        return max(1.0, self.width / FWHM_OF_SIGMA)

    def measure_radii(self) -> Array:
        """Measure each pixel's distance from the central source, pixels, shape (height, width)."""
        y, x = np.indices(self.reference.shape)
        return np.asarray(np.hypot(y - self.centre[0], x - self.centre[1]))


def build_scene(cube: FloatImage, missing: NDArray[np.bool_], stack: FloatImage) -> Scene:
    """Find out what a series shows.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        At least one image.
    missing : ndarray of bool, shape (epochs, height, width)
        Where there is no data.
    stack : ndarray of float32, shape (height, width)
        The given stack, NaN where data is missing; used only where epochs are few.

    Returns
    -------
    Scene
        Finite everywhere.
    """
    count, *shape = cube.shape
    valid = ~missing.reshape(count, -1)
    flat = np.where(valid, cube.reshape(count, -1), np.float32(0))
    background = np.nan_to_num(take_median(flat, valid))
    flat = np.where(valid, flat - background[:, None].astype(np.float32), np.float32(0))
    images = flat.reshape(cube.shape)
    extra = _prepare_stack(stack) if count < FEW_EPOCHS else None
    reference, alike = _combine(flat, valid, extra)
    noise = _measure_noise(images, ~missing, alike)
    depth = 1.3 * float(take_middle(noise[alike])) / np.sqrt(alike.sum())
    reference = reference.reshape(shape)
    peak = _find_central_peak(reference)
    width = _measure_width(reference, peak)
    return Scene(
        images,
        missing,
        background,
        noise,
        alike,
        reference,
        depth,
        _measure_centroid(reference, peak, width),
        width,
        _measure_psf(reference, depth, width),
    )


def _prepare_stack(stack: FloatImage) -> Array | None:
    """Subtract the stack's background, if there is anything in it."""
    finite = np.isfinite(stack)
    if not finite.any() or np.ptp(stack[finite]) == 0:
        return None
    return np.where(finite, stack - np.median(stack[finite]), np.nan).ravel()


def _combine(flat: Array, valid: NDArray[np.bool_], extra: Array | None) -> tuple[Array, NDArray[np.bool_]]:
    """Make the reference of the epochs that look alike, in up to three rounds."""
    if extra is not None:
        flat, valid = np.vstack([flat, np.nan_to_num(extra)]), np.vstack([valid, np.isfinite(extra)])
    alike = valid.mean(axis=1) > HALF
    alike = alike if alike.any() else np.ones(len(flat), bool)
    scaled = flat
    for left in reversed(range(3)):
        reference = np.nan_to_num(take_median(scaled[alike], valid[alike], axis=0)).astype(float)
        reference -= take_middle(reference[None], 1)
        scale, likeness = _compare(flat, valid, reference)
        before, alike = alike, alike & _look_alike(scale, likeness, alike)
        if left == 1 and (alike == before).all():
            break  # the reference would hardly change any more
        if left:
            usual = float(take_middle(scale[alike])) or 1.0
            scaled = flat * (usual / np.where(alike & (scale != 0), scale, 1)).astype(np.float32)[:, None]
    if extra is not None:
        alike = alike[:-1] if alike[:-1].any() else np.ones(len(flat) - 1, bool)
    return reference, alike


def _compare(flat: Array, valid: NDArray[np.bool_], reference: Array) -> tuple[Array, Array]:
    """Measure each image's brightness relative to the reference, and its correlation with it."""
    seen, known = valid.astype(np.float32), reference.astype(np.float32)
    count = np.maximum(valid.sum(axis=1), 1)
    level, usual = flat.sum(axis=1) / count, (seen @ known) / count
    power = np.maximum(seen @ known**2 - count * usual**2, 0) + 1e-30
    spread = np.maximum(np.einsum("ep,ep->e", flat, flat) - count * level**2, 0) + 1e-30
    product = flat @ known - count * level * usual
    return product / power, product / np.sqrt(power * spread)


def _look_alike(scale: Array, likeness: Array, alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which images show the same scene; all, where the scene is too faint to tell."""
    usual = take_middle(likeness[alike])
    same = (likeness > 0.5 * usual) & (scale > 0.2 * take_middle(scale[alike]))
    return same if usual > FAINTEST_LIKENESS and (same & alike).any() else np.ones(len(scale), bool)


def _measure_noise(images: FloatImage, valid: NDArray[np.bool_], alike: NDArray[np.bool_]) -> Array:
    """Measure the noise by differences of diagonal neighbours, which sources hardly enter."""
    every = 2 if min(images.shape[1:]) >= LARGE else 1
    both = (valid[:, 1::every, 1:] & valid[:, :-1:every, :-1]).reshape(len(images), -1)
    steps = (images[:, 1::every, 1:] - images[:, :-1:every, :-1]).reshape(len(images), -1)
    noise = SPREAD_OF_MAD / np.sqrt(2) * take_median(np.abs(steps), both)
    known = noise[alike & (noise > 0)]
    usual = float(take_middle(known)) if known.size else 1.0
    return np.where(noise > 0, np.maximum(noise, QUIETEST * usual), usual)


def _find_central_peak(reference: Array) -> tuple[int, int]:
    """Find the brightest place within a few pixels of the middle."""
    height, width = reference.shape
    y, x = np.mgrid[:height, :width]
    near = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2) <= max(2.5, 0.08 * min(height, width))
    smooth = scipy.ndimage.gaussian_filter(reference, 1.0)
    row, column = np.unravel_index(np.argmax(np.where(near, smooth, -np.inf)), reference.shape)
    return int(row), int(column)


def _measure_width(reference: Array, peak: tuple[int, int]) -> float:
    """Measure the central source's width by the area inside its half-maximum isophote."""
    labels, _ = scipy.ndimage.label(reference > reference[peak] / 2)
    area = float((labels == labels[peak]).sum()) if labels[peak] else 1.0
    return float(np.clip(2 * np.sqrt(area / np.pi), 1.5, max(1.5, 0.25 * min(reference.shape))))


def _measure_centroid(reference: Array, peak: tuple[int, int], width: float) -> tuple[float, float]:
    """Measure the central source's centre of light."""
    y, x = np.mgrid[: reference.shape[0], : reference.shape[1]]
    near = np.hypot(y - peak[0], x - peak[1]) <= max(1.5, 0.5 * width)
    light = np.maximum(reference, 0) * near
    total = light.sum()
    if total <= 0:
        return float(peak[0]), float(peak[1])
    return float((light * y).sum() / total), float((light * x).sum() / total)


def _measure_psf(reference: Array, depth: float, width: float) -> float:
    """Measure the point spread by the curvature of the sharpest peaks; nothing on the sky is sharper than it."""
    highest = scipy.ndimage.maximum_filter(reference, 3)
    rows, columns = np.nonzero((reference == highest) & (reference > 15 * depth))
    inside = (rows > 0) & (rows < reference.shape[0] - 1) & (columns > 0) & (columns < reference.shape[1] - 1)
    places = zip(rows[inside], columns[inside], strict=True)
    measured = (_measure_peak(reference[row - 1 : row + 2, column - 1 : column + 2]) for row, column in places)
    sigmas = sorted(sigma for sigma in measured if sigma is not None)
    of_centre = width / FWHM_OF_SIGMA
    if not sigmas:
        return max(0.5, of_centre)
    sharpest = float(np.mean(sigmas[:3])) if len(sigmas) >= MANY_PEAKS else sigmas[0]
    return max(0.5, min(sharpest, 1.2 * of_centre))


def _measure_peak(stamp: Array) -> float | None:
    """Measure the Gaussian sigma of a peak by the curvature of its logarithm, over 3 x 3 pixels."""
    if stamp.min() <= 0:
        return None
    log, kernel = np.log(stamp), np.array([0.25, 0.5, 0.25])
    along_y = (log[0] + log[2] - 2 * log[1]) @ kernel
    along_x = (log[:, 0] + log[:, 2] - 2 * log[:, 1]) @ kernel
    return float((along_y * along_x) ** -0.25) if along_y < 0 and along_x < 0 else None
