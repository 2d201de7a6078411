"""Rarer mishaps: the method is taught them besides, so that it knows more than what the benchmark asks for."""

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter1d

from epochsieve.simulating.damage import Copies, Damage, View
from epochsieve.simulating.defects.optics import rise
from epochsieve.simulating.defects.strength import WIDE, draw_position, scale
from epochsieve.simulating.draws import draw_log, draw_sign, toss


def crosstalk(view: View, rng: Generator) -> Damage:
    """Let another amplifier's stars show through, mirrored, brighter or darker than the sky."""
    stars = np.clip(np.nan_to_num(view.expected - view.sky), 0, None)
    mirrored = np.flip(stars, axis=((0,), (1,), (0, 1))[rng.integers(3)])
    reach = view.size // 3
    moved = np.roll(mirrored, tuple(rng.integers(-reach, reach + 1, 2)), axis=(0, 1))
    return Damage(offset=draw_sign(rng) * scale(moved, view, rng))


def banding(view: View, rng: Generator) -> Damage:
    """Let the electronics' hum give each row, or column, a level of its own."""
    levels = gaussian_filter1d(rng.normal(size=view.size), rng.uniform(0.1, 2))
    bands = np.repeat(levels[:, None], view.size, axis=1)
    return Damage(offset=scale(bands.T if toss(rng) else bands, view, rng, WIDE))


def speckle(view: View, rng: Generator) -> Damage:
    """Spoil many single pixels, up and down."""
    spoilt = np.zeros(view.size**2)
    some = rng.choice(len(spoilt), int(draw_log(8, min(80, len(spoilt) / 3), rng)), replace=False)
    spoilt[some] = rng.normal(size=len(some))
    return Damage(offset=scale(view.resample(spoilt.reshape(view.size, view.size)), view, rng))


def dust(view: View, rng: Generator) -> Damage:
    """Let dust on the window cast the mirror's shadow, and the flat field see it where it is not."""
    rows, columns = view.axes()
    row, column = draw_position(view, rng)
    distance, radius = np.hypot(rows - row, columns - column), draw_log(0.08, 0.35, rng) * view.size
    shadow = rise(radius - distance, 1) * (1 - rng.uniform(0, 0.8) * rise(radius / 2 - distance, 1))
    taken = scale(shadow, view, rng, WIDE) if toss(rng) else 0.0
    return Damage(throughput=1 - rng.uniform(0.15, 0.8) * shadow, offset=-taken)


def torn(view: View, rng: Generator) -> Damage:
    """Let the readout lose step: from some row, or column, on everything is shifted along it."""
    image = view.expected + view.sigma * rng.normal(size=view.expected.shape)
    step = int(draw_sign(rng) * rng.integers(1, max(2, view.size // 3)))
    after = np.zeros(image.shape, bool)
    after[rng.integers(2, view.size - 2) :] = True
    if toss(rng):
        return Damage(replaced=after, values=np.roll(image, step, axis=1))
    return Damage(replaced=after.T, values=np.roll(image, step, axis=0))


def pinched(view: View, rng: Generator) -> Damage:
    """Let a mirror be pinched by its supports: stars become triangles or squares."""
    corners = int(rng.integers(3, 5))
    angles = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(corners) / corners
    radius = view.fwhm * draw_log(0.6, 1.5, rng)
    return Damage(copies=Copies.evenly(radius * np.sin(angles), radius * np.cos(angles)))


def double_exposure(view: View, rng: Generator) -> Damage:
    """Let the telescope move once while the shutter is open: every source has a fainter twin."""
    distance, angle, share = view.fwhm * draw_log(0.9, 4, rng), rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.5)
    rows, columns = (np.array([0.0, distance * part]) for part in (np.sin(angle), np.cos(angle)))
    return Damage(copies=Copies(rows, columns, np.array([1 - share, share])))
