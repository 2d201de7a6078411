"""Tables written with pyarrow alone, so that what is read was not written by the code under test."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

Row = dict[str, Any]
WriteTable = Callable[..., Path]

SHAPE = (4, 5)


@pytest.fixture
def rows(rng: np.random.Generator) -> list[Row]:
    """Two objects of three epochs and a stack each, by object."""
    return [make_row(name, place, rng) for name in ("a", "b") for place in range(4)]


@pytest.fixture
def write_table(tmp_path: Path) -> WriteTable:
    """Write rows below the test's folder."""

    def write(
        name: str, rows: Sequence[Mapping[str, Any]] | pa.Table, group: int | None = None, **options: Any
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows))
        pq.write_table(table, path, row_group_size=group, write_page_checksum=True, **options)
        return path

    return write


def make_row(name: str, place: int, rng: np.random.Generator) -> Row:
    """Make one epoch's row; the first of an object is the stack."""
    return {
        "object": name,
        "file": f"{place}.fits",
        "mjd": 60000.0 + place,
        "fwhm": 3.0,
        "is_stack": place == 0,
        "height": SHAPE[0],
        "width": SHAPE[1],
        "image": rng.normal(size=SHAPE[0] * SHAPE[1]).astype(np.float32).tolist(),
    }


def make_image(row: Row) -> np.ndarray[Any, Any]:
    """Give a row's image as it should be read."""
    return np.array(row["image"], np.float32).reshape(SHAPE)
