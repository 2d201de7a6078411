import numpy as np
import pytest
from scipy import ndimage

from epochsieve.judging.expecting.matching import FARTHEST, STEADIEST, hold_shifts, match_seeing, move_images


@pytest.fixture
def stars(rng):
    """Three smooth images of unlike shape."""
    return ndimage.gaussian_filter(rng.normal(size=(3, 30, 41)), (0, 2, 2)).astype(np.float32)


def test_images_are_moved_as_scipy_moves_them(stars):
    shifts = np.array([[0.3, -1.7], [2.0, 0.0], [-0.5, 0.5]])
    moved = move_images(stars, shifts)
    for image, (x, y), found in zip(stars, shifts, moved, strict=True):
        known = ndimage.shift(image.astype(float), (-y, -x), order=3, mode="nearest")
        np.testing.assert_allclose(found[4:-4, 4:-4], known[4:-4, 4:-4], atol=1e-3 * np.abs(image).max())


def test_without_a_shift_nothing_moves(stars):
    np.testing.assert_allclose(move_images(stars, np.zeros((3, 2))), stars, atol=1e-5)


def test_a_flat_image_stays_flat_wherever_it_is_moved():
    moved = move_images(np.full((2, 9, 12), 7, np.float32), np.array([[30.0, -2.2], [0.4, 11.9]]))
    np.testing.assert_allclose(moved, 7, rtol=1e-5)


def test_shifts_are_held_within_what_is_usual(rng):
    shifts = rng.normal(0, 0.4, size=(200, 2)) + np.array([3, -1])
    good = np.ones(200, bool)
    shifts[0], good[0] = [20, -1], False
    held = hold_shifts(shifts, good)
    inside = np.abs(shifts - [3, -1]).max(axis=1) < 1
    np.testing.assert_array_equal(held[inside], shifts[inside])
    np.testing.assert_allclose(held[0], [3 + FARTHEST * 0.4, -1], atol=0.5)


def test_in_a_series_that_never_moves_a_shift_is_seen():
    shifts = np.zeros((10, 2))
    shifts[4] = [2, 2]
    np.testing.assert_allclose(hold_shifts(shifts, np.arange(10) != 4)[4], FARTHEST * STEADIEST)


def observe(field, rng, **how):
    return (field.draw(**how) + rng.normal(size=(field.side, field.side))).astype(np.float32)[None]


def match(field, images, weights):
    """Match images with the field, knowing nothing of them before."""
    return match_seeing(images, weights, np.zeros_like(images), field.draw().astype(np.float32)[None], field.sigma)


@pytest.mark.parametrize("how", [{"wide": 1.4, "tall": 1.4}, {"wide": 0.9, "tall": 0.9}, {"down": 0.3, "right": -0.2}])
def test_seeing_and_place_are_explained(field, rng, how):
    images = observe(field, rng, **how)
    left = match(field, images, np.ones_like(images))
    assert np.abs(left).max() < 0.5 * np.abs(images - field.draw()).max()
    assert left.std() < 1.3


def test_a_trailed_star_is_not_explained(field, rng):
    images = observe(field, rng, wide=1.6, tall=0.9)
    left = match(field, images, np.ones_like(images))
    assert np.abs(left).max() > 10


def test_brightness_and_sky_are_explained_and_a_cosmic_ray_is_not(field, rng):
    images = 0.5 * observe(field, rng) + 30 + 0.2 * field.columns.astype(np.float32)
    images[0, 10, 12] += 60
    left = match(field, images, 4 * np.ones_like(images))
    assert left[0, 10, 12] == pytest.approx(60, abs=3)
    left[0, 10, 12] = 0
    assert left.std() < 0.6


def test_missing_pixels_have_no_say(field, rng):
    images = observe(field, rng)
    weights = np.ones_like(images)
    full = match(field, images, weights)
    weights[:, :8], spoilt = 0, images.copy()
    spoilt[:, :8] = 0
    np.testing.assert_allclose(match(field, spoilt, weights)[:, 8:], full[:, 8:], atol=0.6)


def test_rows_and_columns_are_alike(stars, rng):
    """Oblong images of several epochs, turned on their side, leave the same turned on its side."""
    images = (2 * stars + rng.normal(0, 0.05, stars.shape)).astype(np.float32)
    left = match_seeing(images, np.ones_like(images), np.zeros_like(images), stars, 1.5)
    images, turned = (cube.transpose(0, 2, 1).copy() for cube in (images, stars))
    again = match_seeing(images, np.ones_like(images), np.zeros_like(images), turned, 1.5)
    np.testing.assert_allclose(again.transpose(0, 2, 1), left, atol=1e-4)
    assert left.std() < 0.1
