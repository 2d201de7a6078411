"""Judged series to draw."""

from collections.abc import Callable

import numpy as np
import pytest

from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries

Judged = tuple[Findings, CutoutSeries, Explanation]


@pytest.fixture
def judge() -> Callable[..., Judged]:
    """Judge a series without a method: the first epochs are flagged, each less than the one before."""
    return _judge


def _judge(series: CutoutSeries, flagged: int, threshold: float = 2.0) -> Judged:
    usable, places = series.usable, np.arange(len(series))
    scores = np.where(places < flagged, threshold + 20.0 / (1 + places), threshold * places / (2 * len(series)))
    bad = np.where(usable, places < flagged, True)
    findings = Findings(
        {
            "object": [series.name] * len(series),
            "file": [epoch.file for epoch in series.epochs],
            "epoch": places + 1,
            "mjd": [epoch.mjd for epoch in series.epochs],
            "score": np.where(usable, scores, np.nan),
            "threshold": np.full(len(series), threshold),
            "flagged": bad,
            "flags": np.where(bad, Flag.TRAIL | Flag.POINT, 0),
            "reasons": np.where(bad, "trail,point", ""),
            "x": np.full(len(series), 3.0),
            "y": np.full(len(series), 2.0),
            "status": [epoch.status for epoch in series.epochs],
        }
    )
    reference = np.broadcast_to(series.stack, series.cube.shape)
    return findings, series, Explanation(reference, series.cube - reference)
