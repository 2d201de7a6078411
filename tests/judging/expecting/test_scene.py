import numpy as np
import pytest

from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import FWHM_OF_SIGMA, build_scene


def build(cube, stack=None):
    stack = np.full(cube.shape[1:], np.nan, np.float32) if stack is None else stack
    return build_scene(cube, find_missing(cube), stack.astype(np.float32))


def test_the_reference_is_what_all_epochs_show(field):
    scene = build(field.observe(20) + np.float32(1000))
    np.testing.assert_allclose(scene.reference, field.draw(), atol=2)
    np.testing.assert_allclose(scene.background, 1000, atol=0.2)
    np.testing.assert_allclose(scene.noise, 1, rtol=0.35)
    assert scene.depth < 0.6
    assert scene.alike.all()


@pytest.mark.parametrize("shift", [(0, 0), (1, -2), (0.2, 0.1)])
def test_the_centre_is_the_brightest_source_near_the_middle(field, shift):
    noise = np.random.default_rng(3).normal(size=(12, 41, 41))
    scene = build((field.draw(*shift) + noise).astype(np.float32))
    assert scene.centre == pytest.approx((field.middle + shift[0], field.middle + shift[1]), abs=0.15)


@pytest.mark.parametrize("sigma", [0.8, 1.3, 2.5])
def test_width_and_point_spread_are_those_of_the_stars(field, rng, sigma):
    factor = sigma / field.sigma
    sharp = field.draw(wide=factor, tall=factor) * factor**2 * 5
    scene = build((sharp + rng.normal(size=(12, 41, 41))).astype(np.float32))
    assert scene.width == pytest.approx(FWHM_OF_SIGMA * sigma, rel=0.25)
    assert scene.psf_sigma == pytest.approx(sigma, rel=0.2)


def test_the_point_spread_is_that_of_a_star_beside_a_wide_galaxy(field, rng):
    galaxy = 200 * field.draw_spot(field.middle, field.middle, 4.0)
    star = 200 * field.draw_spot(6, 33, 1.3)
    scene = build((galaxy + star + rng.normal(size=(12, 41, 41))).astype(np.float32))
    assert scene.psf_sigma == pytest.approx(1.3, rel=0.2)
    assert scene.width == pytest.approx(FWHM_OF_SIGMA * 4, rel=0.25)


def test_epochs_of_another_field_are_not_alike_and_leave_the_reference_alone(field):
    cube = field.observe(12)
    cube[:3] = np.roll(field.observe(3, seed=8), (9, 13), axis=(1, 2))
    cube[3] = np.random.default_rng(5).normal(size=(41, 41))
    scene = build(cube)
    assert scene.alike.tolist() == [False] * 4 + [True] * 8
    np.testing.assert_allclose(scene.reference, field.draw(), atol=2.5)


def test_brighter_and_fainter_epochs_are_alike(field):
    factors = np.linspace(0.6, 1.6, 12, dtype=np.float32)
    assert build(field.observe(12) * factors[:, None, None]).alike.all()


def test_in_a_field_without_sources_all_are_alike(rng):
    assert build(rng.normal(size=(12, 21, 21)).astype(np.float32)).alike.all()


def test_few_epochs_lean_on_the_stack_and_many_do_not(field):
    cube, stack = field.observe(12), 3 * field.draw()[::-1] + 5
    few, many = build(cube[:2], field.draw()), build(cube, stack)
    error, own = (np.abs(scene.reference - field.draw()).mean() for scene in (few, build(cube[:2])))
    assert error < 0.9 * own
    np.testing.assert_array_equal(many.reference, build(cube).reference)


@pytest.mark.parametrize("stack", [np.nan, 3.0])
def test_a_stack_without_content_is_as_good_as_none(field, stack):
    cube = field.observe(3)
    np.testing.assert_array_equal(build(cube, np.full((41, 41), stack)).reference, build(cube).reference)


def test_missing_pixels_are_zero_and_filled_by_the_other_epochs(field):
    cube = field.observe(12)
    cube[::2, :15] = np.nan
    cube[3, 20:] = 0
    scene = build(cube)
    assert scene.missing[::2, :15].all()
    assert (scene.images[scene.missing] == 0).all()
    np.testing.assert_allclose(scene.reference, field.draw(), atol=2.5)


def test_a_pixel_that_no_epoch_has_stays_at_the_background(field):
    cube = field.observe(12)
    cube[:, 2:9, 2:9] = np.nan
    reference = build(cube).reference
    assert np.abs(reference[2:9, 2:9]).max() < 0.5
