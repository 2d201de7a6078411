"""What a method said beside what is true, epoch by epoch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import OK, CutoutSeries


class Judge(Protocol):
    """Whatever can be measured: every `Method`, and the baselines, which only rank."""

    @property
    def name(self) -> str:
        """What tables call it."""

    def judge(self, series: CutoutSeries) -> Findings:
        """Give one row per epoch; a threshold of NaN says that the scores rank and decide nothing."""


class Truth(Protocol):
    """What is known of one epoch: a simulated truth, or a label given by a person."""

    @property
    def file(self) -> str:
        """File name without folder."""

    @property
    def kind(self) -> str:
        """What was done to it: a defect, a harmless change, or empty for nothing."""

    @property
    def bad(self) -> bool:
        """Whether it ought to be flagged."""

    @property
    def power(self) -> float:
        """Root sum square of the change in noise sigmas; NaN where unknown."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Judgements of epochs whose truth is known; all columns have shape (epochs,).

    Attributes
    ----------
    object : ndarray of str
        The series each epoch is from.
    kind : ndarray of str
        Defect, harmless change, or empty.
    bad : ndarray of bool
        Whether the epoch ought to be flagged.
    power : ndarray of float64
        Root sum square of the change in noise sigmas; NaN where unknown.
    score : ndarray of float64
        Larger is worse. Unusable epochs have infinity, epochs that the method left without an opinion minus infinity.
    decided : ndarray of bool
        Whether the method has a threshold of its own.
    flagged : ndarray of bool
        Its decision there; unusable epochs are always flagged.
    reasons : ndarray of str
        Names of the flags, comma-separated.
    """

    object: NDArray[Any]
    kind: NDArray[Any]
    bad: NDArray[np.bool_]
    power: NDArray[np.float64]
    score: NDArray[np.float64]
    decided: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    reasons: NDArray[Any]

    def __len__(self) -> int:
        """Count the epochs."""
        return len(self.score)

    @property
    def good(self) -> NDArray[np.bool_]:
        """Undisturbed epochs, shape (epochs,): neither a defect nor a harmless change was put in."""
        return ~self.bad & ~self._changed

    @property
    def harmless(self) -> NDArray[np.bool_]:
        """Epochs with a change that is no defect, shape (epochs,)."""
        return ~self.bad & self._changed

    @property
    def _changed(self) -> NDArray[np.bool_]:
        """Whether anything was done to the epoch."""
        return np.array(self.kind != "", bool)

    def select(self, rows: NDArray[np.bool_]) -> "Outcomes":
        """Keep the rows of a mask, shape (epochs,)."""
        return Outcomes(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def compare_with_truth(findings: Findings, truth: Iterable[Truth]) -> Outcomes:
    """Put a series' findings beside what is true of it.

    Parameters
    ----------
    findings : Findings
        Of one series.
    truth : iterable of Truth
        One per epoch, in any order; epochs without one are left out.

    Returns
    -------
    Outcomes
        In the findings' order.
    """
    known = {epoch.file: epoch for epoch in truth}
    found = findings.select(np.array([file in known for file in findings["file"]], bool))
    true = [known[file] for file in found["file"]]
    unusable = np.array([status != OK for status in found["status"]], bool)
    flagged = found["flagged"] | unusable
    return Outcomes(
        object=found["object"],
        kind=np.array([epoch.kind for epoch in true], object),
        bad=np.array([epoch.bad for epoch in true], bool),
        power=np.array([epoch.power for epoch in true], np.float64),
        score=_rank_everything(found["score"], flagged, unusable),
        decided=np.isfinite(found["threshold"]),
        flagged=flagged,
        reasons=found["reasons"],
    )


def concatenate_outcomes(parts: Sequence[Outcomes]) -> Outcomes:
    """Put outcomes, at least one, below each other."""
    return Outcomes(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Outcomes)})


def _rank_everything(
    score: NDArray[np.float64], flagged: NDArray[np.bool_], unusable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Rank what has no score: above all where it is flagged, below all where it is not."""
    without = np.isnan(score)
    return np.where(unusable | (without & flagged), np.inf, np.where(without, -np.inf, score))
