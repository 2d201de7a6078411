import numpy as np
import pytest

from epochsieve.judging.expecting.shapes import measure_shapes
from epochsieve.judging.expecting.templates import SCENE


def measure(field, image, seed=4):
    """Measure one image with a little noise beside the field as it should be."""
    noisy = image + 0.3 * np.random.default_rng(seed).normal(size=image.shape)
    pixels = noisy.ravel()[None].astype(np.float32)
    weights, nothing = np.full_like(pixels, 1 / 0.09), np.zeros_like(pixels)
    return measure_shapes(pixels, weights, nothing, field.draw()[None], np.ones((1, 1)))


def value(shapes, name):
    return float(shapes.take(name)[0][0, 0])


@pytest.mark.parametrize("shift", [(0, 0), (0.2, 0), (0, -0.3), (-0.25, 0.15)])
def test_shifts_are_measured_in_pixels(field, shift):
    shapes = measure(field, field.draw(*shift))
    assert value(shapes, "shift_y") == pytest.approx(-shift[0], rel=0.3, abs=0.03)
    assert value(shapes, "shift_x") == pytest.approx(-shift[1], rel=0.3, abs=0.03)


@pytest.mark.parametrize("growth", [0.93, 1.0, 1.07, 1.12])
def test_growth_is_measured_as_half_the_change_of_second_moments(field, growth):
    shapes = measure(field, field.draw(wide=growth, tall=growth))
    wanted = field.sigma**2 * (growth**2 - 1) / 2
    assert value(shapes, "size") == pytest.approx(wanted, rel=0.8, abs=0.03)


def test_elongation_is_a_stretch_along_the_axes_and_a_shear_between_them(field):
    wide, tall = (measure(field, field.draw(wide=w, tall=1 / w)) for w in (1.06, 1 / 1.06))
    assert value(wide, "stretch") > 0.05
    assert value(tall, "stretch") == pytest.approx(-value(wide, "stretch"), rel=0.3)
    assert abs(value(wide, "shear")) < 0.2 * value(wide, "stretch")


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_brightness_is_relative_to_what_is_expected(field, scale):
    assert value(measure(field, scale * field.draw()), "scale") == pytest.approx(scale, rel=0.02)


def test_level_and_tilts_are_in_image_units(field):
    rise = (field.columns - field.middle) / (field.side / 2)
    shapes = measure(field, field.draw() + 7 + 4 * rise - 3 * rise.T)
    found = [value(shapes, name) for name in ("level", "tilt_x", "tilt_y")]
    assert found == pytest.approx([7, 4, -3], abs=0.15)


def test_errors_cover_the_scatter_of_what_is_measured(field):
    measured = [measure(field, field.draw(), seed) for seed in range(25)]
    values = np.concatenate([shapes.values for shapes in measured])
    scatter = values.std(axis=0)
    assert (scatter < 1.3 * measured[0].errors[0]).all()
    assert (scatter > measured[0].errors[0] / 8).all()


def test_values_are_looked_up_by_name(field):
    shapes = measure(field, field.draw())
    values, errors = shapes.take("size", "scale")
    np.testing.assert_array_equal(values, shapes.values[:, [SCENE.index("size"), SCENE.index("scale")]])
    assert errors.shape == values.shape
    assert (errors > 0).all()


def test_an_image_without_data_has_finite_shapes(field):
    nothing = np.zeros((1, field.side**2), np.float32)
    shapes = measure_shapes(nothing, nothing, nothing, field.draw()[None], np.ones((1, 1)))
    assert np.isfinite(shapes.values).all()
    assert np.isfinite(shapes.errors).all()


@pytest.mark.parametrize("scale", [-0.5, 0.7, 3.0])
def test_an_epoch_with_its_own_expectation_is_measured_as_one_that_shares_the_others(field, scale, rng):
    weights, spot = np.ones((2, field.side**2), np.float32), field.draw_spot(20, 20, field.sigma)
    image = scale * field.draw(0.2, 0.1).ravel()[None] + rng.normal(size=field.side**2)
    images = np.repeat(image.astype(np.float32), 2, axis=0)
    lights, amounts = np.stack([field.draw(), spot]), np.array([[scale, 0], [scale, 1e-7]])
    shapes = measure_shapes(images, weights, np.zeros_like(images), lights, amounts)
    np.testing.assert_allclose(shapes.values[1], shapes.values[0], rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(shapes.errors[1], shapes.errors[0], rtol=1e-3)


def test_what_is_added_to_the_reference_moves_with_it(field):
    bright = field.draw() + 4 * field.draw_spot(20, 20, field.sigma)
    lights = np.stack([field.draw(), field.draw_spot(20, 20, field.sigma)])
    moved = np.roll(bright, 1, axis=1)
    pixels, weights = (image.ravel()[None].astype(np.float32) for image in (moved, np.ones_like(moved)))
    together = measure_shapes(pixels, weights, np.zeros_like(pixels), lights, np.array([[1.0, 4.0]]))
    drawn = measure_shapes(pixels, weights, np.zeros_like(pixels), bright[None], np.ones((1, 1)))
    np.testing.assert_allclose(together.values, drawn.values, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(together.errors, drawn.errors, rtol=1e-3)
