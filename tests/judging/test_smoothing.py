import numpy as np
import pytest
from scipy import ndimage

from epochsieve.judging.smoothing import draw_filter, smooth, square_gradient


@pytest.mark.parametrize("mode", ["reflect", "constant", "nearest"])
@pytest.mark.parametrize("orders", [(0, 0), (1, 0), (0, 2), (1, 1)])
def test_filters_are_those_of_scipy(mode, orders, rng):
    images = rng.normal(size=(3, 12, 7))
    wanted = ndimage.gaussian_filter(images, (0, 1.3, 1.3), (0, *orders), mode=mode)
    np.testing.assert_allclose(smooth(images, 1.3, mode, orders), wanted, atol=1e-13)
    np.testing.assert_allclose(smooth(images[0], 1.3, mode, orders), wanted[0], atol=1e-13)


def test_single_precision_stays_single(rng):
    images = rng.normal(size=(2, 9, 9)).astype(np.float32)
    assert smooth(images, 4.0).dtype == np.float32


def test_nobody_can_alter_a_filter_that_others_use():
    with pytest.raises(ValueError, match="read-only"):
        draw_filter(9, 1.0, "reflect", 0, "<f4")[0] = 0


@pytest.mark.parametrize("shape", [(1, 2, 2), (3, 2, 5), (2, 7, 3), (4, 9, 11)])
def test_the_gradient_is_that_of_numpy(shape, rng):
    cube = rng.normal(size=shape).astype(np.float32)
    along_y, along_x = np.gradient(cube, axis=(1, 2))
    np.testing.assert_allclose(square_gradient(cube), along_y**2 + along_x**2, rtol=1e-5)
    assert square_gradient(cube).dtype == cube.dtype
