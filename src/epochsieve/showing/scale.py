"""The axis on which scores are drawn: even up to a few thresholds, logarithmic beyond."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochsieve.vocabulary.findings import Findings

EVEN_UP_TO = 4.0
"""Largest score, in thresholds, that still stands on an even scale."""

CLOSEST_TICKS = 0.09
"""Smallest gap between two ticks, as a share of the axis."""


@dataclass(frozen=True)
class ScoreScale:
    """Where scores stand on the axis.

    Attributes
    ----------
    title : str
        What is drawn.
    threshold : float
        The score from which an epoch is flagged; NaN where there is none.
    low, high : float
        The scores at the ends of the axis.
    softening : float
        Score from which the scale turns logarithmic; infinite for an even one.
    """

    title: str
    threshold: float
    low: float
    high: float
    softening: float

    def place(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Find where scores stand, 0 to 1 along the axis; beyond its ends they stand on the ends."""
        bent = [self._bend(np.clip(np.asarray(value, float), self.low, self.high)) for value in (scores, *self.ends)]
        return np.asarray((bent[0] - bent[1]) / (bent[2] - bent[1]))

    def split(self, bins: int) -> list[float]:
        """Split the axis, 0 to 1, into bins of one width, of which none lies on both sides of the threshold."""
        start = float(self.place(self.threshold)) % (1 / bins) if np.isfinite(self.threshold) else 0.0
        return [start + edge / bins for edge in range(-1, bins + 1)]

    @property
    def ends(self) -> tuple[float, float]:
        """The scores at the ends of the axis."""
        return self.low, self.high

    def choose_ticks(self) -> list[float]:
        """Choose round scores, evenly spread over the axis as far as round scores can be."""
        if np.isinf(self.softening):
            return [tick for tick in _even_ticks(self.low, self.high) if self.low <= tick <= self.high]
        return self._thin_out([0.0, *(digit * 10.0**power for power in range(-3, 7) for digit in (1, 2, 5))])

    def _thin_out(self, candidates: list[float]) -> list[float]:
        """Keep the candidates that leave room for each other."""
        kept: list[float] = []
        for tick in candidates:
            if self.low <= tick <= self.high and (not kept or self._gap(kept[-1], tick) > CLOSEST_TICKS):
                kept.append(tick)
        return kept

    def _gap(self, lower: float, upper: float) -> float:
        """Measure how far apart two scores stand."""
        return float(self.place(upper) - self.place(lower))

    def _bend(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bend scores into the scale."""
        return scores if np.isinf(self.softening) else np.arcsinh(scores / self.softening)


def fit_scale(findings: Findings) -> ScoreScale:
    """Choose the scale on which one object's scores are best seen.

    Parameters
    ----------
    findings : Findings
        The rows of one object; scores that are not finite do not count.

    Returns
    -------
    ScoreScale
        Starts at 0 where scores come near it, and ends beyond the threshold and the largest score.
    """
    scores = findings["score"][np.isfinite(findings["score"])]
    thresholds = findings["threshold"][np.isfinite(findings["threshold"])]
    threshold = float(np.median(thresholds)) if thresholds.size else np.nan
    known = np.array([*scores, *thresholds]) if scores.size + thresholds.size else np.array([0.0, 1.0])
    lowest, highest = float(known.min()), float(known.max())
    margin = 0.05 * (highest - lowest) or 1.0
    low = 0.0 if 0 <= lowest <= 0.5 * highest else lowest - margin
    bends = threshold > 0 and low == 0 and highest > EVEN_UP_TO * threshold
    high = highest * 1.15 if bends else highest + margin
    return ScoreScale(_name_scores(findings), threshold, low, high, threshold if bends else np.inf)


def _name_scores(findings: Findings) -> str:
    """Say what the scores are: the published method's are distances."""
    judged = np.isfinite(findings["score"])
    if judged.any() and np.array_equal(findings["score"][judged], findings["distance"][judged]):
        return "distance to the first neighbour in feature space"
    return "score: minus log10 of the false-alarm probability"


def _even_ticks(low: float, high: float) -> list[float]:
    """List the multiples of a round step, about six of them."""
    raw = (high - low) / 6
    power = 10.0 ** np.floor(np.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda digit: abs(digit * power - raw))
    return [float(round(step * k, 9)) for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
