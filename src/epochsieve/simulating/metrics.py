"""How good a ranking of epochs is, and how good the decisions made from it are."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, nan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.simulating.outcomes import Outcomes
from epochsieve.simulating.ranking import (
    CURVE_RECALLS,
    compute_average_precision,
    compute_roc_area,
    find_threshold,
    trace_curve,
)

FALSE_ALARM_RATES = (0.001, 0.01, 0.05)
"""Shares of the good epochs at which recall is given."""

STANDARD_RATE = 0.01
"""The rate at which kinds of defects and harmless changes are counted."""

STRONG_POWER = 25.0
"""Noise sigmas from which a defect counts as one that has to be found."""

POWER_EDGES = (0.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0, np.inf)
"""Bins of recall against power, noise sigmas."""


@dataclass(frozen=True)
class Share:
    """So many of so many.

    Attributes
    ----------
    hits, total : int
        Counts.
    """

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.hits / self.total if self.total else nan

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval after Wilson (1927, JASA 22, 209), which holds for small counts too; NaN of nothing."""
        if not self.total:
            return nan, nan
        z, n, p = 1.959964, self.total, self.value
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def to_json(self) -> dict[str, Any]:
        """Give counts and share as plain JSON values."""
        return {"hits": self.hits, "total": self.total, "value": _or_null(self.value)}


def add_shares(shares: Iterable[Share]) -> Share:
    """Pool shares.

    Parameters
    ----------
    shares : iterable of Share
        Of different things; none gives nothing of nothing.

    Returns
    -------
    Share
        Hits and totals, summed.
    """
    counted = [(share.hits, share.total) for share in shares]
    return Share(sum(hits for hits, _ in counted), sum(total for _, total in counted))


@dataclass(frozen=True)
class Decisions:
    """What a way of deciding gives: a threshold at a given false-alarm rate, or the one a method ships with.

    Attributes
    ----------
    false_alarms : Share
        Of the good epochs, flagged.
    recall : Share
        Of all bad epochs, flagged.
    strong_recall : Share
        Of those with a power above `STRONG_POWER`, flagged.
    by_kind : dict of str to Share
        Of each defect, flagged.
    harmless : dict of str to Share
        Of each harmless change, flagged.
    """

    false_alarms: Share
    recall: Share
    strong_recall: Share
    by_kind: dict[str, Share]
    harmless: dict[str, Share]

    @property
    def weakest(self) -> tuple[str, Share]:
        """The defect that is found least, with its recall."""
        return min(self.by_kind.items(), key=lambda item: item[1].value, default=("", Share(0, 0)))

    def to_json(self) -> dict[str, Any]:
        """Give all shares as plain JSON values."""
        return {
            "false_alarms": self.false_alarms.to_json()
            | {"interval": [_or_null(v) for v in self.false_alarms.interval]},
            "recall": self.recall.to_json(),
            "strong_recall": self.strong_recall.to_json(),
            "by_kind": {kind: share.to_json() for kind, share in self.by_kind.items()},
            "harmless": {kind: share.to_json() for kind, share in self.harmless.items()},
        }


@dataclass(frozen=True)
class Quality:
    """How good a method is on epochs whose truth is known.

    Attributes
    ----------
    epochs, bad : int
        Counts of all and of bad epochs.
    average_precision : float
        Of bad epochs among all others, harmless changes included; NaN where none is bad.
    roc_area : float
        Chance that a bad epoch scores above one that is not, ties counted half.
    at_rate : dict of float to Decisions
        At the lowest threshold that flags at most this share of the good epochs.
    by_power : tuple of Share
        Recall at `STANDARD_RATE` in each bin of `POWER_EDGES`.
    curve : tuple of float
        Best precision at `CURVE_RECALLS` or beyond.
    oracle : float
        Recall at `STANDARD_RATE` that is expected of somebody who knows what each defect would look like, in noise
        whose statistics he knows: what no method can pass. NaN where powers are unknown.
    shipped : Decisions or None
        At the method's own threshold; None where it has none.
    """

    epochs: int
    bad: int
    average_precision: float
    roc_area: float
    at_rate: dict[float, Decisions]
    by_power: tuple[Share, ...]
    curve: tuple[float, ...]
    oracle: float
    shipped: Decisions | None

    @property
    def standard(self) -> Decisions:
        """Decisions at `STANDARD_RATE`."""
        return self.at_rate[STANDARD_RATE]

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values; numbers that are not there are null."""
        return {
            "epochs": self.epochs,
            "bad": self.bad,
            "average_precision": _or_null(self.average_precision),
            "roc_area": _or_null(self.roc_area),
            "at_rate": {str(rate): decisions.to_json() for rate, decisions in self.at_rate.items()},
            "power_edges": [edge if np.isfinite(edge) else None for edge in POWER_EDGES],
            "by_power": [share.to_json() for share in self.by_power],
            "curve_recalls": list(CURVE_RECALLS),
            "curve": [_or_null(value) for value in self.curve],
            "oracle": _or_null(self.oracle),
            "shipped": None if self.shipped is None else self.shipped.to_json(),
        }


def measure(outcomes: Outcomes) -> Quality:
    """Measure everything that is known of a method's answers.

    Parameters
    ----------
    outcomes : Outcomes
        Judgements and truth, pooled over as many objects as wished: scores have to be comparable between them.

    Returns
    -------
    Quality
        The figures.
    """
    thresholds = {rate: find_threshold(outcomes.score[outcomes.good], rate) for rate in FALSE_ALARM_RATES}
    at_rate = {rate: count_decisions(outcomes, outcomes.score > limit) for rate, limit in thresholds.items()}
    return Quality(
        epochs=len(outcomes),
        bad=int(outcomes.bad.sum()),
        average_precision=compute_average_precision(outcomes.score, outcomes.bad),
        roc_area=compute_roc_area(outcomes.score, outcomes.bad),
        at_rate=at_rate,
        by_power=_count_by_power(outcomes, outcomes.score > thresholds[STANDARD_RATE]),
        curve=trace_curve(outcomes.score, outcomes.bad),
        oracle=_expect_of_oracle(outcomes.power[outcomes.bad]),
        shipped=count_decisions(outcomes, outcomes.flagged) if outcomes.decided.any() else None,
    )


def count_decisions(outcomes: Outcomes, flagged: NDArray[np.bool_]) -> Decisions:
    """Count who is flagged, given the decisions, shape (epochs,)."""
    return Decisions(
        false_alarms=_share(flagged, outcomes.good),
        recall=_share(flagged, outcomes.bad),
        strong_recall=_share(flagged, outcomes.bad & (outcomes.power > STRONG_POWER)),
        by_kind=_count_by_kind(outcomes, flagged, outcomes.bad),
        harmless=_count_by_kind(outcomes, flagged, outcomes.harmless),
    )


def _expect_of_oracle(power: NDArray[np.float64]) -> float:
    """Give the recall of a matched filter per defect: its signal-to-noise ratio is the power."""
    normal = NormalDist()
    threshold = normal.inv_cdf(1 - STANDARD_RATE)
    return float(np.mean([1 - normal.cdf(threshold - one) for one in power])) if len(power) else nan


def _share(flagged: NDArray[np.bool_], among: NDArray[np.bool_]) -> Share:
    """Count the flagged among some epochs."""
    return Share(int((flagged & among).sum()), int(among.sum()))


def _count_by_kind(outcomes: Outcomes, flagged: NDArray[np.bool_], among: NDArray[np.bool_]) -> dict[str, Share]:
    """Count the flagged among some epochs, kind by kind."""
    return {kind: _share(flagged, among & (outcomes.kind == kind)) for kind in sorted(set(outcomes.kind[among]))}


def _count_by_power(outcomes: Outcomes, flagged: NDArray[np.bool_]) -> tuple[Share, ...]:
    """Count the flagged bad epochs in bins of power."""

    def inside(low: float, high: float) -> NDArray[np.bool_]:
        return outcomes.bad & (outcomes.power > low) & (outcomes.power <= high)

    return tuple(_share(flagged, inside(*edges)) for edges in pairwise(POWER_EDGES))


def _or_null(value: float) -> float | None:
    """Write NaN as JSON's null."""
    return None if isnan(value) else value
