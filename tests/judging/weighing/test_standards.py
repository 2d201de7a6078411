import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.judging.weighing.standards import measure_ratios, measure_scatter, standardise, take_logarithm

PRIOR = np.full(6, 0.3)


def make_raw(epochs=60, detectors=6, scatter=0.3, seed=1):
    return np.exp(np.random.default_rng(seed).normal(1, scatter, (epochs, detectors)))


def everything(raw):
    return np.ones(len(raw), bool)


@given(st.lists(st.floats(0.01, 1e6), min_size=6, max_size=6))
def test_units_of_the_detectors_do_not_matter(units):
    raw = make_raw()
    np.testing.assert_allclose(
        standardise(raw * 10 * np.array(units), everything(raw), PRIOR),
        standardise(raw * 10, everything(raw), PRIOR),
        atol=1e-6,
    )


@given(st.permutations(range(12)))
def test_permuting_epochs_permutes_standard_scores(order):
    raw = make_raw(12)
    straight = standardise(raw, everything(raw), PRIOR)
    np.testing.assert_allclose(standardise(raw[order], everything(raw), PRIOR), straight[order])


def test_standard_scores_rise_with_the_raw_ones():
    raw = make_raw()
    standard = standardise(raw, everything(raw), PRIOR)
    for column in range(raw.shape[1]):
        assert (np.diff(standard[np.argsort(raw[:, column]), column]) >= 0).all()


@pytest.mark.parametrize("scatter", [0.1, 0.3, 1.0])
def test_a_long_series_is_measured_in_its_own_scatter(scatter):
    raw = make_raw(400, scatter=scatter)
    assert standardise(raw, everything(raw), PRIOR).std() == pytest.approx(1, rel=0.2)


def test_a_short_series_leans_on_what_is_usual_elsewhere():
    raw = make_raw(4, scatter=0.001)
    assert np.abs(standardise(raw, everything(raw), PRIOR)).max() < 0.05


TOO_MANY = "the 0.75 quantile of the first round lies among the bad, so that none of them is outlying"


@pytest.mark.parametrize("bad", [6, 12, pytest.param(20, marks=pytest.mark.xfail(strict=True, reason=TOO_MANY))])
def test_bad_epochs_hardly_change_the_others_scores(bad):
    raw = make_raw(60)
    spoilt = raw.copy()
    spoilt[:bad] *= 200
    alone, beside = standardise(raw[bad:], everything(raw[bad:]), PRIOR), standardise(spoilt, everything(raw), PRIOR)
    assert np.abs(beside[bad:] - alone).max() < 1.2
    assert beside[:bad].min() > 8


def test_epochs_that_are_not_good_have_no_say():
    raw, good = make_raw(), np.arange(60) >= 10
    spoilt = raw.copy()
    spoilt[~good] *= 1e5
    np.testing.assert_array_equal(standardise(raw, good, PRIOR)[good], standardise(spoilt, good, PRIOR)[good])


@pytest.mark.parametrize("epochs", [1, 2, 5])
def test_any_number_of_epochs_has_finite_scores(epochs):
    raw = make_raw(epochs)
    for good in (np.ones(epochs, bool), np.zeros(epochs, bool)):
        assert np.isfinite(standardise(raw, good, PRIOR)).all()
        assert np.isfinite(measure_ratios(raw, good)).all()


def test_a_score_of_nothing_has_a_logarithm():
    np.testing.assert_allclose(take_logarithm(np.array([0.0, 0.001, 1.0])), [np.log(0.001), np.log(0.001), 0])


def test_scatter_is_that_of_a_normal_distribution_above_its_median():
    logs = np.random.default_rng(2).normal(5, 2, (20000, 2))
    median, scatter_75, scatter_90 = measure_scatter(logs)
    np.testing.assert_allclose([median, scatter_75, scatter_90], [[5, 5], [2, 2], [2, 2]], rtol=0.05)


def test_ratios_are_to_the_median_of_good_epochs():
    raw, good = np.array([[1.0], [2.0], [4.0], [400.0]]), np.array([True, True, True, False])
    np.testing.assert_allclose(measure_ratios(raw, good)[:, 0], np.log([0.5, 1, 2, 200]))


@pytest.mark.parametrize("epochs", [60, 1200])
def test_a_detector_that_hardly_ever_speaks_is_heard_as_loud_in_a_long_series_as_in_a_short_one(epochs):
    raw = make_raw(epochs)
    raw[:, 0] = 1.0
    raw[3, 0] = np.e
    assert standardise(raw, everything(raw), PRIOR)[3, 0] == pytest.approx(2.7 / PRIOR[0], rel=0.25)
