"""Resizing keeps what it must."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.embedding.resizing import pad_to, resize_bilinear

SIDES = st.integers(1, 40)


@given(height=SIDES, width=SIDES, rows=SIDES, columns=SIDES)
def test_a_level_image_stays_level(height, width, rows, columns):
    resized = resize_bilinear(np.full((2, height, width), 7, np.float32), (rows, columns))
    assert resized.shape == (2, rows, columns)
    np.testing.assert_allclose(resized, 7, rtol=1e-5)


def test_the_same_size_changes_nothing():
    images = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)
    np.testing.assert_array_equal(resize_bilinear(images, (5, 8)), images)


def test_halving_weighs_every_pixel_alike_away_from_the_edges():
    impulses = np.eye(12, dtype=np.float32)[:, None, :]
    halved = resize_bilinear(impulses, (1, 6)).sum((1, 2))
    np.testing.assert_allclose(halved[3:-3], 0.5, rtol=1e-6)


def test_a_ramp_grows_into_a_ramp():
    ramp = np.arange(4, dtype=np.float32).reshape(1, 1, 4)
    np.testing.assert_allclose(resize_bilinear(ramp, (1, 8))[0, 0, 1:-1], np.arange(0.25, 3, 0.5))


def test_padding_leaves_large_images_alone_and_fills_small_ones_with_zeros():
    images = np.ones((1, 3, 9), np.float32)
    assert pad_to(2, images) is images
    assert pad_to(5, images).shape == (1, 5, 9)
    assert pad_to(5, images).sum() == images.sum()
