"""How telescope and pipeline spoil a whole frame: tracking, focus, registration, wrong or empty field."""

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import Copies, Damage, View
from epochsieve.simulating.draws import draw_log, draw_sign, toss
from epochsieve.simulating.point_spread import Array

_COPIES = 61


def tracking_error(view: View, rng: Generator) -> Damage:
    """Elongate all sources: the telescope drifts, oscillates or jumps during the exposure."""
    length = view.fwhm * draw_log(1.0, 5.0, rng)
    angle = rng.uniform(0, np.pi)
    along = length * _draw_motion(rng)
    across = rng.uniform(-0.3, 0.3) * length * (along / length) ** 2
    rows = along * np.sin(angle) + across * np.cos(angle)
    return Damage(copies=Copies.evenly(rows, along * np.cos(angle) - across * np.sin(angle)))


def defocus(view: View, rng: Generator) -> Damage:
    """Spread all sources over the shadow of an obscured mirror: wide, or rings."""
    outer = view.fwhm * draw_log(1.0, 4.0, rng)
    inner = outer * rng.uniform(0.2, 0.55)
    turns = np.arange(400) * np.pi * (3 - np.sqrt(5))
    radius = np.sqrt(np.linspace(inner**2, outer**2, 400))
    return Damage(copies=Copies.evenly(radius * np.sin(turns), radius * np.cos(turns)))


def wrong_registration(view: View, rng: Generator) -> Damage:
    """Shift the frame by more than good epochs ever are, up to a third of the cutout."""
    smallest = max(1.0, 0.4 * view.fwhm) + 1.5 * view.tolerance
    distance = draw_log(smallest, max(view.size / 3, 1.2 * smallest), rng)
    angle = rng.uniform(0, 2 * np.pi)
    return Damage(shift_y=distance * np.sin(angle), shift_x=distance * np.cos(angle))


def rotated(view: View, rng: Generator) -> Damage:
    """Turn the frame around its middle: by right angles, or by a few degrees."""
    if toss(rng):
        return Damage(turned=int(rng.integers(1, 4)) * np.pi / 2)
    # A turn that moves the corners by less than a star's width is not seen.
    smallest = min(view.fwhm / view.size, 0.1)
    return Damage(turned=draw_log(smallest, np.pi / 4, rng) * draw_sign(rng))


def wrong_field(view: View, rng: Generator) -> Damage:
    """Look somewhere else: at another target of the survey, right in the middle or off by up to a third."""
    reach = view.size / 3 if toss(rng) else 0.0
    return Damage(other_field=True, shift_y=rng.uniform(-reach, reach), shift_x=rng.uniform(-reach, reach))


def blank(view: View, rng: Generator) -> Damage:
    """Show nothing: the sky's noise without a source, or one number everywhere."""
    if toss(rng):
        return Damage(throughput=0.0)
    return Damage(replaced=np.ones((view.size, view.size), bool), values=rng.choice((0.0, round(view.sky))))


def _draw_motion(rng: Generator) -> Array:
    """Draw where a telescope points during the exposure, from -0.5 to 0.5 along its error."""
    time = np.linspace(0, 1, _COPIES)
    drift, oscillation = time - 0.5, -0.5 * np.cos(np.pi * time)
    jump = np.where(time < rng.uniform(0.2, 0.8), -0.5, 0.5)
    jerks = np.interp(time, np.sort(rng.random(5)), rng.uniform(-0.5, 0.5, 5))
    motions = (drift, oscillation, jump, jerks)
    return motions[rng.integers(len(motions))]
