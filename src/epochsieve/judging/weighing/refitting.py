"""A calibration refitted to a user's own findings, without labels, or with verdicts on some epochs.

Bad epochs are among them, and nobody need say which. What good ones look like is read from the body of the sums, where
bad ones are few and spread out; the shipped tail is stretched to go on from there. Where people called epochs good or
bad, that is known of these, and guessed of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from epochsieve.judging.weighing.calibration import Calibration, find_calm, read_table, share_evidence
from epochsieve.judging.weighing.standards import (
    FEWEST,
    LEAST,
    LEAST_SCATTER,
    find_usual,
    measure_scatter,
    standardise_sum,
    take_logarithm,
)
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.findings import Findings

Array = NDArray[Any]

SHIPPED_EPOCHS = 1000
"""Weight, in epochs, of the shipped calibration against the user's own epochs."""

BODY_CHANCE = 0.3
"""Standardised sums are told apart from where this share of good epochs lies higher; below, they are counted only."""

FARTHEST = 10.0
"""Standardised sums up to here are looked at; whatever lies beyond is bad and says nothing about good epochs."""

BINS = 40
"""Into so many bins are sums counted, up to there."""

BAD_SOFTENING = 3.0
"""Bad epochs, and those that show a change, lie ever thinner, as 1 / (this + standardised sum)."""

USUAL_SHIFT, USUAL_STRETCH = 0.1, 0.2
"""By how much the tails of surveys differ: standard deviations of the shift, and of the stretch's logarithm."""

USUAL_BAD, BAD_SCATTER = -2.0, 1.5
"""Logit of the share of epochs that are not good, yet not beyond `FARTHEST`: what is usual, and how much it differs."""

UNKNOWN, GOOD, BAD = 0, 1, -1
"""What people said of an epoch: nothing that helps, that it is good, that it is bad."""


@dataclass(frozen=True)
class Refit:
    """A refitted calibration, and how it came about.

    Attributes
    ----------
    calibration : Calibration
        To judge with.
    objects, epochs : int
        What it is made from.
    weight : float
        Of these epochs against the shipped calibration, 0 to 1.
    shift, stretch : float
        What the shipped tail was moved by, and multiplied with before.
    judged : int
        Epochs among them of which people said that they are good or bad.
    """

    calibration: Calibration
    objects: int
    epochs: int
    weight: float
    shift: float
    stretch: float
    judged: int = 0


@dataclass(frozen=True)
class _Body:
    """How good epochs' standardised sums differ from the shipped tail, and up to where most epochs are good."""

    shift: float
    stretch: float
    limit: float


@dataclass(frozen=True, eq=False)
class _Sums:
    """The weighted sums of a series' epochs, those the eye has nothing against, and those that nobody called bad."""

    total: Array
    calm: NDArray[np.bool_]
    may_be_good: NDArray[np.bool_]


def collect_scores(findings: Findings, detectors: Sequence[str]) -> list[Array]:
    """Take the detectors' raw scores from findings, object by object.

    Parameters
    ----------
    findings : Findings
        Of any number of objects.
    detectors : sequence of str
        Which columns, and in which order.

    Returns
    -------
    list of ndarray, shape (epochs, detectors)
        One per object that has any; epochs that were not judged, or show nothing, are left out.

    Raises
    ------
    InputError
        Where the findings have no such scores, or not all of them.
    """
    raw = _stack_scores(findings, detectors)
    return _split_by_object(findings, np.asarray(np.isfinite(raw).all(axis=1)), raw)


def collect_rulings(findings: Findings, detectors: Sequence[str], rulings: NDArray[np.int8]) -> list[NDArray[np.int8]]:
    """Take what people said of the epochs whose scores `collect_scores` takes, in the same order.

    Parameters
    ----------
    findings : Findings
        Of any number of objects.
    detectors : sequence of str
        As for `collect_scores`.
    rulings : ndarray of int8, shape (rows,)
        `UNKNOWN`, `GOOD` or `BAD` for every row of the findings.

    Returns
    -------
    list of ndarray, shape (epochs,)
        One per object.

    Raises
    ------
    InputError
        Where the findings have no such scores, or not all of them.
    """
    known = np.asarray(np.isfinite(_stack_scores(findings, detectors)).all(axis=1))
    return _split_by_object(findings, known, rulings)


def _stack_scores(findings: Findings, detectors: Sequence[str]) -> Array:
    """Put the detectors' columns beside each other."""
    names = [f"score_{name}" for name in detectors]
    lacking = [name for name in names if name not in findings.columns]
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise InputError(f"these findings lack {lacking[0]}{more}: only the method sieve, of this version, gives it")
    return np.stack([findings[name] for name in names], axis=1)


def _split_by_object(findings: Findings, known: NDArray[np.bool_], values: Array) -> list[Array]:
    """Split the known rows of a column, or of several, by their object."""
    _, places = np.unique(findings["object"][known].astype(str), return_inverse=True)
    order = np.argsort(places, kind="stable")
    cuts = np.flatnonzero(np.diff(places[order])) + 1
    return [part for part in np.split(values[known][order], cuts) if len(part)]


def refit_calibration(
    scores: Sequence[Array], shipped: Calibration, rulings: Sequence[NDArray[np.int8]] | None = None
) -> Refit:
    """Fit a calibration's usual values and its tail to epochs of which nobody need know which are good.

    Up to about a third of them may be bad. The tables of single detectors and all weights stay as they are. That people
    look at the worst epochs first does no harm: what is fitted is how likely a sum comes with a verdict, and the choice
    of epochs depends on the sums alone.

    Parameters
    ----------
    scores : sequence of ndarray, shape (epochs, detectors)
        Raw scores of each object, in the order of the calibration's detectors.
    shipped : Calibration
        What to start from; it counts as much as `SHIPPED_EPOCHS` epochs.
    rulings : sequence of ndarray, shape (epochs,), optional
        What people said of the same epochs, as `collect_rulings` takes it.

    Returns
    -------
    Refit
        The fewer the epochs, the closer to what was shipped.

    Raises
    ------
    InputError
        Where there are no scores.
    """
    epochs = sum(len(raw) for raw in scores)
    if not epochs:
        raise InputError("no epoch in these findings was judged: there is nothing to calibrate with")
    weight = epochs / (epochs + SHIPPED_EPOCHS)
    said = rulings or [np.zeros(len(raw), np.int8) for raw in scores]
    may_be_good = [ruled != BAD for ruled in said]
    fitted = _refit_scatter(scores, may_be_good, shipped, weight)
    sums = [_sum_up(raw, good, fitted) for raw, good in zip(scores, may_be_good, strict=True)]
    ruled = np.concatenate(said)
    fitted = _refit_median(sums, ruled, fitted, weight)
    body = _find_body(np.concatenate(_standardise_all(sums, fitted)), ruled, fitted)
    shift, stretch = weight * body.shift, body.stretch**weight
    judged = int((ruled != UNKNOWN).sum())
    verdicts = f" with {judged} verdicts" if judged else ""
    fitted = replace(
        fitted,
        name=f"refitted to {epochs} epochs of {len(scores)} objects{verdicts}, from {shipped.name}",
        tail=tuple(round(float(shift + stretch * value), 4) for value in shipped.tail),
    )
    return Refit(fitted, len(scores), epochs, weight, shift, stretch, judged)


def _sum_up(raw: Array, may_be_good: NDArray[np.bool_], calibration: Calibration) -> _Sums:
    """Weigh the scores of one series, all of whose epochs that may be good count as showing the scene."""
    total = share_evidence(raw, may_be_good, calibration).sum(axis=1)
    return _Sums(total, find_calm(raw, may_be_good, calibration.detectors), may_be_good)


def _refit_scatter(
    scores: Sequence[Array], may_be_good: Sequence[NDArray[np.bool_]], shipped: Calibration, weight: float
) -> Calibration:
    """Measure each detector's usual scatter over a series, from the epochs that do not lie far out."""
    usual = np.array(shipped.scatter)
    kept = [raw[good] for raw, good in zip(scores, may_be_good, strict=True)]
    if not (own := [_measure_variance(raw, usual) for raw in kept if len(raw) >= FEWEST]):
        return shipped
    variance = (1 - weight) * usual**2 + weight * np.median(own, axis=0)
    least = np.maximum(LEAST * usual, LEAST_SCATTER)
    return replace(shipped, scatter=tuple(round(float(v), 4) for v in np.maximum(np.sqrt(variance), least)))


def _measure_variance(raw: Array, usual: Array) -> Array:
    """Measure the variance of each detector's logarithm over the usual epochs of a series."""
    logs = take_logarithm(raw)
    _, inner, _ = measure_scatter(logs[find_usual(logs, np.ones(len(logs), bool), usual)])
    return np.asarray(inner**2)


def _refit_median(sums: Sequence[_Sums], ruled: NDArray[np.int8], shipped: Calibration, weight: float) -> Calibration:
    """Measure the usual median of the sum over the epochs that look good.

    The usual spread stays: that of the epochs that look good is widened by those that are not, the stretch's is not.
    """
    standard = _standardise_all(sums, shipped)
    limit = _find_body(np.concatenate(standard), ruled, shipped).limit
    kept = [one.total[(values < limit) & one.may_be_good] for one, values in zip(sums, standard, strict=True)]
    own = [np.median(total) for total in kept if len(total) >= FEWEST]
    median = (1 - weight) * shipped.median + weight * np.median(own) if own else shipped.median
    return replace(shipped, median=round(float(median), 4))


def _standardise_all(sums: Sequence[_Sums], calibration: Calibration) -> list[Array]:
    """Measure the sums of each series in usual units."""
    return [standardise_sum(one.total, one.calm, calibration.median, calibration.spread) for one in sums]


def _find_body(standard: Array, ruled: NDArray[np.int8], shipped: Calibration) -> _Body:
    """Find the stretch and the shift that make most epochs look like shipped ones, the rest being spread out."""
    start = np.interp(-np.log10(BODY_CHANCE), -np.log10(shipped.tail_chances), shipped.tail)
    edges = np.linspace(start, FARTHEST, BINS)
    bins = np.concatenate([[-np.inf], edges])
    unknown, known_good, known_bad = (np.histogram(standard[ruled == said], bins)[0] for said in (UNKNOWN, GOOD, BAD))
    thin = np.diff(np.log1p(edges / BAD_SOFTENING), prepend=0.0) / np.log1p(FARTHEST / BAD_SOFTENING)

    def expect(parameters: Array) -> tuple[Array, Array]:
        """Say which share of the epochs is good and in each bin, and which is not good and in it."""
        shift, stretch, bad = parameters[0], np.exp(parameters[1]), 1 / (1 + np.exp(-parameters[2]))
        above = np.concatenate([[1.0], _read_chance((edges - shift) / stretch, shipped)])
        good = -np.diff(above) / (1 - above[-1])
        return (1 - bad) * good, bad * thin

    def surprise(parameters: Array) -> float:
        """Measure how little the counts, and the parameters themselves, are to be expected."""
        good, bad = expect(parameters)
        usual = (parameters - [0, 0, USUAL_BAD]) / [USUAL_SHIFT, USUAL_STRETCH, BAD_SCATTER]
        chances = np.log(good + bad), np.log(np.maximum(good, 1e-12)), np.log(bad)
        found = unknown @ chances[0] + known_good @ chances[1] + known_bad @ chances[2]
        return float(-found + usual @ usual / 2)

    steps = np.diag([USUAL_SHIFT, USUAL_STRETCH, BAD_SCATTER])
    corners = np.array([0, 0, USUAL_BAD]) + np.vstack([np.zeros(3), steps])
    options = {"initial_simplex": corners, "xatol": 1e-4, "fatol": 1e-4}
    found = minimize(surprise, corners[0], method="Nelder-Mead", options=options).x
    good, bad = expect(found)
    doubtful = np.flatnonzero(good <= bad)
    limit = edges[max(int(doubtful[0]) - 1, 0)] if doubtful.size else FARTHEST
    return _Body(float(found[0]), float(np.exp(found[1])), float(limit))


def _read_chance(standard: Array, calibration: Calibration) -> Array:
    """Look up which share of good epochs has higher standardised sums; half where the table has not begun."""
    score = read_table(standard, np.array(calibration.tail), -np.log10(calibration.tail_chances))
    return np.asarray(10.0**-score)
