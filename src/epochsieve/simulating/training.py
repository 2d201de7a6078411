"""The default method's tables and weights, fitted to series with known truth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from epochsieve.judging.weighing.accords import ACCORDS
from epochsieve.judging.weighing.calibration import (
    EVIDENCE_KNOTS,
    MOST_EVIDENCE,
    MOST_ODDS,
    MOST_RATIO,
    ODDS_KNOTS,
    ODDS_OF,
    RANKS,
    RATIO_KNOTS,
    RATIO_OF,
    Calibration,
    bend,
    find_calm,
    rank_evidence,
    read_odds,
    read_table,
)
from epochsieve.judging.weighing.standards import (
    FEWEST,
    LEAST_SCATTER,
    measure_ratios,
    measure_scatter,
    measure_sum,
    standardise,
    standardise_sum,
    take_logarithm,
)
from epochsieve.judging.weighing.testimony import NAMES, hear_detectors, prepare_residual
from epochsieve.judging.weighing.views import prepare_views
from epochsieve.simulating.comparing import compare_known
from epochsieve.simulating.outcomes import Truth
from epochsieve.vocabulary.contracts import Embedder, Eye
from epochsieve.vocabulary.series import CutoutSeries

Array = NDArray[Any]

CHANCES = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""False-alarm probabilities of the tables' columns."""

TAIL_CHANCES = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005)
"""Likewise for the sum."""

WEAKEST = 10.0
"""Defects of less power teach nothing."""

DEFECT_WEIGHT, HARMLESS_WEIGHT, REAL_WEIGHT = 40.0, 700.0, 200.0
"""How much each kind of defect, each harmless change and each real set count, in units of one good epoch; a real set's
good epochs count four times as much as its bad ones."""

BLINDNESS = 0.05
"""Share of the lessons in which the eye says the same of every epoch: it was trained on the same simulator, and other
detectors must not rely on it."""

SILENT_ODDS = 0.01
"""What it says then."""

LEAST_OF_ACCORDS = 0.2
"""Usual scatter of accords (natural logarithms): they say nothing of most good epochs, and none can be measured."""

STIFFNESS = 1e-4
"""Of the penalty on squared weights, in units of the mean loss."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """One series with its truth.

    Attributes
    ----------
    raw : ndarray, shape (epochs, detectors)
        Raw scores, in the order of `epochsieve.judging.weighing.testimony.NAMES`.
    shown : ndarray of bool, shape (epochs,)
        Epochs that show the scene, as found by the comparison.
    kind : ndarray of str, shape (epochs,)
        ``"good"``, ``"unknown"`` (left out), or the name of a defect or a harmless change.
    bad : ndarray of bool, shape (epochs,)
        Whether it must be flagged.
    power : ndarray, shape (epochs,)
        Of the defect, noise sigmas.
    source : str
        The real set, or an empty string for a simulation.
    embedder : str
        The sha256 of the network that one of the detectors looked through.
    eye : str
        That of the eye.
    """

    raw: Array
    shown: NDArray[np.bool_]
    kind: NDArray[Any]
    bad: NDArray[np.bool_]
    power: Array
    source: str = ""
    embedder: str = ""
    eye: str = ""


def take_lesson(series: CutoutSeries, truth: Iterable[Truth], embedder: Embedder, eye: Eye, source: str = "") -> Lesson:
    """Ask the detectors about a series with known truth.

    Parameters
    ----------
    series : CutoutSeries
        The series.
    truth : iterable of Truth
        Of its epochs, by file name; epochs without one are left out.
    embedder : Embedder
        The network whose features one detector looks at.
    eye : Eye
        The network that looks at every epoch.
    source : str, optional
        The real set; empty for a simulation.

    Returns
    -------
    Lesson
        Of the usable epochs that show anything at all.
    """
    comparison, found = compare_known(series, truth)
    features, impressions = embedder.embed(prepare_residual(comparison)), eye.look(prepare_views(comparison))
    testimony = hear_detectors(comparison, features, impressions, eye)
    return Lesson(
        testimony.raw,
        comparison.good,
        np.array(["unknown" if one is None else one.kind or "good" for one in found], object),
        np.array([one is not None and one.bad for one in found]),
        np.array([0.0 if one is None else np.nan_to_num(one.power, nan=np.inf) for one in found]),
        source,
        embedder.sha256,
        eye.sha256,
    )


def fit_calibration(lessons: Sequence[Lesson], name: str) -> Calibration:
    """Fit tables to good simulated epochs, and weights to the difference between defects and all else.

    Parameters
    ----------
    lessons : sequence of Lesson
        Simulated series, and real ones if wanted, seen through one network. Only simulated good epochs enter the
        tables.
    name : str
        Version, and what it is made from.

    Returns
    -------
    Calibration
        Weights are those of a logistic regression with no weight below zero.
    """
    ((embedder, eye),) = {(lesson.embedder, lesson.eye) for lesson in lessons}
    simulated = [lesson for lesson in lessons if not lesson.source]
    scatter = measure_usual_scatter([lesson.raw[lesson.kind == "good"] for lesson in simulated], NAMES)
    good = np.concatenate([lesson.kind == "good" for lesson in simulated])
    standard = np.concatenate([standardise(lesson.raw, lesson.shown, scatter) for lesson in simulated])
    tables = np.quantile(standard[good], 1 - np.array(CHANCES), axis=0).T
    features = [_make_features(lesson, scatter, tables) for lesson in lessons]
    blind = [_make_features(_close_eye(lesson), scatter, tables) for lesson in lessons]
    bad, weights = _weigh_epochs(lessons)
    found = _fit_weights(
        np.vstack(features + blind), np.tile(bad, 2), np.concatenate([(1 - BLINDNESS) * weights, BLINDNESS * weights])
    )
    parts = [part @ found for part, lesson in zip(features, lessons, strict=True) if not lesson.source]
    measured = [
        measure_sum(part[lesson.kind == "good"])
        for part, lesson in zip(parts, simulated, strict=True)
        if (lesson.kind == "good").sum() >= FEWEST
    ]
    median, spread = np.median(measured, axis=0)
    calm = [find_calm(lesson.raw, lesson.shown, NAMES) for lesson in simulated]
    sums = [standardise_sum(part, some, median, spread) for part, some in zip(parts, calm, strict=True)]
    tail = np.quantile(np.concatenate(sums)[good], 1 - np.array(TAIL_CHANCES))
    sizes = np.cumsum([len(NAMES) * len(EVIDENCE_KNOTS), len(RATIO_OF) * len(RATIO_KNOTS), len(ODDS_KNOTS)])
    own, ratio, odds, rank = np.split(found, sizes)
    return Calibration(
        name,
        embedder,
        eye,
        NAMES,
        _round(scatter),
        CHANCES,
        tuple(_round(table) for table in tables),
        tuple(_round(row) for row in own.reshape(len(NAMES), -1)),
        tuple(_round(row) for row in ratio.reshape(len(RATIO_OF), -1)),
        _round(odds),
        tuple(_round(row) for row in rank.reshape(RANKS, -1)),
        round(float(median), 4),
        round(float(spread), 4),
        TAIL_CHANCES,
        _round(tail),
    )


def measure_usual_scatter(good: Sequence[Array], names: Sequence[str]) -> Array:
    """Measure the usual scatter of detectors' scores over a series' good epochs.

    Parameters
    ----------
    good : sequence of ndarray, shape (epochs, detectors)
        Raw scores of the good epochs of each series.
    names : sequence of str
        The detectors.

    Returns
    -------
    ndarray, shape (detectors,)
        Of natural logarithms; no less than what can be measured.
    """
    scatter = [measure_scatter(take_logarithm(raw))[1] for raw in good]
    least = np.where([name in ACCORDS for name in names], LEAST_OF_ACCORDS, LEAST_SCATTER)
    return np.asarray(np.sqrt(np.median(np.square(scatter), axis=0)).clip(least))


def _close_eye(lesson: Lesson) -> Lesson:
    """Let the eye say the same of every epoch, and nothing against any."""
    raw = lesson.raw.copy()
    raw[:, NAMES.index(ODDS_OF)] = SILENT_ODDS
    return replace(lesson, raw=raw)


def _make_features(lesson: Lesson, scatter: Array, tables: Array) -> Array:
    """Make what the weights are multiplied with, shape (epochs, weights)."""
    standard = standardise(lesson.raw, lesson.shown, scatter)
    known = -np.log10(CHANCES)
    evidence = np.stack([read_table(standard[:, i], tables[i], known) for i in range(len(NAMES))], axis=1)
    ratios = measure_ratios(lesson.raw, lesson.shown)[:, [NAMES.index(name) for name in RATIO_OF]]
    loudest, _ = rank_evidence(evidence, NAMES)
    bent = (
        bend(evidence, EVIDENCE_KNOTS, MOST_EVIDENCE),
        bend(ratios, RATIO_KNOTS, MOST_RATIO),
        bend(read_odds(lesson.raw, lesson.shown, NAMES), ODDS_KNOTS, MOST_ODDS),
        bend(loudest, EVIDENCE_KNOTS, MOST_EVIDENCE),
    )
    return np.hstack([part.reshape(len(standard), -1) for part in bent])


def _weigh_epochs(lessons: Sequence[Lesson]) -> tuple[NDArray[np.bool_], Array]:
    """Say of every epoch whether it is bad, and how much it counts: every kind of defect the same."""
    kind = np.concatenate([lesson.kind for lesson in lessons])
    bad = np.concatenate([lesson.bad for lesson in lessons])
    power = np.concatenate([lesson.power for lesson in lessons])
    source = np.concatenate([np.full(len(lesson.kind), lesson.source, object) for lesson in lessons])
    weights = ((kind == "good") & (source == "")).astype(float)
    for name in set(kind[source == ""]) - {"good", "unknown"}:
        some = (kind == name) & (source == "") & (~bad | (power >= WEAKEST))
        weights[some] = (DEFECT_WEIGHT if bad[some].any() else HARMLESS_WEIGHT) / max(int(some.sum()), 8)
    for name in set(source) - {""}:
        for some, share in (((kind == "good") & ~bad, 4.0), (bad, 1.0)):
            chosen = some & (source == name)
            weights[chosen] = REAL_WEIGHT * share / max(int(chosen.sum()), 1)
    return bad, weights / weights.sum()


def _fit_weights(features: Array, bad: NDArray[np.bool_], weights: Array) -> Array:
    """Fit a logistic regression whose weights are not negative, and leave its constant out."""
    used = weights > 0
    rows, sign, share = features[used], np.where(bad[used], 1.0, -1.0), weights[used]

    def loss(found: Array) -> tuple[float, Array]:
        margin = sign * (rows @ found[1:] + found[0])
        slope = -sign * share / (1 + np.exp(margin))
        penalty = STIFFNESS * found[1:]
        value = float(share @ np.logaddexp(0, -margin) + penalty @ found[1:])
        return value, np.concatenate([[slope.sum()], rows.T @ slope + 2 * penalty])

    start = np.zeros(rows.shape[1] + 1)
    bounds = [(None, None), *[(0, None)] * rows.shape[1]]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x[1:])


def _round(values: Array) -> tuple[float, ...]:
    """Round to four decimals."""
    return tuple(round(float(value), 4) for value in values)
