"""New stars on or near the central source: novae and supernovae are news, not defects.

What is positive, at least as wide as the point spread, and where a galaxy's own stars are, is taken for a star and
subtracted. What is sharper is left for the detectors: nothing above the atmosphere is sharper than the point spread.
"""

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from epochsieve.judging.expecting.fitting import downweight
from epochsieve.judging.expecting.point_sources import find_stars
from epochsieve.judging.expecting.scene import Scene
from epochsieve.judging.expecting.solving import solve_ridged
from epochsieve.judging.robust import MEDIAN_OF_CHI2, take_middle, take_quantiles
from epochsieve.judging.smoothing import draw_filter, square_gradient

Array = NDArray[Any]

CERTAIN = 5.0
"""Significance from which a star is looked for."""

RARE = 3.0
"""By so many of the series' scatters it must stand out of the other epochs, for mismatched stars leave residuals."""

REACH = 2.6
"""How far from the central source, in full widths at half maximum of a star, a new star may always be."""

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
    radius = scene.measure_radii()
    labels, _ = scipy.ndimage.label(scipy.ndimage.gaussian_filter(scene.reference, 0.7) > 2 * scene.depth)
    own = labels[round(scene.centre[0]), round(scene.centre[1])]
    of_host = (labels == own) & (own > 0) & (radius < HOST_REACH * scene.width)
    return np.asarray(of_host | (radius < REACH * scene.psf_fwhm))


def find_newcomers(
    residual: Array, variance: Array, valid: NDArray[np.bool_], host: NDArray[np.bool_], psf_sigma: float
) -> Array:
    """Find new stars in residuals.

    Parameters
    ----------
    residual, variance : ndarray, shape (epochs, height, width)
        Image minus model, and its variance.
    valid : ndarray of bool, shape (epochs, height, width)
        Where there is data.
    host : ndarray of bool, shape (height, width)
        Where a new star would belong to the central source; not nowhere.
    psf_sigma : float
        Standard deviation of the point spread, pixels.

    Returns
    -------
    ndarray of float32, shape (epochs, height, width)
        Images of the new stars; zero for epochs without one.
    """
    found = np.zeros(residual.shape, np.float32)
    chosen = np.flatnonzero(_find_candidates(residual, variance, valid, host, psf_sigma))
    if not chosen.size:
        return found
    weights = np.where(valid[chosen], 1 / variance[chosen], 0).astype(float)
    stars = find_stars(residual[chosen].astype(float), weights, host, psf_sigma)
    for i, say, star in zip(chosen, weights, stars, strict=True):
        if star is not None:
            found[i] = _draw_star(residual[i], say, star.place, star.sigma)
    return found


def estimate_error(stars: Array) -> Array:
    """Estimate the variance of new stars' images, shape as given."""
    return np.asarray(FLUX_ERROR**2 * stars**2 + SLOPE_ERROR**2 * square_gradient(stars))


def _find_candidates(residual: Array, variance: Array, valid: Array, host: Array, sigma: float) -> NDArray[np.bool_]:
    """Find epochs whose smoothed residual stands out near the central source, of the noise and of the other epochs."""
    sigmas = residual * np.sqrt(valid / variance)
    noise = 1 / (2 * np.sqrt(np.pi) * max(sigma, 0.6))
    rows, columns = (np.asarray(host.any(axis=axis)) for axis in (1, 0))
    down, across = (draw_filter(len(some), sigma, "reflect", 0, sigmas.dtype.str)[some] for some in (rows, columns))
    smoothed = down @ (sigmas.reshape(-1, len(columns)) @ across.T).reshape(*sigmas.shape[:2], -1)
    highest = smoothed[:, host[np.ix_(rows, columns)]].max(axis=1)
    usual, upper = take_quantiles(highest, (0.5, 0.75))
    return np.asarray(highest > max(CERTAIN * noise, usual + RARE * (upper - usual) / 0.6745))


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
        weighted = basis * current
        found = solve_ridged((weighted @ basis.T)[None], (weighted @ pixels)[None])[0]
        left = pixels - found @ basis
        usual = max(1.0, float(take_middle(left**2 * say)) / MEDIAN_OF_CHI2)
        current = downweight(left, say / usual) * usual
    drawn = np.zeros_like(residual)
    drawn[near] = found @ basis
    return drawn
