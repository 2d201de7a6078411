"""Numbers are taken by their bytes, wherever in a column they stand."""

import numpy as np
import pyarrow as pa
import pytest

from epochsieve.reading.parquet.numbers import fill_missing, view_numbers

KINDS = [pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.uint16(), pa.int32(), pa.uint64(), pa.bool_()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("span", [slice(0, 20), slice(3, 17), slice(9, 10), slice(5, 5)], ids=str)
def test_numbers_are_those_of_the_column(kind, span, rng):
    values = rng.integers(0, 2, 20).astype(kind.to_pandas_dtype())
    column = pa.array(values, kind)[span]
    np.testing.assert_array_equal(view_numbers(column), values[span])
    missing = np.arange(20) % 3 == 0
    column = pa.array(values, kind, mask=missing)[span]
    expected = np.where(missing, np.nan, values.astype(np.float64))[span]
    np.testing.assert_array_equal(view_numbers(column).astype(np.float64), expected)
    if kind == pa.int32():
        np.testing.assert_array_equal(fill_missing(column, -1), np.where(missing, -1, values)[span])
