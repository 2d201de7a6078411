"""Defects and harmless changes put into a real series, whose own frames stand for good ones."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.draws import draw_log
from epochsieve.simulating.retaking import retake
from epochsieve.simulating.surroundings import Surroundings, measure_surroundings
from epochsieve.simulating.taking import draw_kinds
from epochsieve.simulating.truth import EpochTruth, SimulatedSeries, measure_power
from epochsieve.simulating.variability import LARGEST_FACTOR
from epochsieve.vocabulary.series import CutoutSeries, Epoch


def inject_defects(
    series: CutoutSeries, rng: Generator, fraction: float, harmless_fraction: float = 0.08
) -> SimulatedSeries:
    """Spoil some epochs of a real series, and let its central source vary in others.

    Defects act on the pixels as they are, see `retake`; what they may know of an epoch is measured from it and from
    those most like it. A brightening adds the central source again, as the average of the epochs most like this one
    shows it inside three widths of a star and above its surroundings (where this one differs from them by more than
    noise, as it does in bright stars, as itself shows it); a fading takes a share of its light away; a nova is the
    source's image displaced. Photon noise is taken into account where the sky's level tells the gain.

    Parameters
    ----------
    series : CutoutSeries
        Four or more usable epochs. What is wrong with them already is not known: all count as good.
    rng : Generator
        Source of all randomness.
    fraction, harmless_fraction : float
        Expected shares of the usable epochs with a defect, and with a brightening, fading or nova.

    Returns
    -------
    SimulatedSeries
        The series with its own stack, files and times. Epochs that were unusable stay so, and count as good.
    """
    surroundings = measure_surroundings(series)
    places = np.flatnonzero(series.usable)
    kinds = dict(zip(places.tolist(), draw_kinds(len(places), fraction, harmless_fraction, rng), strict=True))
    changed = [
        _change(epoch, surroundings, kinds[place], rng) if kinds.get(place) else (epoch, EpochTruth(epoch.file))
        for place, epoch in enumerate(series.epochs)
    ]
    epochs, truth = zip(*changed, strict=True)
    return SimulatedSeries(replace(series, epochs=epochs), truth)


def _change(epoch: Epoch, surroundings: Surroundings, kind: str, rng: Generator) -> tuple[Epoch, EpochTruth]:
    """Change one epoch."""
    frame = surroundings.frame(epoch)
    view = surroundings.view(epoch, frame)
    damage = DEFECTS[kind](view, rng) if kind in DEFECTS else _vary(kind, view, surroundings, rng)
    pixels, believed = retake(frame, damage, rng)
    power = measure_power(frame.expectation, believed)
    truth = EpochTruth(epoch.file, kind, kind in DEFECTS, power)
    return replace(epoch, pixels=surroundings.write(pixels, epoch)), truth


def _vary(kind: str, view: View, surroundings: Surroundings, rng: Generator) -> Damage:
    """Let the central source brighten or fade, or a new one shine on or near it."""
    source = surroundings.cut_source(view)
    if kind == "brightening":
        return Damage(light=(draw_log(1.4, LARGEST_FACTOR, rng) - 1) * source)
    if kind == "fading":
        # Taking light away takes its share of the pixels themselves, whatever shape they give the source.
        share = source / np.maximum(view.expected - view.sky, np.maximum(source, view.sigma))
        return Damage(throughput=1 - (1 - 1 / draw_log(1.4, LARGEST_FACTOR, rng)) * share)
    away = min(abs(rng.normal(0, 1.2)), 2.5) * view.fwhm * np.exp(1j * rng.uniform(0, 2 * np.pi))
    return Damage(light=draw_log(0.1, 2, rng) * ndimage.shift(source, (away.imag, away.real), mode="constant"))
