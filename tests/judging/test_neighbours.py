"""First-neighbour distances are exact, and each image's own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from epochsieve.judging import neighbours
from epochsieve.judging.neighbours import measure_first_neighbour_distances

FEATURES = arrays(np.float32, st.tuples(st.integers(2, 12), st.integers(1, 6)), elements=st.floats(-1e3, 1e3, width=32))


def measure_one_by_one(features):
    rows = features.astype(np.float64)
    others = [np.delete(rows, number, axis=0) for number in range(len(rows))]
    return [np.sqrt(((rest - row) ** 2).sum(1)).min() for row, rest in zip(rows, others, strict=True)]


@given(FEATURES)
def test_distances_are_the_smallest_of_all_differences(features):
    np.testing.assert_array_equal(measure_first_neighbour_distances(features), measure_one_by_one(features))


@given(features=FEATURES, data=st.data())
def test_permuting_images_permutes_distances(features, data):
    order = data.draw(st.permutations(range(len(features))))
    distances = measure_first_neighbour_distances(features)
    np.testing.assert_array_equal(measure_first_neighbour_distances(features[order]), distances[order])


def test_identical_images_are_at_zero():
    assert measure_first_neighbour_distances(np.full((3, 5), 0.1))[:2].tolist() == [0, 0]


def test_a_tiny_difference_on_a_large_offset_is_still_exact():
    rows = np.array([[1e4, 0.0], [1e4, 1e-6], [1e4, 3e-6], [-1e4, 0.0]])
    np.testing.assert_allclose(measure_first_neighbour_distances(rows)[:3], [1e-6, 1e-6, 2e-6], rtol=1e-12)


@pytest.mark.parametrize("count", [0, 1])
def test_an_image_without_another_has_no_distance(count):
    distances = measure_first_neighbour_distances(np.ones((count, 4)))
    assert distances.shape == (count,)
    assert np.isnan(distances).all()


def test_distances_do_not_depend_on_how_many_rows_are_done_at_once(monkeypatch):
    features = np.random.default_rng(3).normal(size=(50, 8))
    at_once = measure_first_neighbour_distances(features)
    monkeypatch.setattr(neighbours, "_ROWS_AT_ONCE", 7)
    np.testing.assert_array_equal(measure_first_neighbour_distances(features), at_once)
