"""What is no defect: active nuclei that flicker, sources that brighten or fade, and new stars."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.draws import draw_log, toss
from epochsieve.simulating.observing import Exposure, Range, Survey
from epochsieve.simulating.point_spread import Array
from epochsieve.simulating.scenes import Scene, Star

LARGEST_FACTOR = 6.0
"""By how much a central source usually brightens or fades at most."""
USUAL_VARIATION: Range = (1.4, LARGEST_FACTOR)
"""Factors by which it does."""
HARMLESS = ("brightening", "fading", "nova")
"""Changes of the sky that must not be flagged."""


def walk_damped(times: Array, amplitude: float, days: float, rng: Generator) -> Array:
    """Draw a damped random walk (Kelly, Bechtold & Siemiginowska 2009, ApJ 698, 895).

    Parameters
    ----------
    times : ndarray, shape (epochs,)
        Ascending, days.
    amplitude : float
        Standard deviation in the long run, magnitudes.
    days : float
        Time in which it forgets, days.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (epochs,)
        Flux in units of its median over the epochs.
    """
    steps = rng.normal(size=len(times))
    memory = np.exp(-np.diff(times, prepend=-np.inf) / days)
    magnitudes = np.empty(len(times))
    last = 0.0
    for i, (step, kept) in enumerate(zip(steps, memory, strict=True)):
        last = magnitudes[i] = kept * last + amplitude * np.sqrt(1 - kept**2) * step
    flux = 10 ** (-0.4 * magnitudes)
    return np.asarray(flux / np.median(flux))


def flicker(exposures: Sequence[Exposure], rng: Generator) -> list[Exposure]:
    """Let the central source vary as an active nucleus, or (every third one) hardly at all."""
    times = np.array([exposure.mjd for exposure in exposures])
    amplitude = 0.01 if toss(rng, 1 / 3) else rng.uniform(0.05, 0.25)
    factors = walk_damped(times, amplitude, float(rng.uniform(20, 300)), rng)
    return [replace(e, factor=float(f)) for e, f in zip(exposures, factors, strict=True)]


def brighten(exposure: Exposure, scene: Scene, rng: Generator, variation: Range = USUAL_VARIATION) -> Exposure:
    """Let everything in the middle, host included, become brighter by one such factor through its point source."""
    factor = draw_log(*variation, rng)
    added = (factor - 1) * scene.central_flux / scene.centre.flux
    return replace(exposure, factor=exposure.factor + added)


def fade(exposure: Exposure, rng: Generator, variation: Range = USUAL_VARIATION) -> Exposure:
    """Let the central point source become fainter by one such factor."""
    return replace(exposure, factor=exposure.factor / draw_log(*variation, rng))


def draw_nova(survey: Survey, scene: Scene, rng: Generator) -> Star:
    """Put a new star on or near the central source, a twentieth to twice as bright, and visible at all."""
    distance = min(abs(rng.normal(0, 1.2)), 2.5) * survey.fwhm
    angle = rng.uniform(0, 2 * np.pi)
    flux = max(scene.central_flux * draw_log(0.05, 2, rng), survey.point_flux(15))
    return Star(scene.centre.y + distance * np.sin(angle), scene.centre.x + distance * np.cos(angle), flux)


def dim(nova: Star) -> Star:
    """Let a nova fade by a seventh, as from one epoch to the next."""
    return replace(nova, flux=nova.flux * 6 / 7)


def light_up(exposure: Exposure, nova: Star) -> Exposure:
    """Let a nova shine in an epoch."""
    return replace(exposure, transients=(*exposure.transients, nova))
