"""Patterns over the whole frame: resampling moire, fringes."""

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects.strength import WIDE, Powers, scale
from epochsieve.simulating.draws import draw_log, toss
from epochsieve.simulating.point_spread import Array

_RIPPLES = Powers(25, 400)


def moire(view: View, rng: Generator) -> Damage:
    """Let resampling leave stripes: of quiet and loud noise, or ripples in part of the frame."""
    return _ripple(view, rng) if toss(rng) else _quieten(view, rng)


def fringing(view: View, rng: Generator) -> Damage:
    """Let the night sky's lines interfere in the detector: bent stripes, not subtracted or twice."""
    wavelength = draw_log(0.15, 0.6, rng) * view.size
    fringes = np.cos(_draw_phase(view, wavelength, 1.5, rng)) + 0.3 * np.cos(_draw_phase(view, wavelength, 1.5, rng))
    return Damage(offset=scale(fringes, view, rng, WIDE))


def _quieten(view: View, rng: Generator) -> Damage:
    """Smooth the noise where old and new pixels are out of step.

    Interpolation halves the noise half-way between pixels; a deep pattern comes from frames that were resampled twice.
    """
    stripes = 0.5 + 0.5 * np.cos(_draw_phase(view, draw_log(2.5, 16, rng), 0.1, rng))
    quietest = rng.uniform(0.1, 0.5)
    return Damage(noise_factor=draw_log(1, 4, rng) * (quietest + (1 - quietest) * stripes))


def _ripple(view: View, rng: Generator) -> Damage:
    """Add fine waves, as interpolation by too sharp a kernel and pick-up in the electronics do."""
    waves = np.cos(_draw_phase(view, draw_log(2.2, 6, rng), 0.5, rng))
    patch = _draw_smooth(view, rng)
    return Damage(offset=scale(waves * (patch - patch.min()), view, rng, _RIPPLES))


def _draw_phase(view: View, wavelength: float, bend: float, rng: Generator) -> Array:
    """Draw the phase of stripes of a wavelength in pixels that are bent by some radians (standard deviation)."""
    rows, columns = view.axes()
    angle = rng.uniform(0, np.pi)
    straight = 2 * np.pi * (columns * np.cos(angle) + rows * np.sin(angle)) / wavelength
    smooth = _draw_smooth(view, rng)
    return np.asarray(straight + rng.uniform(0, 2 * np.pi) + bend * smooth / smooth.std())


def _draw_smooth(view: View, rng: Generator) -> Array:
    """Draw a random field that changes over a fifth of the cutout."""
    return np.asarray(gaussian_filter(rng.normal(size=(view.size, view.size)), view.size / 5, mode="wrap"))
