"""What was learnt from verdicts, and what it is worth."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Quality:
    """How decisions fare among the epochs that people judged.

    Attributes
    ----------
    precision : float
        Share of bad ones among those flagged; NaN where none is flagged.
    recall : float
        Share of flagged ones among the bad.
    average_precision : float
        Area under precision against recall, whatever the threshold.
    """

    precision: float
    recall: float
    average_precision: float


@dataclass(frozen=True)
class Lesson:
    """What was learnt from verdicts, and what it is worth.

    Attributes
    ----------
    judged, judged_bad : int
        Verdicts that it is made from, and those of them that say "bad".
    threshold : float
        Score from which an epoch is more likely bad than good.
    before, with_threshold, with_model : Quality
        Among the judged epochs: as flagged now; flagged by that threshold; flagged by the model. The latter two are
        measured on verdicts that had no part in the fit.
    weights : dict of str to float
        What the model goes by: the weight of each standardised column.
    intercept : float
        Its constant.
    bad : ndarray of float32, shape (rows,)
        Probability of each of the findings' epochs of being bad, as a reviewer would say.
    """

    judged: int
    judged_bad: int
    threshold: float
    before: Quality
    with_threshold: Quality
    with_model: Quality
    weights: Mapping[str, float]
    intercept: float
    bad: NDArray[np.float32] = field(repr=False, default_factory=lambda: np.empty(0, np.float32))

    def as_json(self) -> dict[str, Any]:
        """Lay out as plain JSON values, without the probabilities, which follow from the rest; NaN is None."""
        plain = asdict(self)
        del plain["bad"]
        plain["threshold"] = None if np.isnan(self.threshold) else self.threshold
        for name in ("before", "with_threshold", "with_model"):
            plain[name] = {key: None if np.isnan(value) else value for key, value in plain[name].items()}
        return plain


def read_lesson(content: Mapping[str, Any]) -> Lesson:
    """Make a lesson of what `Lesson.as_json` laid out; TypeError, KeyError or ValueError where it is none."""
    plain = dict(content)
    for name in ("before", "with_threshold", "with_model"):
        values = {key: np.nan if value is None else float(value) for key, value in plain[name].items()}
        plain[name] = Quality(**values)
    threshold = np.nan if plain["threshold"] is None else float(plain["threshold"])
    return Lesson(**(plain | {"threshold": threshold}))
