import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from epochsieve.judging.robust import compare_logarithms, measure_spread, take_median, take_middle

rows = st.integers(1, 9).flatmap(
    lambda n: st.tuples(arrays(float, (4, n), elements=st.floats(-1e9, 1e9)), arrays(bool, (4, n)))
)


@given(rows)
def test_the_median_is_that_of_the_valid_values_whatever_the_others(given_rows):
    values, valid = given_rows
    wanted = [np.median(row[use]) if use.any() else np.nan for row, use in zip(values, valid, strict=True)]
    np.testing.assert_allclose(take_median(values, valid), wanted, rtol=1e-12)
    for other in (np.nan, np.inf, -np.inf):
        np.testing.assert_allclose(take_median(np.where(valid, values, other), valid), wanted, rtol=1e-12)


def test_rows_of_nothing_have_no_median():
    assert np.isnan(take_median(np.empty((3, 0)), np.empty((3, 0), bool))).all()


def test_the_spread_is_the_standard_deviation_and_a_tenth_of_outliers_hardly_moves_it(rng):
    values = rng.normal(5, 2, (20000, 2))
    assert measure_spread(values) == pytest.approx(2, rel=0.05)
    values[:2000] = 1e6
    assert measure_spread(values) == pytest.approx(2, rel=0.2)


@pytest.mark.parametrize("shape", [(7, 5), (8, 4), (1, 1), (2, 3)])
@pytest.mark.parametrize("axis", [0, 1])
def test_middles_are_medians(shape, axis, rng):
    values = rng.normal(size=shape)
    np.testing.assert_allclose(take_middle(values, axis), np.median(values, axis=axis), rtol=1e-14)


def test_the_median_of_columns_is_that_of_the_transposed_rows(rng):
    values, valid = rng.normal(size=(6, 9)), rng.random((6, 9)) > 0.4
    np.testing.assert_array_equal(take_median(values, valid, axis=0), take_median(values.T, valid.T))


def test_logarithms_are_measured_in_their_own_spread(rng):
    values = np.exp(rng.normal(2, 0.3, size=4000))
    good = np.ones(4000, bool)
    values[7], good[7] = 0, False
    found = compare_logarithms(values, good)
    assert found[good].std() == pytest.approx(1, abs=0.05)
    assert found[7] < -10
    np.testing.assert_allclose(compare_logarithms(7 * values, good), found, atol=1e-9)
    np.testing.assert_array_equal(compare_logarithms(np.full(5, 3.0), np.ones(5, bool)), 0)
