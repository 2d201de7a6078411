"""From light to numbers: a scene, an exposure's conditions and what went wrong give the image that is read out."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from scipy.ndimage import convolve1d

from epochsieve.simulating.damage import Copies, Damage, View
from epochsieve.simulating.observing import Exposure, Survey
from epochsieve.simulating.point_spread import Array, Grid, Transfer, transfer_point
from epochsieve.simulating.scenes import Scene

GOOD = Damage()
"""Nothing went wrong."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """What an image would be on average.

    Attributes
    ----------
    mean : ndarray, shape (size, size)
        Without noise, image units; NaN where there is no data.
    sigma : ndarray, shape (size, size)
        Noise per pixel, image units; zero where the detector's content was replaced.
    """

    mean: Array
    sigma: Array


def expect(survey: Survey, scene: Scene, exposure: Exposure, damage: Damage = GOOD) -> Expectation:
    """Form the image without noise, and its noise.

    Parameters
    ----------
    survey : Survey
        Whose detector.
    scene : Scene
        The sky (another one is to be given for a wrong field).
    exposure : Exposure
        Conditions.
    damage : Damage, optional
        What went wrong.

    Returns
    -------
    Expectation
        Mean and noise per pixel.
    """
    light = _draw_sky(survey.grid, scene, exposure, damage) * damage.throughput + damage.light
    background = exposure.sky + _draw_tilt(survey.size, exposure)
    seen = detect(light * exposure.response, background * exposure.response, exposure.noise, survey.gain, damage)
    if not survey.integer:
        return seen
    return replace(seen, mean=np.clip(seen.mean, 0, survey.saturation))


def detect(light: Array, background: float | Array, noise: float, gain: float, damage: Damage) -> Expectation:
    """Turn light (image units) into what the detector shows: photon noise, read-out, and what is lost."""
    photons = np.sqrt(noise**2 + np.clip(light, 0, None) / gain)
    mean = (light + background) * damage.gain + damage.offset
    sigma = photons * damage.gain * damage.noise_factor
    if damage.replaced is None:
        return Expectation(mean, sigma)
    return Expectation(np.where(damage.replaced, damage.values, mean), np.where(damage.replaced, 0, sigma))


def read_out(expectation: Expectation, survey: Survey, exposure: Exposure, rng: Generator) -> Array:
    """Add noise, correlated where the survey resamples, and write the numbers as the survey does."""
    pixels = expectation.mean + expectation.sigma * draw_noise(survey.size, np.array(exposure.taps), rng)
    if survey.integer:
        pixels = np.clip(np.round(pixels), 0, survey.saturation)
    return pixels


def view(survey: Survey, expectation: Expectation, exposure: Exposure) -> View:
    """Show an undamaged frame to a defect."""
    return View(
        expectation.mean,
        expectation.sigma,
        exposure.sky,
        exposure.psf,
        survey.grid,
        tolerance=3 * survey.jitter + survey.drift,
        resampling=np.array(exposure.taps),
        saturation=survey.saturation,
    )


def draw_noise(size: int, taps: Array, rng: Generator) -> Array:
    """Draw unit Gaussian noise as a resampling with these taps correlates it."""
    reach = len(taps)
    white = rng.normal(size=(size + 2 * reach, size + 2 * reach))
    smooth = convolve1d(convolve1d(white, taps, axis=0), taps, axis=1) / np.sum(taps**2)
    return np.asarray(smooth[reach:-reach, reach:-reach])


def transfer_copies(grid: Grid, copies: Copies | None) -> Transfer | float:
    """Transform a blur by displaced copies."""
    return 1.0 if copies is None else grid.scatter(copies.rows, copies.columns, copies.weights)


def _draw_sky(grid: Grid, scene: Scene, exposure: Exposure, damage: Damage) -> Array:
    """Draw the sky's light as it falls on the pixels, before clouds and stray light."""
    transients = exposure.transients
    if damage.turned:
        turned = replace(scene, stars=(*scene.stars, *transients)).turned(damage.turned, (grid.size - 1) / 2)
        scene, transients = turned, ()
    moved = grid.scatter(
        np.array([exposure.shift_y + damage.shift_y]), np.array([exposure.shift_x + damage.shift_x]), np.ones(1)
    )
    sky = scene.transfer(grid, exposure.factor, transients) * moved * transfer_point(exposure.psf, grid)
    return grid.to_pixels(sky * transfer_copies(grid, damage.copies)) * exposure.transparency


def _draw_tilt(size: int, exposure: Exposure) -> Array:
    """Draw the background's plane around its middle."""
    steps = np.linspace(-0.5, 0.5, size)
    return np.asarray(exposure.tilt_y * steps[:, None] + exposure.tilt_x * steps[None, :])
