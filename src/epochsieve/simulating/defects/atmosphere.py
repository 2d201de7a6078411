"""Clouds and stray light."""

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects.strength import Powers, scale
from epochsieve.simulating.draws import draw_log
from epochsieve.simulating.point_spread import Array

# A smooth background is the easiest thing to fit, and a survey's normal tilt has a power of a few already.
_STRAY = Powers(40, 1500)


def background_gradient(view: View, rng: Generator) -> Damage:
    """Let moonlight or a bright star's scattered light tilt the background, bent more or less."""
    rows, columns = view.axes()
    angle = rng.uniform(0, 2 * np.pi)
    ramp = ((columns - view.middle) * np.cos(angle) + (rows - view.middle) * np.sin(angle)) / view.size + 0.71
    return Damage(light=scale(ramp ** rng.uniform(1, 3), view, rng, _STRAY))


def cloud(view: View, rng: Generator) -> Damage:
    """Let a patchy cloud take part of the light and glow by itself."""
    patches = _draw_patches(view, rng)
    depth = rng.uniform(0.3, 2.0)
    return Damage(throughput=np.exp(-depth * patches), light=scale(patches, view, rng, _STRAY))


def _draw_patches(view: View, rng: Generator) -> Array:
    """Draw a smooth random field between 0 and 1."""
    reach = max(draw_log(0.08, 0.3, rng) * view.size, view.fwhm)
    white = rng.normal(size=(2 * view.size, 2 * view.size))
    field = gaussian_filter(white, reach, mode="wrap")[: view.size, : view.size]
    return np.asarray((field - field.min()) / np.ptp(field))
