"""New stars on or near the central source: novae and supernovae are news, not defects.

What is positive, at least as wide as the point spread, and where a galaxy's own stars are, is taken for a star and
subtracted. What is sharper is left for the detectors: nothing above the atmosphere is sharper than the point spread.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from epochsieve.judging.expecting.fitting import downweight, solve_ridged
from epochsieve.judging.expecting.scene import FWHM_OF_SIGMA, Scene
from epochsieve.judging.robust import MEDIAN_OF_CHI2

Array = NDArray[Any]

CERTAIN = 5.0
"""Significance from which a star is looked for."""

RARE = 3.0
"""By so many of the series' scatters it must stand out of the other epochs, for mismatched stars leave residuals."""

WIDTHS = (0.0, 0.5, 0.65, 0.8, 1.0, 1.25, 1.6)
"""Tried widths in units of the point spread's; 0 stands for a single pixel."""

ONE_PIXEL = 0.3
"""Standard deviation, pixels, of what lies within one pixel."""

NARROWEST = 0.65
"""Anything whose best width is smaller is no star; the seeing may be better than the reference's, but not by half."""

REACH = 2.6
"""How far from the central source, in full widths at half maximum of a star, a new star may always be."""

ENOUGH = 0.94
"""A star must explain at least this share of what the best width explains; of a cosmic ray it explains less."""

HOST_REACH = 2.0
"""How far it may be where the central source itself shines, in that source's full widths at half maximum."""

FLUX_ERROR, SLOPE_ERROR = 0.04, 0.15
"""A new star's model is uncertain by this share of its flux and, in pixels, of its position."""

PROFILE_WIDTHS = (1.0, 1.6, 2.8, 5.5)
"""Gaussians that a star's profile is the sum of, in units of its width."""


def mark_host(scene: Scene) -> NDArray[np.bool_]:
    """Mark where a new star would belong to the central source.

    Parameters
    ----------
    scene : Scene
        What the series shows.

    Returns
    -------
    ndarray of bool, shape (height, width)
        The isophote of the central source that stands out of the noise, and a few point spreads around its centre.
    """
    y, x = np.mgrid[: scene.reference.shape[0], : scene.reference.shape[1]]
    radius = np.hypot(y - scene.centre[0], x - scene.centre[1])
    labels, _ = ndimage.label(ndimage.gaussian_filter(scene.reference, 0.7) > 2 * scene.depth)
    own = labels[round(scene.centre[0]), round(scene.centre[1])]
    near = REACH * FWHM_OF_SIGMA * scene.psf_sigma
    of_host = (labels == own) & (own > 0) & (radius < HOST_REACH * scene.width)
    return np.asarray(of_host | (radius < near))


def find_newcomers(residual: Array, variance: Array, valid: NDArray[np.bool_], scene: Scene) -> Array:
    """Find new stars in residuals.

    Parameters
    ----------
    residual, variance : ndarray, shape (epochs, height, width)
        Image minus model, and its variance.
    valid : ndarray of bool, shape (epochs, height, width)
        Where there is data.
    scene : Scene
        What the series shows.

    Returns
    -------
    ndarray of float32, shape (epochs, height, width)
        Images of the new stars; zero for epochs without one.
    """
    host = mark_host(scene)
    found = np.zeros(residual.shape, np.float32)
    for i in np.flatnonzero(_find_candidates(residual, variance, valid, host, scene.psf_sigma)):
        weights = np.where(valid[i], 1 / variance[i], 0)
        star = _find_star(residual[i], weights, host, scene.psf_sigma)
        if star is not None:
            found[i] = _draw_star(residual[i], weights, star.place, star.sigma)
    return found


def estimate_error(stars: Array) -> Array:
    """Estimate the variance of new stars' images, shape as given."""
    along_y, along_x = np.gradient(stars, axis=(1, 2))
    return np.asarray(FLUX_ERROR**2 * stars**2 + SLOPE_ERROR**2 * (along_y**2 + along_x**2))


def _find_candidates(residual: Array, variance: Array, valid: Array, host: Array, sigma: float) -> NDArray[np.bool_]:
    """Find epochs whose smoothed residual stands out near the central source, of the noise and of the other epochs."""
    sigmas = np.where(valid, residual / np.sqrt(variance), 0)
    smooth = ndimage.gaussian_filter(sigmas, (0, sigma, sigma))
    noise = 1 / (2 * np.sqrt(np.pi) * max(sigma, 0.6))
    highest = smooth[:, host].max(axis=1)
    usual, upper = np.quantile(highest, [0.5, 0.75])
    return np.asarray(highest > max(CERTAIN * noise, usual + RARE * (upper - usual) / 0.6745))


@dataclass(frozen=True)
class _Point:
    """A point source as fitted: how much chi-square it explains, its standard deviation in pixels, its place."""

    gain: float
    sigma: float
    place: tuple[float, float]


def _find_star(residual: Array, weights: Array, host: Array, psf: float) -> _Point | None:
    """Find what is best explained as a star, if nothing sharper explains much more."""
    sigmas = [max(0.45, psf * width) if width else ONE_PIXEL for width in WIDTHS]
    trials = [_fit_point(residual, weights, _find_place(residual, weights, host, sigma), sigma) for sigma in sigmas]
    star = max((trial for trial, width in zip(trials, WIDTHS, strict=True) if width >= NARROWEST), key=_gain)
    return star if star.gain >= ENOUGH * max(map(_gain, trials)) else None


def _gain(point: _Point) -> float:
    """Say how much chi-square a point explains."""
    return point.gain


def _find_place(residual: Array, weights: Array, host: Array, sigma: float) -> tuple[int, int]:
    """Find the pixel where a positive point of this width lowers chi-square most."""
    reach = int(np.ceil(3.5 * sigma)) + 1
    steps = np.arange(-reach, reach + 1)
    profile = np.exp(-(steps**2) / (2 * sigma**2)) if sigma > ONE_PIXEL else np.array([1.0])

    def filtered(image: Array, kernel: Array) -> Array:
        rows = ndimage.convolve1d(image, kernel, axis=0, mode="constant")
        return np.asarray(ndimage.convolve1d(rows, kernel, axis=1, mode="constant"))

    matched = filtered(weights * residual, profile)
    gain = np.where(host & (matched > 0), matched**2 / np.maximum(filtered(weights, profile**2), 1e-30), 0)
    row, column = np.unravel_index(np.argmax(gain), gain.shape)
    return int(row), int(column)


def _fit_point(residual: Array, weights: Array, start: tuple[int, int], sigma: float) -> _Point:
    """Fit a Gaussian point by three steps of Newton and Gauss."""
    reach = int(np.ceil(5.6 * sigma)) + 1
    stamp = tuple(slice(max(0, c - reach), c + reach + 1) for c in start)
    pixels, say = residual[stamp].ravel(), weights[stamp].ravel()
    grid = np.mgrid[: residual.shape[0], : residual.shape[1]][(slice(None), *stamp)].reshape(2, -1)
    place, gain = np.array(start, float), 0.0
    sigma = float(np.hypot(sigma, 0.29))
    for _ in range(3):
        offset = grid - place[:, None]
        point = np.exp(-(offset**2).sum(axis=0) / (2 * sigma**2))
        basis = np.stack([point, point * offset[0] / sigma**2, point * offset[1] / sigma**2])
        right = (basis * say) @ pixels
        found = solve_ridged(((basis * say) @ basis.T)[None], right[None], 1e-6)[0]
        gain = float(right @ found)
        if found[0] <= 0:
            break
        place = place + np.clip(found[1:] / found[0], -0.5, 0.5)
        if np.abs(place - start).max() > 1.5:  # noqa: PLR2004 -- it runs away
            break
    return _Point(gain, sigma, (float(place[0]), float(place[1])))


def _draw_star(residual: Array, weights: Array, place: tuple[float, float], sigma: float) -> Array:
    """Draw a star as concentric Gaussians, free to be a little off and out of round, robustly fitted."""
    y, x = (np.mgrid[: residual.shape[0], : residual.shape[1]] - np.array(place)[:, None, None]) / sigma
    radius2 = x * x + y * y
    near = radius2 < (8 + 2 / sigma) ** 2
    y, x, radius2 = y[near], x[near], radius2[near]
    layers = [np.exp(-radius2 / (2 * width**2)) for width in PROFILE_WIDTHS]
    core = layers[0]
    basis = np.array([*layers, core * x, core * y, core * (x * x - y * y), core * x * y])
    pixels, say = residual[near], weights[near]
    current = say
    for _ in range(3):
        found = solve_ridged(((basis * current) @ basis.T)[None], ((basis * current) @ pixels)[None])[0]
        left = pixels - found @ basis
        usual = max(1.0, float(np.median(left**2 * say)) / MEDIAN_OF_CHI2)
        current = downweight(left, say / usual) * usual
    drawn = np.zeros_like(residual)
    drawn[near] = found @ basis
    return drawn
