"""Images reach the network byte for byte as Pillow would hand them over."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.eight_bit import SIDE, clip_to_eight_bits, prepare_images, resize_as_pillow


def test_pixels_are_clipped_and_truncated_and_missing_ones_are_zero():
    pixels = np.array([[[-np.inf, -3, 0.99, 1, 254.99, 255.5, 1e30, np.inf, np.nan]]], np.float32)
    assert clip_to_eight_bits(pixels).tolist() == [[[0, 0, 0, 1, 254, 255, 255, 255, 0]]]


def test_clipping_is_pillows():
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).normal(100, 200, (40, 30)).astype(np.float32)
    pixels[3, 4], pixels[5, 6], pixels[7, 8] = np.nan, np.inf, -np.inf
    red, green, blue = np.moveaxis(np.asarray(image.fromarray(pixels).convert("RGB")), -1, 0)
    np.testing.assert_array_equal(clip_to_eight_bits(pixels[None])[0], red)
    assert (red == green).all()
    assert (red == blue).all()


@settings(deadline=None, max_examples=60)
@given(height=st.integers(1, 500), width=st.integers(1, 500), seed=st.integers(0, 99))
def test_resizing_is_pillows_to_the_last_bit(height, width, seed):
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    # One axis at a time: Pillow 13 takes tall images the other way round than all versions before it.
    wide = image.fromarray(pixels).resize((SIDE, height), image.Resampling.BILINEAR)
    expected = np.asarray(wide.resize((SIDE, SIDE), image.Resampling.BILINEAR))
    np.testing.assert_array_equal(resize_as_pillow(pixels[None])[0], expected)


@pytest.mark.parametrize("side", [33, 51, 63, 102, 224, 300])
def test_square_cutouts_are_resized_as_pillow_does_in_one_go(side):
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 1), np.uint8).repeat(3, axis=2)
    expected = np.asarray(image.fromarray(pixels).resize((SIDE, SIDE), image.Resampling.BILINEAR))[..., 0]
    np.testing.assert_array_equal(resize_as_pillow(pixels[None, ..., 0])[0], expected)


def test_prepared_images_span_the_networks_range():
    levels = prepare_images(np.array([[[0.0]], [[300.0]]], np.float32))
    assert levels.shape == (2, SIDE, SIDE)
    assert levels.dtype == np.float32
    np.testing.assert_allclose([levels.min(), levels.max()], [-0.5 / 0.225, 0.5 / 0.225], rtol=1e-6)
