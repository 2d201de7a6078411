"""Surveys drawn at random: what is fitted to many unlike ones does not lean on the few that somebody thought of."""

from typing import Literal

from numpy.random import Generator

from epochsieve.simulating.draws import draw_log, toss
from epochsieve.simulating.observing import Survey

_RESAMPLINGS: tuple[Literal["lanczos", "bilinear"], ...] = ("lanczos", "bilinear")


def draw_survey(rng: Generator) -> Survey:
    """Draw a survey's design.

    Parameters
    ----------
    rng : Generator
        Source of all randomness.

    Returns
    -------
    Survey
        Anything between a planet hunter's target pixels and a deep field; a third are raw frames with their sky, a
        quarter come from a telescope that shakes and wanders.
    """
    raw, space = toss(rng, 1 / 3), toss(rng, 0.1)
    fwhm = draw_log(1.3, 2.4, rng) if space or toss(rng, 0.3) else draw_log(2.0, 6.5, rng)
    size = int(rng.integers(11, 25)) if toss(rng, 0.15) else int(rng.integers(25, 76))
    noise = draw_log(1, 60, rng) if raw else draw_log(0.02, 200, rng)
    steadiness = 0.2 if space else 1.0
    faintest = draw_log(4, 300, rng)
    crowded, careless = toss(rng, 0.25), not space and toss(rng, 0.25)
    return Survey(
        "random",
        size=size,
        epochs=_draw_epochs(rng),
        pixel_arcsec=1.0,
        fwhm=fwhm,
        seeing_scatter=steadiness * (rng.uniform(0.15, 0.32) if careless else rng.uniform(0.04, 0.28)),
        beta=(0.0, 0.0) if space else _draw_range(2.1, 10, 1.4, rng),
        ellipticity=steadiness * draw_log(0.03 if careless else 0.008, 0.07, rng),
        coma=steadiness * draw_log(0.03 if careless else 0.005, 0.07, rng),
        trail=(0.0, rng.uniform(0.02, 0.25)) if toss(rng, 0.6 if careless else 0.1) else (0.0, 0.0),
        noise=noise,
        gain=draw_log(0.05, 40, rng) / noise * (20 if raw else 10),
        sky=noise * draw_log(5, 300, rng) if raw else 0.0,
        sky_scatter=rng.uniform(0.005, 0.8) if raw else 0.0,
        level_scatter=steadiness * rng.uniform(0.05, 0.6),
        tilt_scatter=steadiness * draw_log(0.02, 0.5, rng),
        noise_scatter=steadiness * rng.uniform(0.03, 0.5),
        transparency_scatter=steadiness * draw_log(0.005, 0.3, rng),
        jitter=steadiness * draw_log(0.1 if careless else 0.02, 0.4 if careless else 0.3, rng),
        drift=rng.uniform(0.2, 2.0) if toss(rng, 0.5 if careless else 0.2) else 0.0,
        drift_cycles=_draw_range(0.7, 10, 2.0, rng),
        cadence_days=draw_log(0.001, 3, rng) if toss(rng, 0.4) else 0.0,
        flat_scatter=draw_log(0.0005, 0.008, rng) if raw else 0.0,
        resampling="" if raw or toss(rng, 0.2) else _RESAMPLINGS[int(rng.integers(2))],
        integer=raw and toss(rng, 0.8),
        central_snr=(faintest, faintest * draw_log(2, 20, rng)),
        hosted=0.0 if crowded else rng.uniform(0, 1),
        neighbours=rng.uniform(12, 40) if crowded else rng.uniform(1, 12),
        neighbour_snr=(draw_log(3, 20, rng), draw_log(50, 5000, rng)),
        neighbour_galaxies=0.0 if crowded else rng.uniform(0, 0.9),
        galaxy_reach=rng.uniform(0.06, 0.25),
        variation=(1.2, draw_log(3, 12, rng)),
        bad_fraction=rng.uniform(0.05, 0.35),
        harmless_fraction=rng.uniform(0.04, 0.25),
        foreign_stack=toss(rng, 0.3),
    )


def _draw_epochs(rng: Generator) -> int:
    """Draw how many epochs there are: ten to a hundred."""
    return round(draw_log(10, 100, rng))


def _draw_range(low: float, high: float, factor: float, rng: Generator) -> tuple[float, float]:
    """Draw a range that is as wide as a factor."""
    start = draw_log(low, high / factor, rng)
    return start, start * factor
