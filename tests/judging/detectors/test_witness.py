import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.judging.detectors import DETECTORS
from epochsieve.judging.detectors.witness import measure_departure, measure_distance, point_at_largest


def test_every_detector_gives_finite_scores_of_which_none_is_negative(compare, field):
    for comparison in (compare(), compare(lambda image: np.where(field.rows > 9, np.nan, image), epochs=7)):
        count = len(comparison.residual)
        for name, detector in DETECTORS.items():
            witness = detector(comparison)
            assert witness.score.shape == (count,), name
            assert np.isfinite(witness.score).all(), name
            assert (witness.score >= 0).all(), name
            for place in (witness.x, witness.y):
                assert place is None or (np.isfinite(place) & (place >= 0) & (place < field.side)).all(), name


def test_no_detector_changes_what_it_is_shown(compare):
    comparison = compare()
    kept = {
        name: getattr(comparison, name).copy() for name in ("images", "residual", "coefficients", "noise", "misfit")
    }
    for detector in DETECTORS.values():
        detector(comparison)
    for name, values in kept.items():
        np.testing.assert_array_equal(getattr(comparison, name), values)


@given(st.integers(0, 4), st.integers(0, 6), st.integers(0, 8))
def test_the_largest_value_is_pointed_at(epoch, row, column):
    cube = np.random.default_rng(1).random((5, 7, 9))
    cube[epoch, row, column] = 2
    witness = point_at_largest(cube)
    assert (witness.score[epoch], witness.y[epoch], witness.x[epoch]) == (2, row, column)
    np.testing.assert_array_equal(witness.score, cube.max(axis=(1, 2)))


def test_departures_are_in_spreads_of_the_good_epochs(rng):
    values = 50 + 3 * rng.normal(size=(400, 2))
    values[0] = (50 + 30, 50 - 30)
    good = np.arange(400) != 0
    score = measure_departure(values, good).score
    assert score[0] == pytest.approx(10, rel=0.15)
    assert np.sqrt((score[good] ** 2).mean()) == pytest.approx(1, rel=0.15)


def test_an_epoch_measured_worse_may_lie_further_off(rng):
    values, errors = rng.normal(size=(50, 1)), np.ones((50, 1))
    values[:2], errors[1] = 10, 10
    score = measure_departure(values, np.arange(50) > 1, errors).score
    assert score[0] > 5
    assert score[1] < 2


def test_values_without_spread_depart_nowhere():
    assert not measure_departure(np.full((6, 2), 3.0), np.ones(6, bool)).score.any()


@given(st.floats(-1000, 1000), st.integers(1, 6))
def test_distances_do_not_depend_on_the_origin(shift, neighbours):
    vectors = np.random.default_rng(3).normal(size=(8, 4))
    good = np.ones(8, bool)
    np.testing.assert_allclose(
        measure_distance(vectors + shift, good, neighbours).score,
        measure_distance(vectors, good, neighbours).score,
        rtol=1e-6,
    )


def test_distances_are_to_the_nearest_good_epochs_and_never_to_itself():
    vectors = np.array([[0.0], [1.0], [3.0], [7.0], [7.5]])
    good = np.array([True, True, True, True, False])
    np.testing.assert_allclose(measure_distance(vectors, good, 1).score, [1, 1, 2, 4, 0.5], atol=1e-6)
    np.testing.assert_allclose(measure_distance(vectors, good, 2).score, [2, 1.5, 2.5, 5, 2.5], atol=1e-6)


@pytest.mark.parametrize("good", [[True, False, False], [False, False, False]])
def test_without_another_good_epoch_there_is_no_distance(good):
    score = measure_distance(np.array([[0.0], [4.0], [9.0]]), np.array(good)).score
    assert score[0] == 0
    assert np.isfinite(score).all()
