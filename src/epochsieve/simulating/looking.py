"""What the eye is trained on: views of epochs, what it hears of whole series, and what each epoch shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from epochsieve.judging.weighing.testimony import hear_most, stack_scores
from epochsieve.judging.weighing.views import prepare_views
from epochsieve.simulating.comparing import compare_known
from epochsieve.simulating.defects import ODDITIES
from epochsieve.simulating.draws import toss
from epochsieve.simulating.outcomes import Truth
from epochsieve.simulating.random_surveys import draw_survey
from epochsieve.simulating.surveys import simulate_series
from epochsieve.simulating.truth import SimulatedSeries
from epochsieve.vocabulary.contracts import Eye
from epochsieve.vocabulary.series import CutoutSeries

WEAKEST = 10.0
"""Defects of less power are not shown to the eye: nobody could see them."""

FEWEST_GOOD = 6
"""Good epochs that are shown of a series at least; else as many as are not good."""


@dataclass(frozen=True, eq=False)
class Views:
    """Views of some epochs of a series.

    Attributes
    ----------
    images : ndarray of float16, shape (epochs, channels, height, width)
        As `prepare_views` makes them.
    kind : ndarray of str, shape (epochs,)
        ``"good"``, or the name of a defect or a harmless change.
    """

    images: NDArray[np.float16]
    kind: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Hearing:
    """What the eye makes up its mind about: all epochs of a series.

    Attributes
    ----------
    impressions : ndarray of float32, shape (epochs, numbers)
        As `Eye.look` gives them.
    raw : ndarray of float32, shape (epochs, detectors)
        Scores of the detectors that it hears.
    shown : ndarray of bool, shape (epochs,)
        Epochs that show the scene, as found by the comparison.
    kind : ndarray of str, shape (epochs,)
        ``"good"``, the name of a defect or a harmless change, or an empty string where nothing is known or nobody could
        see it.
    """

    impressions: NDArray[np.float32]
    raw: NDArray[np.float32]
    shown: NDArray[np.bool_]
    kind: NDArray[Any]


def imagine_series(rng: Generator, favoured: Sequence[str] = ()) -> SimulatedSeries:
    """Simulate a series of a survey drawn at random, with oddities among its defects.

    Of every seventh, all defects are of one or two kinds.

    Parameters
    ----------
    rng : Generator
        Source of all randomness.
    favoured : sequence of str, optional
        Defects that come once more for each time that they are named.

    Returns
    -------
    SimulatedSeries
        With the truth about each epoch.
    """
    recurring = int(rng.integers(1, 3)) if toss(rng, 0.15) else 0
    return simulate_series(draw_survey(rng), rng, recurring=recurring, favoured=(*ODDITIES, *favoured))


def take_views(series: CutoutSeries, truth: Iterable[Truth], rng: Generator) -> Views:
    """Take the views of all epochs that show something, and of as many good ones.

    Parameters
    ----------
    series : CutoutSeries
        The series.
    truth : iterable of Truth
        Of its epochs, by file name; epochs without one are left out.
    rng : Generator
        Chooses the good epochs.

    Returns
    -------
    Views
        In the series' order.
    """
    comparison, found = compare_known(series, truth)
    kind = _name_kinds(found)
    told = np.flatnonzero((kind != "good") & (kind != ""))
    good = rng.permutation(np.flatnonzero(kind == "good"))[: max(FEWEST_GOOD, len(told))]
    chosen = np.sort(np.concatenate([told, good]))
    return Views(prepare_views(comparison)[chosen].astype(np.float16), kind[chosen])


def take_hearing(series: CutoutSeries, truth: Iterable[Truth], eye: Eye) -> Hearing:
    """Let the eye look at a series with known truth, and hear the detectors.

    Parameters
    ----------
    series : CutoutSeries
        The series.
    truth : iterable of Truth
        Of its epochs, by file name.
    eye : Eye
        What looks.

    Returns
    -------
    Hearing
        Of the usable epochs that show anything at all.
    """
    comparison, found = compare_known(series, truth)
    impressions, raw = eye.look(prepare_views(comparison)), stack_scores(hear_most(comparison))
    return Hearing(impressions, raw.astype(np.float32), comparison.good, _name_kinds(found))


def _name_kinds(known: Sequence[Truth | None]) -> NDArray[Any]:
    """Name what epochs show; nothing where nothing is known, or a defect is too weak to be seen."""
    weak = (one is not None and one.bad and one.power < WEAKEST for one in known)
    return np.array(["" if one is None or lost else one.kind or "good" for one, lost in zip(known, weak, strict=True)])
