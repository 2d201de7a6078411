"""All detectors' witnesses of one series."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.detectors import DETECTORS
from epochsieve.judging.detectors.likeness import measure_network
from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.expecting.scene import Scene
from epochsieve.judging.robust import compare_logarithms
from epochsieve.judging.weighing.accords import ACCORDS, APPEARANCE, measure_accords, measure_granted
from epochsieve.judging.weighing.eyesight import conclude, weigh_odds
from epochsieve.vocabulary.contracts import Eye
from epochsieve.vocabulary.flags import Flag

Array = NDArray[Any]

NETWORK = "network"
"""The detector that is given features."""

EYE = "eye"
"""The detector that has looked at every epoch, and heard those of `HEARD`."""

PIXEL = "pixel"
"""The one that knows where the worst pixel is."""

NEAR = 1.5
"""Points within so many full widths at half maximum of the central source are on what is measured: none is too common
to count."""

HEARD = (*DETECTORS, *ACCORDS)
"""The detectors that the eye hears, in their order."""

NAMES = (*HEARD, NETWORK, EYE)
"""Every detector, in the order of a testimony's columns."""

FULL_SCALE = 2.5
"""Sigmas of the residual that make one unit of the network's input."""

LIMIT = 5.0
"""Sigmas beyond which the network sees no difference."""


@dataclass(frozen=True, eq=False)
class Testimony:
    """What the detectors say of a series.

    Attributes
    ----------
    raw : ndarray, shape (epochs, detectors)
        Raw scores, in the order of `NAMES`.
    x, y : ndarray, shape (epochs, detectors)
        Where each saw it; NaN for those that see no place.
    guesses : list of Flag
        What the eye takes each epoch's defect for, if there is one.
    """

    raw: Array
    x: Array
    y: Array
    guesses: list[Flag]


def prepare_residual(comparison: Comparison) -> NDArray[np.float32]:
    """Prepare the residuals for the network, shape (epochs, height, width)."""
    return (np.clip(comparison.residual, -LIMIT, LIMIT) / FULL_SCALE).astype(np.float32)


def hear_detectors(comparison: Comparison, features: Array, impressions: Array, eye: Eye) -> Testimony:
    """Ask every detector, and what they say together.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.
    features : ndarray, shape (epochs, features)
        The network's, of what `prepare_residual` returns.
    impressions : ndarray, shape (epochs, numbers)
        The eye's, of what `prepare_views` returns.
    eye : Eye
        What makes up its mind about them.

    Returns
    -------
    Testimony
        One column per detector.
    """
    witnesses = hear_most(comparison)
    heard = stack_scores(witnesses)
    sight = conclude(impressions, heard, comparison.good, eye)
    altered = compare_logarithms(heard[:, HEARD.index(APPEARANCE)], comparison.good)
    altered[find_on_source(comparison.scene, witnesses[HEARD.index(PIXEL)])] = np.inf
    witnesses.append(measure_network(features.astype(float), comparison.good))
    witnesses.append(Witness(weigh_odds(sight, altered)))
    x, y = np.stack([witness.places for witness in witnesses], axis=2)
    return Testimony(stack_scores(witnesses), x, y, sight.reasons)


def hear_most(comparison: Comparison) -> list[Witness]:
    """Ask the detectors of `HEARD`.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.

    Returns
    -------
    list of Witness
        In their order.
    """
    witnesses = [detector(comparison) for detector in DETECTORS.values()]
    granted = measure_granted(comparison)
    accords = measure_accords(stack_scores(witnesses), comparison.good, tuple(DETECTORS), granted)
    return [*witnesses, *(Witness(score) for score in accords.T)]


def stack_scores(witnesses: Sequence[Witness]) -> Array:
    """Stack witnesses' scores, shape (epochs, witnesses)."""
    return np.stack([witness.score for witness in witnesses], axis=1)


def find_on_source(scene: Scene, worst: Witness) -> NDArray[np.bool_]:
    """Find epochs whose worst pixel is on the central source.

    Parameters
    ----------
    scene : Scene
        What the series shows.
    worst : Witness
        What knows where that pixel is.

    Returns
    -------
    ndarray of bool, shape (epochs,)
        Whether it is within `NEAR` of the central source.
    """
    x, y = worst.places
    return np.asarray(np.hypot(y - scene.centre[0], x - scene.centre[1]) < NEAR * scene.psf_fwhm)
