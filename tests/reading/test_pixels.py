import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from epochsieve.reading.pixels import to_physical_pixels, to_pixels
from epochsieve.vocabulary.errors import ImageError

REAL = st.sampled_from(["u1", ">i2", "<i4", ">i8", ">f4", "<f8", ">f8", "?"])


@settings(deadline=None)
@given(REAL.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6))))
def test_pixels_are_native_float32_and_finite_or_nan(array):
    pixels = to_pixels(array)
    assert pixels.dtype == np.dtype("=f4")
    assert pixels.dtype.isnative
    assert not np.isinf(pixels).any()
    with np.errstate(over="ignore", invalid="ignore"):
        kept = array.astype(np.float32)
    np.testing.assert_array_equal(pixels, np.where(np.isfinite(kept), kept, np.nan))


def test_the_input_is_left_alone():
    array = np.array([[np.inf, 1.0]], np.float32)
    to_pixels(array)[:] = 5
    np.testing.assert_array_equal(array, [[np.inf, 1.0]])


def test_axes_of_length_one_are_dropped_beyond_the_second():
    assert to_pixels(np.ones((1, 3, 4))).shape == (3, 4)
    assert to_pixels(np.ones((1, 3, 1, 4))).shape == (3, 4)
    assert to_pixels(np.ones((1, 4))).shape == (1, 4)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3, 4), (1, 1, 4), (0, 4)])
def test_what_is_not_two_dimensional_is_refused(shape):
    with pytest.raises(ImageError, match="not a 2-D image"):
        to_pixels(np.ones(shape))


def test_what_are_not_numbers_is_refused():
    with pytest.raises(ImageError, match="not an image of numbers"):
        to_pixels(np.array([["a", "b"]]))
    with pytest.raises(ImageError, match="not an image of numbers"):
        to_pixels(np.ones((2, 2), complex))


def test_scaling_is_done_in_double_precision():
    stored = np.array([[2**24 + 1, 3]], ">i4")
    np.testing.assert_array_equal(to_physical_pixels(stored, 0.5, -(2.0**23), np.nan), [[0.5, 1.5 - 2.0**23]])


def test_blank_is_compared_with_the_stored_integers_and_ignored_for_floats():
    np.testing.assert_array_equal(
        to_physical_pixels(np.array([[-32768, 7]], ">i2"), 1.0, 32768.0, -32768.0), [[np.nan, 32775]]
    )
    np.testing.assert_array_equal(to_physical_pixels(np.array([[7.0, 8.0]], ">f4"), 2.0, 0.0, 7.0), [[14, 16]])
