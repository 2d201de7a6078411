"""Light of bright stars that goes astray: ghosts, spikes, and charge that spills over."""

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects.strength import draw_position, scale
from epochsieve.simulating.draws import draw_log, draw_sign, toss
from epochsieve.simulating.point_spread import Array


def ghost_ring(view: View, rng: Generator) -> Damage:
    """Reflect a bright star from the optics: its light comes as the shadow of the obscured mirror."""
    outer = draw_log(0.15, 0.8, rng) * view.size
    inner = outer * rng.uniform(0.3, 0.75)
    rows, columns = view.axes()
    # The middle of a ghost may lie outside, but its rim crosses the cutout.
    distance, angle = rng.uniform(0, 0.4) * view.size + outer / 2, rng.uniform(0, 2 * np.pi)
    radius = np.hypot(rows - view.middle - distance * np.sin(angle), columns - view.middle - distance * np.cos(angle))
    softness = rng.uniform(0.3, 1.0) * view.fwhm
    lit = rise(outer - radius, softness) * (1 - rng.uniform(0.5, 1) * rise(inner - radius, softness))
    return Damage(light=scale(lit, view, rng))


def diffraction_spike(view: View, rng: Generator) -> Damage:
    """Let a star outside the cutout throw a spike into it, ever fainter away from it, over a faint halo."""
    rows, columns = view.axes()
    angle = rng.choice((0, 0.25, 0.5, 0.75)) * np.pi + rng.normal(0, 0.05)
    offset = rng.uniform(-0.45, 0.45) * view.size
    across = (rows - view.middle) * np.cos(angle) - (columns - view.middle) * np.sin(angle) - offset
    along = (columns - view.middle) * np.cos(angle) + (rows - view.middle) * np.sin(angle)
    away = draw_sign(rng) * along + view.size * rng.uniform(0.8, 2.0)
    width = view.fwhm * rng.uniform(0.4, 0.8)
    spike = np.exp(-0.5 * (across / width) ** 2) * away**-2.0
    halo = np.hypot(across, away) ** -3.0
    return Damage(light=scale(spike / spike.max() + rng.uniform(0, 0.1) * halo / halo.max(), view, rng))


def bleed(view: View, rng: Generator) -> Damage:
    """Let a star's charge spill along its column: the brightest in the cutout, or one beyond its edge."""
    rows, columns = view.axes()
    row, column = np.unravel_index(np.nanargmax(view.expected), view.expected.shape)
    if toss(rng):
        row, column = rng.choice((0, view.size - 1)), np.round(draw_position(view, rng)[1])
    up, down = (draw_log(0.2, 1.2, rng) * view.size for _ in range(2))
    reached = np.where(rows > row, rows - row < up, row - rows < down)
    spilled = reached & (np.abs(columns - column) <= rng.integers(0, 3) / 2)
    fluctuations = 1 + 0.05 * rng.normal(size=spilled.shape)
    return Damage(offset=scale(view.resample(spilled * fluctuations), view, rng))


def rise(distance: Array, softness: float) -> Array:
    """Rise from 0 to 1 where a distance changes its sign."""
    return np.asarray(0.5 + 0.5 * np.tanh(distance / softness))
