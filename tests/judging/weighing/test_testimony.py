import numpy as np

from epochsieve.judging.detectors import DETECTORS
from epochsieve.judging.robust import compare_logarithms
from epochsieve.judging.weighing.accords import ACCORDS
from epochsieve.judging.weighing.eyesight import conclude, weigh_odds
from epochsieve.judging.weighing.testimony import (
    APPEARANCE,
    EYE,
    FULL_SCALE,
    HEARD,
    LIMIT,
    NAMES,
    NETWORK,
    find_on_source,
    hear_detectors,
    prepare_residual,
)
from epochsieve.judging.weighing.views import prepare_views


def test_every_detector_is_heard_once_and_the_networks_last():
    assert (*DETECTORS, *ACCORDS) == HEARD
    assert (*HEARD, NETWORK, EYE) == NAMES
    assert len(set(NAMES)) == len(NAMES)


def test_columns_are_the_detectors_own_scores_and_places(compare, eye, rng):
    comparison = compare()
    impressions = eye().look(prepare_views(comparison))
    testimony = hear_detectors(comparison, rng.normal(size=(16, 9)), impressions, eye())
    eyesight = conclude(impressions, testimony.raw[:, : len(HEARD)], comparison.good, eye())
    altered = compare_logarithms(DETECTORS[APPEARANCE](comparison).score, comparison.good)
    altered[find_on_source(comparison.scene, DETECTORS["pixel"](comparison))] = np.inf
    np.testing.assert_array_equal(testimony.raw[:, NAMES.index(EYE)], weigh_odds(eyesight, altered))
    assert testimony.guesses == eyesight.reasons
    assert testimony.raw.shape == testimony.x.shape == testimony.y.shape == (16, len(NAMES))
    for column, (name, detector) in enumerate(DETECTORS.items()):
        witness = detector(comparison)
        np.testing.assert_array_equal(testimony.raw[:, column], witness.score)
        if witness.x is None:
            assert np.isnan(testimony.x[:, column]).all(), name
        else:
            np.testing.assert_array_equal(testimony.x[:, column], witness.x)


def test_the_network_is_given_small_finite_numbers(field, compare):
    comparison = compare(lambda image: np.where(field.rows < 5, np.nan, image + 1e4 * (field.columns == 30)))
    prepared = prepare_residual(comparison)
    assert prepared.dtype == np.float32
    assert np.abs(prepared).max() == LIMIT / FULL_SCALE
    quiet = np.abs(comparison.residual) < LIMIT
    np.testing.assert_allclose(prepared[quiet], comparison.residual[quiet] / FULL_SCALE, rtol=1e-6)


def test_a_spot_on_the_central_source_is_found_there_and_one_apart_is_not(field, compare, spoilt):
    middle = field.middle
    places = (middle, middle + 1), (middle + 12, middle + 12)
    on, apart = (compare(lambda image, at=at: image + 90 * field.draw_spot(*at, 0.6)) for at in places)
    found = [find_on_source(comparison.scene, DETECTORS["pixel"](comparison)) for comparison in (on, apart)]
    assert found[0][spoilt]
    assert not found[1][spoilt]
