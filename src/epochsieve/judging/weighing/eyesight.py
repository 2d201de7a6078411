"""What the eye makes of each epoch: the odds that something is wrong, and what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.robust import take_quantiles
from epochsieve.judging.weighing.standards import find_telling, measure_ratios, standardise
from epochsieve.vocabulary.contracts import Eye
from epochsieve.vocabulary.flags import Flag

Array = NDArray[Any]

SURE = 0.5
"""Share of all defects' probability from which a reason is the eye's."""

SHARES = (0.16, 0.5, 0.84)
"""Quantiles of impressions over a series' epochs: their usual value, and a standard deviation on either side of it."""

COMMON = 0.1
"""Points that this share of a series' epochs show, and two at least, are usual there: images that nobody cleaned."""

USUAL_POINTS, MOST_LOWERED = -2.5, 5.0
"""Logarithm of the odds of points above which they are common where so many epochs have them, and by how much those of
small points are lowered at most."""

POINTS_EPOCHS = 6
"""Weight, in epochs, of the presumption that points are not common."""

SMALL, LARGE = 1.0, 2.0
"""Departures of an image's whole appearance, in the series' spread, between which its points are more and more too
bright to be called small, however common they are."""

RATIOS = (-3.0, 6.0)
"""Limits of the logarithms of ratios to usual scores that it is told."""

MEANING: Mapping[str, Flag] = MappingProxyType(
    {
        "satellite_trail": Flag.TRAIL,
        "flashing_satellite": Flag.TRAIL,
        "aeroplane": Flag.TRAIL,
        "diffraction_spike": Flag.TRAIL,
        "bleed": Flag.TRAIL,
        "cosmic_rays": Flag.POINT,
        "cosmic_ray_on_source": Flag.POINT,
        "hot_pixels": Flag.POINT,
        "dead_pixels": Flag.POINT,
        "asteroid": Flag.POINT,
        "slow_mover": Flag.POINT,
        "bad_column": Flag.COLUMN,
        "bad_row": Flag.COLUMN,
        "frame_edge": Flag.MISSING,
        "masked_block": Flag.MISSING,
        "amplifier_step": Flag.EDGE,
        "background_gradient": Flag.BACKGROUND,
        "cloud": Flag.BACKGROUND,
        "ghost_ring": Flag.BACKGROUND,
        "moire": Flag.TEXTURE,
        "fringing": Flag.TEXTURE,
        "tracking_error": Flag.PSF,
        "defocus": Flag.PSF,
        "wrong_registration": Flag.REGISTRATION,
        "rotated": Flag.REGISTRATION,
        "wrong_field": Flag.REGISTRATION,
        "blank": Flag.BLANK,
        "wrong_gain": Flag.SCALE,
    }
)
"""The reason that each class of defect stands for."""


@dataclass(frozen=True, eq=False)
class Eyesight:
    """What the eye sees in the epochs of a series.

    Attributes
    ----------
    points, others : ndarray, shape (epochs,)
        Probability of a cosmic ray, or another point, and that of any other defect, over that of none, in epochs of
        which half have one.
    reasons : list of Flag
        What it takes each epoch's defect for; no flag where it is not sure.
    """

    points: Array
    others: Array
    reasons: list[Flag]


def conclude(impressions: Array, raw: Array, good: NDArray[np.bool_], eye: Eye) -> Eyesight:
    """Let the eye make up its mind about a series, each of whose epochs it has looked at.

    What is usual in a series is not wrong there: every impression comes with the series' usual one, and its distance
    from that.

    Parameters
    ----------
    impressions : ndarray of float32, shape (epochs, numbers)
        As `Eye.look` gives them.
    raw : ndarray, shape (epochs, detectors)
        Scores of the detectors that it hears.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    eye : Eye
        Whose impressions they are.

    Returns
    -------
    Eyesight
        For all epochs.
    """
    usual, spread = measure_usual(impressions, good)
    return _interpret(eye.conclude(impressions, usual, spread, compare_scores(raw, good, eye.scatter)), eye)


def measure_usual(impressions: Array, good: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measure the usual impression of a series' epochs, and how far they usually are from it.

    Parameters
    ----------
    impressions : ndarray of float32, shape (epochs, numbers)
        As `Eye.look` gives them.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.

    Returns
    -------
    usual, spread : ndarray of float32, shape (numbers,)
        Medians, and half the distances between two quantiles.
    """
    low, usual, high = take_quantiles(impressions[find_telling(good)], SHARES)
    return usual.astype(np.float32), ((high - low) / 2).astype(np.float32)


def compare_scores(raw: Array, good: NDArray[np.bool_], scatter: Sequence[float]) -> NDArray[np.float32]:
    """Compare scores with what is usual in their series: what the eye hears.

    Parameters
    ----------
    raw : ndarray, shape (epochs, detectors)
        Scores of the detectors that it hears.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    scatter : sequence of float
        Usual scatter of their logarithms.

    Returns
    -------
    ndarray of float32, shape (epochs, 2 * detectors)
        Standard scores, which say how rare a score is; then logarithms of ratios, which say how large.
    """
    ratios = np.clip(measure_ratios(raw, good), *RATIOS)
    return np.hstack([standardise(raw, good, np.array(scatter)), ratios]).astype(np.float32)


def _interpret(logarithms: Array, eye: Eye) -> Eyesight:
    """Say what it means that the eye concluded this."""
    probabilities = np.exp(logarithms.astype(float))
    wrong, flags, standing = _read_meanings(eye.classes, eye.harmless)
    shares, fine = probabilities[:, wrong] @ standing, probabilities[:, ~wrong].sum(axis=1) + 1e-12
    point = np.array([flag == Flag.POINT for flag in flags])
    points, others = ((shares[:, some].sum(axis=1) + 1e-12) / fine for some in (point, ~point))
    return Eyesight(points, others, _choose(shares, flags))


def weigh_odds(sight: Eyesight, altered: Array) -> Array:
    """Say how likely it is that something is wrong with each epoch, small points that are common in a series aside.

    Parameters
    ----------
    sight : Eyesight
        What the eye sees in all epochs of a series.
    altered : ndarray, shape (epochs,)
        Departures of the images' whole appearance from what is usual, in the series' spread; infinite where no point is
        too small to count.

    Returns
    -------
    ndarray, shape (epochs,)
        Odds. Where many epochs show points, those of points are lowered in the epochs that look as usual all the same.
    """
    small = 1 - np.clip((altered - SMALL) / (LARGE - SMALL), 0, 1)
    return np.asarray(sight.others + sight.points * np.exp(-small * _measure_commonness(sight.points)))


def _measure_commonness(odds: Array) -> float:
    """Measure by how much the odds of points are higher, in many epochs of a series, than those of rare ones."""
    epochs = len(odds)
    if epochs < 2:  # noqa: PLR2004 -- one epoch says nothing about what is common
        return 0.0
    common = np.log(np.sort(odds)[-max(2, int(np.ceil(COMMON * epochs)))])
    return float(np.clip(common - USUAL_POINTS, 0, MOST_LOWERED) * epochs / (epochs + POINTS_EPOCHS))


@lru_cache(maxsize=4)
def _read_meanings(classes: tuple[str, ...], harmless: frozenset[str]) -> tuple[NDArray[np.bool_], list[Flag], Array]:
    """Tell which classes are defects, for which reasons they stand, and which of them (rows) for which (columns)."""
    wrong = np.array([name not in harmless for name in classes])
    meanings = [MEANING.get(name, Flag(0)) for name in np.array(classes)[wrong]]
    flags = list(dict.fromkeys(meanings))
    return wrong, flags, np.array([[meaning == flag for flag in flags] for meaning in meanings], float)


def _choose(shares: Array, flags: list[Flag]) -> list[Flag]:
    """Choose the reason that most of the defects' probability stands for, for each row of reasons' shares."""
    sure = shares.max(axis=1) >= SURE * shares.sum(axis=1)
    return [flags[best] if one else Flag(0) for best, one in zip(shares.argmax(axis=1), sure, strict=True)]
