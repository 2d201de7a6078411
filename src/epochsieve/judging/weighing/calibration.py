"""Detectors' scores to one false-alarm probability, by tables and weights made from simulations."""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.weighing.standards import CALM, measure_ratios, settle_odds, standardise, standardise_sum

Array = NDArray[Any]

EVIDENCE_KNOTS = (0.5, 1.0, 2.0, 3.5)
"""Evidence (minus log10 of a single detector's false-alarm probability) from which it counts more and more."""

MOST_EVIDENCE = 25.0
"""A single detector's evidence counts up to here."""

RATIO_KNOTS = (0.05, 0.15, 0.3, 0.6)
"""Logarithms of the ratio to the usual score from which it counts more and more, for the detectors in `RATIO_OF`."""

RATIO_OF = ("appearance", "network", "likeness")
"""Detectors whose plain ratio counts too: not only how rare a change is, but how large."""

ODDS_OF = "eye"
"""The detector whose odds count as they are, too: unlike all others, it knows what a defect is."""

ODDS_KNOTS = (-6.0, -4.0, -2.0, 0.0, 2.0, 5.0)
"""Logarithms of its settled odds from which they count more and more."""

MOST_ODDS = 20.0
"""They count up to here."""

RANKS = 2
"""The loudest and the second loudest detector count once more, whichever they are: one is enough."""

NOT_RANKED = frozenset({"appearance", "likeness"})
"""Detectors that a variable source rouses, and so don't take part in that."""

MOST_RATIO = 2.0
"""A ratio's logarithm counts up to here."""

HIGHEST_SCORE = 99.0
"""No score is higher; it is also that of an image without any content."""


@dataclass(frozen=True)
class Calibration:
    """How detectors' scores become one score.

    Attributes
    ----------
    name : str
        Version, and what it was made from.
    embedder : str
        The sha256 of the network whose features one of the detectors looked at; it holds for no other.
    eye : str
        That of the eye; likewise.
    detectors : tuple of str
        Names, in the order of all rows below.
    scatter : tuple of float
        Usual scatter of the logarithm of each detector's score over a series' good epochs.
    chances : tuple of float
        False-alarm probabilities of the columns of `quantiles`, falling.
    quantiles : tuple of tuple of float
        For each detector, the standard scores which good epochs exceed with these probabilities.
    weights : tuple of tuple of float
        For each detector, its weight from each of `EVIDENCE_KNOTS` on; none is negative.
    ratio_weights : tuple of tuple of float
        For each of `RATIO_OF`, likewise from each of `RATIO_KNOTS` on.
    odds_weights : tuple of float
        For the odds of `ODDS_OF`, likewise from each of `ODDS_KNOTS` on.
    rank_weights : tuple of tuple of float
        For the loudest `RANKS` detectors, likewise from each of `EVIDENCE_KNOTS` on.
    median, spread : float
        Of the weighted sum, over the good epochs of a usual series.
    tail_chances, tail : tuple of float
        False-alarm probabilities, falling, and the values of the sum, standardised by its series, which good epochs
        exceed with them.
    """

    name: str
    embedder: str
    eye: str
    detectors: tuple[str, ...]
    scatter: tuple[float, ...]
    chances: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]
    weights: tuple[tuple[float, ...], ...]
    ratio_weights: tuple[tuple[float, ...], ...]
    odds_weights: tuple[float, ...]
    rank_weights: tuple[tuple[float, ...], ...]
    median: float
    spread: float
    tail_chances: tuple[float, ...]
    tail: tuple[float, ...]

    def to_json(self) -> str:
        """Write as JSON, one field a line."""
        lines = (f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in asdict(self).items())
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @cached_property
    def sha256(self) -> str:
        """Digest of what `to_json` writes, hexadecimal."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Rating:
    """Scores, and which detectors they come from.

    Attributes
    ----------
    score : ndarray, shape (epochs,)
        Minus log10 of the false-alarm probability.
    shares : ndarray, shape (epochs, detectors)
        What each detector adds to the sum.
    """

    score: Array
    shares: Array


def rate_epochs(raw: Array, good: NDArray[np.bool_], calibration: Calibration) -> Rating:
    """Turn the detectors' scores of one series into one score per epoch.

    Parameters
    ----------
    raw : ndarray, shape (epochs, detectors)
        In the order of the calibration's detectors.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    calibration : Calibration
        Tables and weights.

    Returns
    -------
    Rating
        Scores between 0 and `HIGHEST_SCORE`.
    """
    shares = share_evidence(raw, good, calibration)
    calm = find_calm(raw, good, calibration.detectors)
    total = standardise_sum(shares.sum(axis=1), calm, calibration.median, calibration.spread)
    score = read_table(total, np.array(calibration.tail), -np.log10(calibration.tail_chances))
    return Rating(np.clip(score, 0, HIGHEST_SCORE), shares)


def share_evidence(raw: Array, good: NDArray[np.bool_], calibration: Calibration) -> Array:
    """Say what each detector adds to the weighted sum.

    Parameters
    ----------
    raw : ndarray, shape (epochs, detectors)
        In the order of the calibration's detectors.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene.
    calibration : Calibration
        Tables and weights.

    Returns
    -------
    ndarray, shape (epochs, detectors)
        None is negative.
    """
    evidence = weigh_evidence(standardise(raw, good, np.array(calibration.scatter)), calibration)
    shares = _sum_up(bend(evidence, EVIDENCE_KNOTS, MOST_EVIDENCE), calibration.weights)
    loudest, which = rank_evidence(evidence, calibration.detectors)
    more = _sum_up(bend(loudest, EVIDENCE_KNOTS, MOST_EVIDENCE), calibration.rank_weights)
    np.add.at(shares, (np.arange(len(shares))[:, None], which), more)
    columns = [calibration.detectors.index(name) for name in RATIO_OF]
    ratios = bend(measure_ratios(raw[:, columns], good), RATIO_KNOTS, MOST_RATIO)
    shares[:, columns] += _sum_up(ratios, calibration.ratio_weights)
    odds = bend(read_odds(raw, good, calibration.detectors), ODDS_KNOTS, MOST_ODDS)
    shares[:, calibration.detectors.index(ODDS_OF)] += odds @ np.array(calibration.odds_weights)
    return np.asarray(shares)


def _sum_up(bent: Array, weights: tuple[tuple[float, ...], ...]) -> Array:
    """Weigh what `bend` gives, shape (epochs, detectors, knots), and sum over the knots."""
    return np.asarray(np.einsum("edk,dk->ed", bent, np.array(weights)))


def read_odds(raw: Array, good: NDArray[np.bool_], detectors: tuple[str, ...]) -> Array:
    """Read the eye's settled odds off the raw scores, natural logarithms, shape (epochs,)."""
    return settle_odds(raw[:, detectors.index(ODDS_OF)], good)


def find_calm(raw: Array, good: NDArray[np.bool_], detectors: tuple[str, ...]) -> NDArray[np.bool_]:
    """Find the epochs that show the scene and that the eye has nothing against, shape (epochs,)."""
    return np.asarray(good & (read_odds(raw, good, detectors) < CALM))


def weigh_evidence(standard: Array, calibration: Calibration) -> Array:
    """Turn standard scores into minus log10 of each detector's false-alarm probability.

    Parameters
    ----------
    standard : ndarray, shape (epochs, detectors)
        Standard scores.
    calibration : Calibration
        With the detectors' tables.

    Returns
    -------
    ndarray, shape (epochs, detectors)
        Beyond the table, extrapolated by its last part's slope.
    """
    return read_tables(standard, np.array(calibration.quantiles), -np.log10(calibration.chances))


def rank_evidence(evidence: Array, detectors: tuple[str, ...]) -> tuple[Array, NDArray[np.intp]]:
    """Find the loudest detectors of each epoch.

    Parameters
    ----------
    evidence : ndarray, shape (epochs, detectors)
        Minus log10 of each detector's false-alarm probability.
    detectors : tuple of str
        Their names.

    Returns
    -------
    evidence, which : ndarray, shape (epochs, RANKS)
        The largest first, and its column.
    """
    columns = np.array([i for i, name in enumerate(detectors) if name not in NOT_RANKED])
    order = np.argsort(-evidence[:, columns], axis=1, kind="stable")[:, :RANKS]
    which = columns[order]
    return np.take_along_axis(evidence, which, axis=1), which


def read_table(values: Array, table: Array, known: Array) -> Array:
    """Interpolate in a table of quantiles, and go on beyond it as its last half decade and more did.

    Parameters
    ----------
    values : ndarray
        What to look up.
    table, known : ndarray, shape (n,)
        Quantiles, ascending, and minus log10 of the probabilities with which they are exceeded.

    Returns
    -------
    ndarray
        Of the shape of `values`.
    """
    return read_tables(values.reshape(-1, 1), table[None], known).reshape(values.shape)


def read_tables(values: Array, tables: Array, known: Array) -> Array:
    """Interpolate in a table for each column, as `read_table` does.

    Parameters
    ----------
    values : ndarray, shape (rows, tables)
        What to look up.
    tables, known : ndarray, shape (tables, n) and (n,)
        As for `read_table`.

    Returns
    -------
    ndarray, shape (rows, tables)
        As the tables say.
    """
    tables = tables + 1e-6 * np.arange(len(known))
    anchor, last = max(0, len(known) - 5), tables[:, -1]
    slope = (known[-1] - known[anchor]) / np.maximum(last - tables[:, anchor], 0.3)
    within = np.stack([np.interp(column, table, known) for column, table in zip(values.T, tables, strict=True)], axis=1)
    return np.where(values > last, known[-1] + (values - last) * slope, within)


def bend(values: Array, knots: tuple[float, ...], most: float) -> Array:
    """Measure by how much values exceed each knot, up to a limit.

    Parameters
    ----------
    values : ndarray
        Any shape.
    knots : tuple of float
        Where a weight sets in.
    most : float
        Values count up to here.

    Returns
    -------
    ndarray, shape (*values.shape, knots)
        A sum of these with weights that are not negative rises ever more steeply: a monotone, convex function.
    """
    return np.asarray(np.clip(values[..., None] - np.array(knots), 0, most - np.array(knots)))
