import numpy as np
import pytest

from epochsieve.simulating import variability
from epochsieve.simulating.observing import draw_exposures, draw_times
from epochsieve.simulating.scenes import Galaxy, Scene, Star
from epochsieve.simulating.surveys import SURVEYS

SCENE = Scene(Star(25, 25, 100.0), (), (Galaxy(25, 25, 300.0, 4.0, 1.0, 0.8, 0.0),))


@pytest.fixture
def exposures(rng):
    survey = SURVEYS["vst"]
    return draw_exposures(survey, draw_times(survey, 20, rng), rng)


def test_a_damped_random_walk_has_its_amplitude_and_forgets_in_its_time(rng):
    times = np.arange(20000.0)
    magnitudes = -2.5 * np.log10(variability.walk_damped(times, 0.2, 10.0, rng))
    magnitudes -= magnitudes.mean()
    assert magnitudes.std() == pytest.approx(0.2, rel=0.1)
    lagged = np.mean(magnitudes[10:] * magnitudes[:-10]) / magnitudes.var()
    assert lagged == pytest.approx(np.exp(-1), abs=0.1)


def test_flickering_is_around_the_usual_flux(exposures, rng):
    factors = [exposure.factor for exposure in variability.flicker(exposures, rng)]
    assert np.median(factors) == pytest.approx(1)
    assert min(factors) > 0


def test_brightening_is_by_at_most_six_in_all_the_middles_light(exposures, rng):
    for _ in range(50):
        factor = variability.brighten(exposures[0], SCENE, rng).factor
        total = (SCENE.central_flux + (factor - 1) * SCENE.centre.flux) / SCENE.central_flux
        assert 1.4 <= total <= variability.LARGEST_FACTOR


def test_fading_leaves_at_least_a_sixth_of_the_point(exposures, rng):
    factors = [variability.fade(exposures[0], rng).factor for _ in range(50)]
    assert 1 / variability.LARGEST_FACTOR <= min(factors) < max(factors) <= 1 / 1.4


def test_surveys_may_ask_for_other_brightenings_and_fadings(exposures, rng):
    point = Scene(Star(25, 25, 100.0))
    for _ in range(50):
        assert 10 <= variability.brighten(exposures[0], point, rng, (10.0, 20.0)).factor <= 20
        assert 1 / 20 <= variability.fade(exposures[0], rng, (10.0, 20.0)).factor <= 1 / 10


def test_novae_are_near_the_centre_and_visible(rng):
    survey = SURVEYS["vst"]
    for _ in range(50):
        nova = variability.draw_nova(survey, SCENE, rng)
        assert np.hypot(nova.y - 25, nova.x - 25) <= 2.501 * survey.fwhm
        assert nova.flux >= survey.point_flux(15) * 0.999
