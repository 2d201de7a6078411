import numpy as np
import pytest

from epochsieve.judging.detectors.stripes import measure_fringes, measure_moire
from epochsieve.judging.expecting.comparison import compare_epochs


def draw_wave(field, wavelength, degrees):
    angle = np.radians(degrees)
    return np.cos(2 * np.pi * (field.columns * np.cos(angle) + field.rows * np.sin(angle)) / wavelength)


def stand_out(score, spoilt):
    power = np.log(score) ** 2
    return power[spoilt] / np.delete(power, spoilt).max()


@pytest.mark.parametrize("wavelength", [3.0, 7.0, 14.0])
@pytest.mark.parametrize("degrees", [0, 35, 90, 140])
def test_stripes_of_noise_are_moire_and_no_fringes(field, compare, spoilt, wavelength, degrees):
    stripes = 0.6 + 0.4 * draw_wave(field, wavelength, degrees)
    comparison = compare(lambda image: field.draw() + (image - field.draw()) * stripes)
    assert stand_out(measure_moire(comparison).score, spoilt) > 1.5
    assert stand_out(measure_fringes(comparison).score, spoilt) < 1.6


@pytest.mark.parametrize("wavelength", [6.0, 11.0, 25.0])
@pytest.mark.parametrize("degrees", [0, 35, 90, 140])
def test_stripes_of_light_are_fringes(field, compare, spoilt, wavelength, degrees):
    comparison = compare(lambda image: image + 0.8 * draw_wave(field, wavelength, degrees))
    assert stand_out(measure_fringes(comparison).score, spoilt) > 1.5


def test_even_noise_has_neither_however_strong(field, compare, spoilt):
    noise = np.random.default_rng(3).normal(size=(field.side, field.side))
    comparison = compare(lambda image: image + 2 * noise)
    for measure in (measure_fringes, measure_moire):
        assert stand_out(measure(comparison).score, spoilt) < 1.5


def test_a_bright_star_is_no_stripe(field, compare, spoilt):
    comparison = compare(lambda image: image + 80 * field.draw_spot(12, 30, 1.3))
    assert stand_out(measure_moire(comparison).score, spoilt) < 2.5


def test_missing_pixels_make_no_stripes(field, compare, spoilt):
    comparison = compare(lambda image: np.where(field.columns < 12, np.nan, image))
    for measure in (measure_fringes, measure_moire):
        score = measure(comparison).score
        assert np.isfinite(score).all()
        assert stand_out(score, spoilt) < 1.5


def test_an_image_without_any_pixel_has_none(field, compare, spoilt):
    comparison = compare(lambda image: np.full_like(image, np.nan))
    assert measure_moire(comparison).score[spoilt] == 1


def test_an_image_too_small_for_a_wave_has_none():
    cube = np.random.default_rng(1).normal(size=(6, 2, 2)).astype(np.float32)
    comparison = compare_epochs(cube, cube[0])
    np.testing.assert_array_equal(measure_moire(comparison).score, 1)
