"""Findings to write."""

from collections.abc import Callable

import numpy as np
import pytest

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.writing.provenance import Provenance


@pytest.fixture
def provenance() -> Provenance:
    return Provenance("1.2.3", {"method": "fake", "false_alarm": 0.01, "reading": {"stack": "auto"}})


@pytest.fixture
def make_findings(provenance: Provenance) -> Callable[..., Findings]:
    def make(name: str = "0070", rows: int = 4) -> Findings:
        rng = np.random.default_rng(sum(map(ord, name)))
        flagged = np.arange(rows) % 3 == 0
        return Findings(
            {
                "object": [name] * rows,
                "file": [f"{name}_{i:02d}.fits" for i in range(rows)],
                "epoch": range(1, rows + 1),
                "score": rng.exponential(size=rows),
                "score_filter": rng.normal(size=rows),
                "flagged": flagged,
                "flags": np.where(flagged, int(Flag.TRAIL), 0),
                "reasons": np.where(flagged, "trail", ""),
                "x": np.where(flagged, 3.5, np.nan),
                "status": ["ok"] * rows,
            },
            provenance.settings,
            {name: f"/data/{name}"},
        )

    return make
