"""Tables as other programs write them."""

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from epochsieve.tables.columns import NewColumn


@pytest.fixture
def table() -> Table:
    """Five rows of all kinds: names with leading zeros, units, missing integers and floats, text and truths."""
    made = Table(
        {
            "id": ["0070", "0070", "0071", "0071", "0071"],
            "mjd": [58000.123456789, 58001.5, 58000.25, 58002.0, 58003.75],
            "flux": np.array([1.5, np.nan, 3.25, 4.0, 1e-20]),
            "n": MaskedColumn([1, 2, 3, 4, 5], mask=[False, True, False, False, False], dtype="i4"),
            "note": ["a b", "c,d", "e", 'f"g', "h"],
            "good": [True, False, True, True, False],
        },
        meta={"OBSERVER": "nobody"},
    )
    made["mjd"].unit, made["flux"].unit = "d", "Jy"
    made["flux"].description = "flux density"
    return made


@pytest.fixture
def columns() -> list[NewColumn]:
    """Flags and scores of five rows, of which one has neither."""
    missing = np.array([False, False, True, False, False])
    flags = np.array([0, 8, 0, 24, 1], np.int32)
    score = np.array([0.5, 7.25, np.nan, 3.0, 1.0])
    return [
        NewColumn("epochsieve_flags", flags, missing, "why", "meta.code.qual"),
        NewColumn("epochsieve_score", score, missing, "how bad", "stat.value"),
    ]
