import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from epochsieve.judging.expecting.missing import _find_flat_cores, find_missing


def make_noise(shape=(3, 20, 24), seed=4):
    return np.random.default_rng(seed).normal(50, 3, shape).astype(np.float32)


def test_noise_is_data():
    assert not find_missing(make_noise()).any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_missing_pixel_by_pixel(value):
    cube = make_noise()
    holes = np.random.default_rng(1).random(cube.shape) < 0.2
    cube[holes] = value
    np.testing.assert_array_equal(find_missing(cube), holes)


@given(st.integers(0, 15), st.integers(0, 19), st.integers(5, 20), st.integers(5, 24), st.sampled_from([0.0, 47.5]))
def test_a_block_of_one_value_is_missing_to_its_last_pixel_and_nothing_else_is(top, left, height, width, value):
    cube = make_noise()
    cube[1, top : top + height, left : left + width] = value
    np.testing.assert_array_equal(find_missing(cube), cube == np.float32(value))


def test_a_few_equal_neighbours_are_data():
    cube = make_noise()
    cube[0, 3:6, 3:6] = 50
    cube[2, :, 7] = 50
    assert not find_missing(cube).any()


def test_epochs_do_not_lend_each_other_blocks():
    cube = make_noise()
    cube[:, 4:7, 4:7] = 50
    assert not find_missing(cube).any()


def test_integers_with_noise_of_several_steps_are_data():
    assert not find_missing(np.round(make_noise())).any()


@pytest.mark.parametrize("photons", [0.05, 0.2])
def test_photons_counted_one_by_one_are_data(photons):
    cube = np.random.default_rng(2).poisson(photons, (4, 31, 31)).astype(np.float32)
    assert find_missing(cube).mean() < 0.01


@given(
    arrays(np.float32, st.tuples(st.just(2), st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1]))
)
def test_flat_cores_are_where_the_largest_neighbour_is_the_smallest(cube):
    size = (1, 3, 3)
    flat = ndimage.maximum_filter(cube, size, mode="nearest") == ndimage.minimum_filter(cube, size, mode="nearest")
    np.testing.assert_array_equal(_find_flat_cores(cube), flat)
