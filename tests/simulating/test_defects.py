from dataclasses import replace

import numpy as np
import pytest

from epochsieve.simulating.defects import DEFECTS, LIKEST, MISHAPS, ODDITIES
from epochsieve.simulating.defects.strength import Powers, scale
from epochsieve.simulating.exposing import expect, view
from epochsieve.simulating.observing import draw_exposures, draw_times
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.simulating.truth import measure_power

WHOLE_FRAME = {"tracking_error", "defocus", "wrong_registration", "rotated", "wrong_field"}
"""These depend on what the sky holds, and so need not reach any strength."""


def spoil(survey, kind, seed):
    """Form one frame without and with a defect."""
    rng = np.random.default_rng(seed)
    scene = draw_scene(survey, rng)
    exposure = draw_exposures(survey, draw_times(survey, 2, rng), rng)[0]
    usual = expect(survey, scene, exposure)
    damage = MISHAPS[kind](view(survey, usual, exposure), rng)
    other = draw_scene(survey, rng) if damage.other_field else scene
    return usual, expect(survey, other, exposure, damage)


@pytest.mark.parametrize("name", ["vst", "tiny", "raw"])
@pytest.mark.parametrize("kind", MISHAPS)
def test_every_defect_changes_the_image_with_some_power(kind, name):
    for seed in range(3):
        usual, spoilt = spoil(SURVEYS[name], kind, seed)
        assert measure_power(usual, spoilt) > 1
        changed = (usual.mean != spoilt.mean) | (usual.sigma != spoilt.sigma)
        assert changed.any()


@pytest.mark.parametrize("kind", MISHAPS)
def test_the_same_seed_gives_the_same_defect(kind):
    first, second = (spoil(SURVEYS["coarse"], kind, 5)[1] for _ in range(2))
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.sigma, second.sigma)


@pytest.mark.parametrize("kind", sorted(set(DEFECTS) - WHOLE_FRAME))
def test_most_defects_are_strong_and_few_are_hopeless(kind):
    powers = [measure_power(*spoil(SURVEYS["vst"], kind, seed)) for seed in range(12)]
    assert np.median(powers) > 20
    assert min(powers) > 5


@pytest.mark.parametrize("kind", MISHAPS)
def test_every_defect_fits_into_a_cutout_not_much_larger_than_a_star(kind):
    usual, spoilt = spoil(replace(SURVEYS["tiny"], fwhm=7.0), kind, 0)
    assert ((usual.mean != spoilt.mean) | (usual.sigma != spoilt.sigma)).any()


def test_oddities_are_taken_for_defects_and_are_none_of_them():
    assert set(LIKEST) == set(ODDITIES)
    assert set(LIKEST.values()) <= set(DEFECTS)
    assert not set(ODDITIES) & set(DEFECTS)


@pytest.mark.parametrize("kind", ["slow_mover", "asteroid"])
def test_new_points_stay_away_from_the_central_source(kind):
    for seed in range(10):
        usual, spoilt = spoil(SURVEYS["vst"], kind, seed)
        row, column = np.unravel_index(np.argmax(spoilt.mean - usual.mean), usual.mean.shape)
        assert np.hypot(row - 25, column - 25) > 2 * SURVEYS["vst"].fwhm


def test_a_particle_on_the_source_hits_the_source():
    for seed in range(10):
        usual, spoilt = spoil(SURVEYS["vst"], "cosmic_ray_on_source", seed)
        row, column = np.unravel_index(np.argmax(spoilt.mean - usual.mean), usual.mean.shape)
        assert np.hypot(row - 25, column - 25) < 2 * SURVEYS["vst"].fwhm


def test_registration_is_wrong_by_more_than_good_epochs_ever_are(rng):
    survey = SURVEYS["night"]
    exposure = draw_exposures(survey, draw_times(survey, 2, rng), rng)[0]
    seen = view(survey, expect(survey, draw_scene(survey, rng), exposure), exposure)
    shifts = [DEFECTS["wrong_registration"](seen, rng) for _ in range(50)]
    assert min(np.hypot(d.shift_y, d.shift_x) for d in shifts) > seen.tolerance + 1


def test_a_pattern_is_scaled_to_the_power_asked_for(rng):
    survey = SURVEYS["vst"]
    exposure = draw_exposures(survey, draw_times(survey, 2, rng), rng)[0]
    seen = view(survey, expect(survey, draw_scene(survey, rng), exposure), exposure)
    pattern = scale(rng.random((51, 51)), seen, rng, Powers(77, 77))
    assert np.sqrt(np.sum((pattern / seen.sigma) ** 2)) == pytest.approx(77)
    assert not scale(np.zeros((51, 51)), seen, rng).any()
