import numpy as np
import pytest

from epochsieve.judging.detectors import likeness


@pytest.fixture
def other_field(field):
    """Another part of the sky."""
    return np.roll(field.draw(), (9, -13), axis=(0, 1))


def test_another_field_is_unlike_the_reference_and_the_other_images(field, compare, spoilt, other_field):
    comparison = compare(lambda image: image - field.draw() + other_field)
    assert likeness.measure_likeness(comparison).score.argmax() == spoilt
    assert likeness.measure_appearance(comparison).score.argmax() == spoilt


def test_an_image_without_sources_is_unlike_the_others(field, compare, spoilt):
    comparison = compare(lambda image: image - field.draw())
    assert likeness.measure_likeness(comparison).score.argmax() == spoilt
    assert likeness.measure_appearance(comparison).score.argmax() == spoilt


def test_a_streak_makes_the_residual_unlike_the_others(field, compare, spoilt):
    streak = 6 * np.exp(-(field.measure_offset(40, 10) ** 2) / 2)
    assert likeness.measure_residual(compare(lambda image: image + streak)).score.argmax() == spoilt


@pytest.mark.parametrize("change", [{"wide": 1.5}, {"wide": 1.7, "tall": 1.7}, {"down": 1.0, "right": -1.0}])
def test_another_state_of_telescope_or_sky_is_unlike_the_others(field, compare, spoilt, change):
    comparison = compare(lambda image: image - field.draw() + field.draw(**change))
    assert likeness.measure_state(comparison).score.argmax() == spoilt


def test_a_trailed_image_is_mismatched_and_a_blurred_one_is_not(field, compare, spoilt):
    trailed, blurred = (
        likeness.measure_mismatch(
            compare(lambda image, change=change: image - field.draw() + field.draw(**change))
        ).score
        for change in ({"wide": 1.8}, {"wide": 1.3, "tall": 1.3})
    )
    usual = np.delete(trailed, spoilt).max()
    assert trailed[spoilt] > 1.2 * usual
    assert blurred[spoilt] < 1.05 * usual


def test_strange_features_are_far_from_the_others(rng):
    features = rng.normal(size=(12, 30))
    features[7] += 5
    assert likeness.measure_network(features, np.ones(12, bool)).score.argmax() == 7


def test_features_are_standardised_by_good_epochs_and_limited(rng):
    features = 100 + 20 * rng.normal(size=(40, 25))
    features[:, 3] = 7
    features[2] = 1e6
    good = np.arange(40) != 2
    standard = likeness.standardise_features(features, good)
    assert np.median(standard[good], axis=0) == pytest.approx(0, abs=1e-9)
    assert np.abs(standard).max() == 8
    assert standard[good].std() == pytest.approx(1, abs=0.3)
    assert not standard[good, 3].any()


def test_a_single_epoch_has_no_neighbour_and_no_distance():
    assert likeness.measure_network(np.ones((1, 5)), np.ones(1, bool)).score.tolist() == [0]
