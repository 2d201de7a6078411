"""One row of a benchmark's results: a method on a survey, or on labelled series; and all of them as JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epochsieve.simulating.metrics import Quality, Share, measure
from epochsieve.simulating.outcomes import Outcomes
from epochsieve.simulating.reasons import count_fitting, tabulate_reasons


@dataclass(frozen=True)
class Row:
    """What a method reached on some series.

    Attributes
    ----------
    method : str
        Its name.
    survey : str
        The simulated survey, or the folder of real series.
    condition : str
        What was different from the survey's usual series.
    objects : int
        How many series.
    milliseconds : float
        Time to judge one epoch.
    quality : Quality
        All figures.
    reasons : dict of str to dict of str to int
        For each kind of epoch, how often each reason was given; empty where the method decides nothing.
    fitting : dict of str to Share
        Of the flagged defects of each kind, those with a reason that fits.
    """

    method: str
    survey: str
    condition: str
    objects: int
    milliseconds: float
    quality: Quality
    reasons: dict[str, dict[str, int]]
    fitting: dict[str, Share]

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        return {
            "method": self.method,
            "survey": self.survey,
            "condition": self.condition,
            "objects": self.objects,
            "milliseconds_per_epoch": round(self.milliseconds, 2),
            "quality": self.quality.to_json(),
            "reasons": self.reasons,
            "fitting_reasons": {kind: share.to_json() for kind, share in self.fitting.items()},
        }


def make_row(method: str, survey: str, condition: str, outcomes: Outcomes, seconds: float) -> Row:
    """Measure a method's outcomes.

    Parameters
    ----------
    method, survey, condition : str
        What was measured.
    outcomes : Outcomes
        All epochs, pooled.
    seconds : float
        Time it took to judge them.

    Returns
    -------
    Row
        The figures.
    """
    decides = bool(outcomes.decided.any())
    return Row(
        method=method,
        survey=survey,
        condition=condition,
        objects=len(set(outcomes.object)),
        milliseconds=1000 * seconds / len(outcomes),
        quality=measure(outcomes),
        reasons=tabulate_reasons(outcomes) if decides else {},
        fitting=count_fitting(outcomes) if decides else {},
    )


def write_json(rows: Sequence[Row], path: str | Path, about: dict[str, Any]) -> Path:
    """Write rows to a file.

    Parameters
    ----------
    rows : sequence of Row
        The results.
    path : str or Path
        The file.
    about : dict
        Whatever else describes the run, as plain JSON values.

    Returns
    -------
    Path
        The file.
    """
    content = {**about, "rows": [row.to_json() for row in rows]}
    target = Path(path)
    target.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return target
