import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.vocabulary.arrow import make_array

FLOATS = st.floats(width=32, allow_nan=True)


@given(st.lists(FLOATS))
@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()])
def test_missing_floats_are_null(kind, values):
    column = np.array(values, kind.to_pandas_dtype())
    made = make_array(column, kind)
    made.validate(full=True)
    assert made.equals(pa.array(column, kind, mask=np.isnan(column)))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_text_of_any_language_comes_back(values):
    made = make_array(np.array(values, object), pa.string())
    made.validate(full=True)
    assert made.to_pylist() == values


@given(st.lists(st.booleans()), st.lists(st.integers(-(2**31), 2**31 - 1)))
def test_truth_and_whole_numbers_are_never_null(truths, numbers):
    assert make_array(np.array(truths, bool), pa.bool_()).to_pylist() == truths
    assert make_array(np.array(numbers, np.int32), pa.int32()).to_pylist() == numbers


def test_no_process_imports_pandas_for_it():
    code = (
        "import sys, numpy, pyarrow; from epochsieve.vocabulary.arrow import make_array;"
        "make_array(numpy.zeros(3), pyarrow.float64()); make_array(numpy.array(['a'], object), pyarrow.string());"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
