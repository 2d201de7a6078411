"""Points of light that do not belong to the sky of the other epochs, apart from the central source."""

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects.strength import draw_position, scale
from epochsieve.simulating.draws import draw_log
from epochsieve.simulating.point_spread import Array

# A point closer to the central source than this many widths might as well be a nova, which is no defect.
_APART = 3.0


def asteroid(view: View, rng: Generator) -> Damage:
    """Let an asteroid pass, whose image is drawn out to between one and six times the width of a star."""
    length = min(draw_log(1, 6, rng) * view.fwhm, view.size / 2)
    return Damage(light=scale(_draw_path(view, length, rng), view, rng))


def slow_mover(view: View, rng: Generator) -> Damage:
    """Let an object of the outer solar system stand among the stars for one epoch, a point like them."""
    return Damage(light=scale(_draw_path(view, 0.05 * view.fwhm, rng), view, rng))


def _draw_path(view: View, length: float, rng: Generator) -> Array:
    """Draw a point that moves evenly by a length in pixels, around a place away from the central source."""
    middle, angle = draw_position(view, rng, _APART * view.fwhm + length / 2), rng.uniform(0, np.pi)
    steps = np.linspace(-0.5, 0.5, max(int(3 * length), 2)) * length
    path = middle + steps[:, None] * np.array([np.sin(angle), np.cos(angle)])
    return view.draw(path, np.full(len(steps), 1 / len(steps)))
