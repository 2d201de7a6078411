"""Cosmic rays: charge left in the detector by single particles, sharper than any star."""

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects.strength import draw_position, scale
from epochsieve.simulating.draws import draw_log, toss
from epochsieve.simulating.point_spread import Array

_STEP = 0.05


def cosmic_rays(view: View, rng: Generator) -> Damage:
    """Let a few particles hit anywhere: dots, straight tracks, and worms of electrons that scatter."""
    hits = [_draw_hit(view, draw_position(view, rng), rng) for _ in range(1 + rng.poisson(1.0))]
    return Damage(offset=scale(view.resample(np.sum(hits, axis=0)), view, rng))


def cosmic_ray_on_source(view: View, rng: Generator) -> Damage:
    """Let one particle hit the central source itself: a dot or a short track."""
    angle, distance = rng.uniform(0, 2 * np.pi), view.fwhm * rng.uniform(0, 0.8)
    position = view.middle + distance * np.array([np.sin(angle), np.cos(angle)])
    track = _walk(position, draw_log(0.3, 4, rng), rng.uniform(0, 2 * np.pi), 0.0, rng)
    return Damage(offset=scale(view.resample(_collect(track, view, rng)), view, rng))


def _draw_hit(view: View, position: Array, rng: Generator) -> Array:
    """Draw one hit's charge; every third is a worm."""
    worm = toss(rng, 1 / 3)
    length = draw_log(0.3, min(15, view.size / 2), rng)
    bend = rng.uniform(0.05, 0.15) if worm else 0.0
    track = _walk(position, length, rng.uniform(0, 2 * np.pi), bend, rng)
    return _collect(track, view, rng) * draw_log(0.2, 1, rng)


def _walk(start: Array, length: float, angle: float, bend: float, rng: Generator) -> Array:
    """Follow a particle's path, which turns by ``bend`` radians (standard deviation) in each twentieth of a pixel."""
    angles = angle + np.cumsum(rng.normal(0, 1, max(int(length / _STEP), 1)) * bend)
    steps = _STEP * np.column_stack([np.sin(angles), np.cos(angles)])
    return start + np.cumsum(steps, axis=0)


def _collect(track: Array, view: View, rng: Generator) -> Array:
    """Collect the charge along a track in pixels, after a little diffusion and with fluctuations (Landau-like)."""
    diffused = np.repeat(track, 8, axis=0)
    diffused = diffused + rng.normal(0, 0.25, diffused.shape)
    losses = np.repeat(rng.gamma(0.7, 1, len(track)) + 0.2, 8)
    edges = np.arange(view.size + 1) - 0.5
    charge, _, _ = np.histogram2d(diffused[:, 0], diffused[:, 1], bins=[edges, edges], weights=losses)
    return np.asarray(charge)
