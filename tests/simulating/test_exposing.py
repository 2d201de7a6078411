from dataclasses import replace

import numpy as np
import pytest

from epochsieve.simulating.damage import Copies, Damage
from epochsieve.simulating.exposing import draw_noise, expect, read_out
from epochsieve.simulating.observing import draw_exposures, draw_times
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.surveys import SURVEYS

VST = SURVEYS["vst"]


@pytest.fixture
def scene(rng):
    return draw_scene(VST, rng)


@pytest.fixture
def exposure(rng):
    return draw_exposures(VST, draw_times(VST, 3, rng), rng)[1]


NOTHING = [
    Damage(),
    Damage(copies=Copies.evenly(np.zeros(3), np.zeros(3))),
    Damage(light=np.zeros((51, 51)), throughput=np.ones((51, 51)), replaced=np.zeros((51, 51), bool)),
    Damage(turned=2 * np.pi),
]


@pytest.mark.parametrize("damage", NOTHING)
def test_damage_of_no_strength_changes_nothing(scene, exposure, damage):
    usual, same = expect(VST, scene, exposure), expect(VST, scene, exposure, damage)
    np.testing.assert_allclose(same.mean, usual.mean, atol=1e-6 * VST.noise)
    np.testing.assert_allclose(same.sigma, usual.sigma, rtol=1e-6)


def test_damage_to_some_pixels_leaves_the_others_alone(scene, exposure):
    spot = np.zeros((51, 51))
    spot[5:8, 30] = 100.0
    usual, hit = expect(VST, scene, exposure), expect(VST, scene, exposure, Damage(light=spot, offset=spot))
    untouched = spot == 0
    np.testing.assert_array_equal(hit.mean[untouched], usual.mean[untouched])
    np.testing.assert_array_equal(hit.sigma[untouched], usual.sigma[untouched])
    np.testing.assert_allclose((hit.mean - usual.mean)[~untouched], 200)


def test_stray_light_brings_photon_noise_and_charge_does_not(scene, exposure):
    usual = expect(VST, scene, exposure)
    lit = expect(VST, scene, exposure, Damage(light=1000.0))
    charged = expect(VST, scene, exposure, Damage(offset=1000.0))
    np.testing.assert_allclose(lit.mean, charged.mean)
    np.testing.assert_array_equal(charged.sigma, usual.sigma)
    assert np.all(lit.sigma**2 > usual.sigma**2 + 0.9 * 1000 / VST.gain)


def test_a_blur_keeps_the_light(scene, exposure):
    line = np.linspace(-4, 4, 21)
    inside = replace(scene, stars=(), galaxies=())
    usual = expect(VST, inside, exposure).mean
    blurred = expect(VST, inside, exposure, Damage(copies=Copies.evenly(line, 0.3 * line))).mean
    assert blurred.sum() == pytest.approx(usual.sum(), rel=0.01)
    assert blurred.max() < 0.9 * usual.max()


def test_gain_multiplies_noise_too(scene, exposure):
    usual, doubled = expect(VST, scene, exposure), expect(VST, scene, exposure, Damage(gain=2.0))
    np.testing.assert_allclose(doubled.mean, 2 * usual.mean)
    np.testing.assert_allclose(doubled.sigma, 2 * usual.sigma)


@pytest.mark.parametrize("taps", [(1.0,), (0.0, 0.6, 0.4), (-0.1, 0.5, 0.7, -0.1)])
def test_noise_has_unit_variance_however_it_is_correlated(rng, taps):
    noise = draw_noise(300, np.array(taps), rng)
    assert noise.shape == (300, 300)
    assert noise.std() == pytest.approx(1, abs=0.02)


def test_resampled_noise_is_correlated_between_neighbours(rng):
    noise = draw_noise(300, np.array([0.5, 0.5]), rng)
    assert np.mean(noise[:, 1:] * noise[:, :-1]) == pytest.approx(0.5, abs=0.03)


def test_an_image_scatters_around_its_expectation_by_its_sigma(scene, exposure, rng):
    expected = expect(VST, scene, exposure)
    pulls = [(read_out(expected, VST, exposure, rng) - expected.mean) / expected.sigma for _ in range(20)]
    assert np.mean(pulls) == pytest.approx(0, abs=0.03)
    assert np.std(pulls) == pytest.approx(1, abs=0.03)


def test_raw_frames_are_whole_numbers_that_saturate(rng):
    survey = SURVEYS["night"]
    exposure = draw_exposures(survey, draw_times(survey, 1, rng), rng)[0]
    expected = expect(survey, draw_scene(survey, rng), exposure, Damage(offset=70000.0))
    pixels = read_out(expected, survey, exposure, rng)
    assert pixels.max() == expected.mean.max() == survey.saturation
    np.testing.assert_array_equal(pixels, np.round(pixels))
