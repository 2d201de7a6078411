import numpy as np
import pytest

from epochsieve.simulating.stacking import stack_epochs


def test_the_stack_is_the_mean_of_the_sharper_epochs(rng):
    images = list(rng.normal(size=(10, 5, 5)))
    images[2] += 100
    seeing = np.where(np.arange(10) == 2, 9.0, 3.0)
    stack = stack_epochs(images, seeing)
    assert np.abs(stack).max() < 2


def test_what_stands_out_in_one_epoch_is_left_out(rng):
    images = list(rng.normal(size=(20, 5, 5)))
    images[0][3, 3] = 1000
    assert abs(stack_epochs(images, np.arange(20.0))[3, 3]) < 2


def test_pixels_without_data_are_left_out_and_where_none_has_any_stay_empty():
    images = [np.full((3, 3), 7.0) for _ in range(6)]
    for image in images:
        image[0, 0] = np.nan
    images[0][1, 1] = np.nan
    stack = stack_epochs(images, np.arange(6.0))
    assert np.isnan(stack[0, 0])
    assert stack[1, 1] == pytest.approx(7)
