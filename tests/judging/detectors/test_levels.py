import numpy as np
import pytest

from epochsieve.judging.detectors import levels
from epochsieve.judging.expecting.comparison import compare_epochs


def test_the_epoch_with_a_streak_has_the_largest_excess(field, compare, spoilt):
    streak = 6 * np.exp(-(field.measure_offset(40, 10) ** 2) / 2)
    score = levels.measure_excess(compare(lambda image: image + streak)).score
    assert score.argmax() == spoilt
    assert np.median(score) == pytest.approx(1, abs=0.2)


def test_the_epoch_of_another_point_spread_fits_worst(field, rng, spoilt):
    photons = 50 * np.repeat(field.draw()[None], 16, axis=0)
    photons[spoilt] = 25 * (field.draw(right=1.2) + field.draw(right=-1.2))
    cube = (photons + np.sqrt(1 + photons) * rng.normal(size=photons.shape)).astype(np.float32)
    score = levels.measure_misfit(compare_epochs(cube, cube[0])).score
    assert score.argmax() == spoilt
    assert score[spoilt] > 1.29 * np.median(score)


@pytest.mark.parametrize("factor", [2.5, 0.4])
def test_the_noisier_or_smoother_epoch_stands_out_by_its_ratio(field, compare, spoilt, factor):
    score = levels.measure_noise(compare(lambda image: field.draw() + factor * (image - field.draw()))).score
    assert score.argmax() == spoilt
    assert score[spoilt] == pytest.approx(max(factor, 1 / factor), rel=0.25)
    assert (score >= 1).all()


@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_the_epoch_of_another_throughput_stands_out(field, compare, spoilt, factor):
    comparison = compare(lambda image: image + (factor - 1) * field.draw())
    assert levels.measure_brightness(comparison).score.argmax() == spoilt
    score = levels.measure_scale(comparison).score
    assert score.argmax() == spoilt
    assert score[spoilt] == pytest.approx(2.5, rel=0.2)


def test_a_central_source_that_varies_alone_is_no_other_throughput(field, compare, spoilt):
    centre = field.flux * field.draw_spot(field.middle, field.middle, field.sigma)
    comparison = compare(lambda image: image + centre)
    assert levels.measure_scale(comparison).score[spoilt] < 1.2


@pytest.mark.parametrize("slope", [(5, 0), (0, -5), (3, 3)])
def test_the_epoch_with_a_tilted_sky_stands_out(field, compare, spoilt, slope):
    plane = (slope[0] * (field.rows - 20) + slope[1] * (field.columns - 20)) / 20
    comparison = compare(lambda image: image + plane)
    assert levels.measure_slope(comparison).score.argmax() == spoilt
    assert levels.measure_tilt(comparison).score.argmax() == spoilt


def test_the_epoch_whose_background_is_not_its_median_stands_out(field, compare, spoilt):
    cloud = 12 * field.draw_spot(30, 30, 7.0)
    assert levels.measure_level(compare(lambda image: image + cloud)).score.argmax() == spoilt


def test_a_brighter_sky_alone_stands_out_nowhere(compare, spoilt):
    for measure in (levels.measure_level, levels.measure_slope, levels.measure_scale, levels.measure_excess):
        usual, brighter = measure(compare()).score, measure(compare(lambda image: image + 400)).score
        np.testing.assert_allclose(brighter[spoilt], usual[spoilt], rtol=0.2, atol=0.2)


@pytest.mark.parametrize("gain", [0.3, 0.6, 1.7, 4.0])
def test_a_wrong_gain_changes_signal_and_noise_alike(compare, spoilt, gain):
    score = np.log(levels.measure_gain(compare(lambda image: gain * image)).score)
    assert score[spoilt] > 3 * np.delete(score, spoilt).max()


def test_a_dimmer_epoch_and_a_noisier_one_have_no_wrong_gain(field, compare, spoilt):
    more_noise = 3 * np.random.default_rng(4).normal(size=(field.side, field.side))
    for edit in (lambda image: image - 0.6 * field.draw(), lambda image: image - 0.5 * field.draw() + more_noise):
        known, wrong = (levels.measure_gain(compare(one)).score[spoilt] for one in (edit, lambda image: 3 * image))
        assert np.log(known) < 0.3 * np.log(wrong)
