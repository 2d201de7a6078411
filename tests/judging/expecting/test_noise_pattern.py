"""What files say of their pixels' noise makes judging kinder to noisy pixels, and nothing else."""

import numpy as np
import pytest

from epochsieve.judging.expecting.comparison import compare_epochs
from epochsieve.judging.expecting.noise_pattern import WIDEST, find_noise_pattern

SHAPE = (14, 31, 31)


@pytest.fixture
def cube(make_series, rng):
    """Epochs whose right half is four times as noisy."""
    cube = make_series(SHAPE[0]).cube
    cube[:, :, 16:] += rng.normal(0, np.sqrt(15), (*SHAPE[:2], 15)).astype(np.float32)
    return cube


@pytest.fixture
def noise():
    noise = np.ones(SHAPE, np.float32)
    noise[:, :, 16:] = 4
    return noise


def test_nothing_known_is_a_pattern_of_ones():
    assert (find_noise_pattern(None, np.zeros(SHAPE, bool)) == 1).all()
    unknown = np.full(SHAPE, np.nan, np.float32)
    assert (find_noise_pattern(unknown, np.zeros(SHAPE, bool)) == 1).all()


def test_a_pattern_does_not_depend_on_the_unit_and_stays_within_bounds(noise):
    missing = np.zeros(SHAPE, bool)
    noise[0, 0, :4] = (0, np.inf, np.nan, 1e9)
    pattern = find_noise_pattern(noise, missing)
    np.testing.assert_allclose(find_noise_pattern(1e-7 * noise, missing), pattern, rtol=1e-5)
    np.testing.assert_array_equal(pattern[0, :4], [1, 1, 1, WIDEST])


def test_the_same_noise_everywhere_changes_nothing(cube):
    plain = compare_epochs(cube, np.median(cube, axis=0))
    alike = compare_epochs(cube, np.median(cube, axis=0), np.full(SHAPE, 7, np.float32))
    np.testing.assert_allclose(alike.residual, plain.residual, atol=1e-3)


def test_noisy_pixels_are_no_surprise_where_the_file_says_that_they_are_noisy(cube, noise):
    cube[3, 5:8, 25] += 12  # 3 sigmas of a noisy pixel
    stack = np.median(cube, axis=0)
    told, untold = compare_epochs(cube, stack, noise), compare_epochs(cube, stack)
    place = (3, slice(5, 8), 25)
    assert np.abs(told.residual[place]).max() < np.abs(untold.residual[place]).max()
    quiet, loud = told.residual[:, :10, :10].std(), told.residual[:, :10, -10:].std()
    assert loud / quiet == pytest.approx(1, abs=0.15)
