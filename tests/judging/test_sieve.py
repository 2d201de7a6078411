"""The default method: laws that hold for every series."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.sieve import SieveMethod, find_empty
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.vocabulary.settings import SieveSettings


@settings(deadline=None, max_examples=6)
@given(order=st.permutations(range(12)))
def test_scores_do_not_depend_on_the_order_of_epochs(field, embedder, eye, stack_epochs, order, add_trail):
    series = stack_epochs(field.spoil(add_trail, epochs=12))
    shuffled = CutoutSeries(series.name, series.stack, tuple(series.epochs[place] for place in order))
    method = SieveMethod(embedder(), eye())
    np.testing.assert_array_equal(method.judge(shuffled).score, method.judge(series).score)


def test_scores_do_not_depend_on_the_batch(field, embedder, eye, stack_epochs):
    series = stack_epochs(field.observe())
    scores = [SieveMethod(embedder(batch=batch), eye()).judge(series).score for batch in (1, 5, 1000)]
    np.testing.assert_array_equal(scores[1:], scores[:1] * 2)


def test_judging_again_after_other_objects_gives_the_same(field, judge):
    first = judge(field.observe())
    judge(field.observe(5, seed=2)[:, :30])
    judge(field.observe(20, seed=3) * 40)
    again = judge(field.observe())
    for name in first.columns:
        np.testing.assert_array_equal(first[name], again[name])


@pytest.mark.parametrize(
    ("factor", "epochs"),
    [
        (0.37, 3),
        (0.37, 16),
        (1e-6, 3),
        (1e-6, 16),
        (5e4, 16),
    ],
)
def test_scores_hardly_depend_on_the_unit_of_the_images(field, judge, factor, epochs, add_trail):
    cube = field.spoil(add_trail, 16)[-epochs - 5 : -5 or None]
    stack = field.draw().astype(np.float32)
    before, after = judge(cube, stack), judge(cube * np.float32(factor), stack * np.float32(factor))
    np.testing.assert_allclose(after.score, before.score, rtol=0.1, atol=0.2)
    np.testing.assert_allclose(after.noise, before.noise * factor, rtol=0.01)
    np.testing.assert_allclose(after.flux, before.flux * factor, rtol=0.01)
    assert after.reasons.tolist() == before.reasons.tolist()


@pytest.mark.parametrize("brightest", [300.0, -3000.0])
def test_scores_hardly_depend_on_the_level_of_the_sky(field, judge, brightest, add_trail):
    cube = field.spoil(add_trail)
    sky = np.linspace(0, brightest, len(cube), dtype=np.float32)
    before, after = judge(cube), judge(cube + sky[:, None, None])
    np.testing.assert_allclose(after.score, before.score, rtol=0.1, atol=0.2)
    np.testing.assert_allclose(after.background, before.background + sky, atol=0.01)
    assert after.reasons.tolist() == before.reasons.tolist()


def test_a_harmless_series_is_left_alone(field, judge):
    assert judge(field.observe(20)).flagged.sum() <= 1


def test_a_trail_is_flagged_and_a_brightening_three_times_as_bright_is_not(field, judge, spoilt, add_trail):
    cube = field.spoil(add_trail)
    cube[9] += 2 * field.flux * field.draw_spot(field.middle, field.middle, field.sigma)
    findings = judge(cube)
    assert findings.score.argmax() == spoilt
    assert findings.flagged[spoilt]
    assert not findings.flagged[9]
    assert findings.reasons[spoilt] == "trail"
    column, row = round(float(findings.x[spoilt])), round(float(findings.y[spoilt]))
    assert abs(field.measure_offset(20, 10)[row, column]) <= 2
    assert findings.flux[9] == pytest.approx(3 * np.median(findings.flux), rel=0.1)


def take_photons(field, peak, edit=lambda light: light):
    """Take images of the field in photons, one of them edited before they are counted."""
    light = peak / field.flux * np.repeat(field.draw()[None], 16, axis=0)
    light[5] = edit(light[5])
    noise = np.random.default_rng(1).normal(size=light.shape)
    return (light + np.sqrt(1 + light) * noise).astype(np.float32)


@pytest.mark.parametrize("peak", [1e3, 1e5])
def test_good_epochs_of_bright_sources_are_left_alone(field, judge, peak):
    assert judge(take_photons(field, peak)).score.max() < 4


@pytest.mark.parametrize("peak", [1e3, 1e4, 1e5])
def test_a_bright_source_three_times_as_bright_is_no_sure_defect(field, judge, spoilt, peak):
    centre = 2 * peak * field.draw_spot(field.middle, field.middle, field.sigma)
    assert judge(take_photons(field, peak, lambda light: light + centre)).score[spoilt] < 2.4


@pytest.mark.parametrize("peak", [1e3, 1e5])
def test_a_tilted_sky_is_seen_beside_bright_sources(field, judge, spoilt, peak):
    plane = 10 + 8 * (field.rows - field.middle) / field.middle
    slope = judge(take_photons(field, peak, lambda light: light + plane)).score_slope
    assert slope.argmax() == spoilt
    assert slope[spoilt] > 10


def test_measured_columns_are_what_was_drawn(field, judge):
    findings = judge(field.observe() + np.float32(25))
    np.testing.assert_allclose(findings.background, 25, atol=0.2)
    np.testing.assert_allclose(findings.noise, 1, rtol=0.25)
    np.testing.assert_allclose(findings.fwhm, 2.3548 * field.sigma, rtol=0.15)
    np.testing.assert_allclose(findings.flux, 2 * np.pi * field.sigma**2 * field.flux, rtol=0.1)
    assert (findings.flux_error > 1).all()


def test_every_epoch_has_a_row_unusable_ones_too(field, embedder, eye, stack_epochs):
    series = stack_epochs(field.observe(8))
    broken = (Epoch("broken.fits", None, 60003.5, status="truncated"), Epoch("odd.fits", np.ones((3, 4), np.float32)))
    mixed = CutoutSeries("field", series.stack, (*series.epochs, *broken))
    findings, alone = (SieveMethod(embedder(), eye()).judge(each) for each in (mixed, series))
    assert findings.file.tolist() == [epoch.file for epoch in mixed.epochs]
    assert findings.reasons[~mixed.usable].tolist() == ["unreadable", "unreadable"]
    assert findings.flagged[~mixed.usable].all()
    assert np.isnan(findings.score[~mixed.usable]).all()
    np.testing.assert_array_equal(findings.score[mixed.usable], alone.score)


def test_explanations_show_what_was_expected_and_what_is_missing(field, embedder, eye, stack_epochs, spoilt, add_trail):
    hole = (field.rows < 8) & (field.columns > 30)
    cube = field.spoil(lambda image: add_trail(np.where(hole, np.nan, image))) + np.float32(40)
    cube[2] = np.nan
    explanation = SieveMethod(embedder(), eye()).explain(stack_epochs(cube))
    assert explanation.reference.shape == explanation.residual.shape == cube.shape
    shown = np.arange(16) != 2
    np.testing.assert_allclose(
        explanation.reference[shown & (np.arange(16) != spoilt)].mean(axis=0), field.draw() + 40, atol=3
    )
    np.testing.assert_array_equal(np.isnan(explanation.residual[spoilt]), hole)
    assert np.isnan(explanation.residual[2]).all()
    on_trail = (np.abs(field.measure_offset(20, 10)) < 1) & ~hole
    assert explanation.residual[spoilt][on_trail].mean() > 3
    assert abs(explanation.residual[4].std() - 1) < 0.2


@pytest.mark.parametrize("rate", [0.3, 0.05, 1e-3, 1e-6])
def test_the_rate_moves_the_threshold_and_no_score(field, judge, rate, check_rows, add_trail):
    cube = field.spoil(add_trail)
    usual, other = judge(cube), judge(cube, false_alarm=rate)
    np.testing.assert_allclose(other.threshold, -np.log10(rate))
    np.testing.assert_array_equal(other.score, usual.score)
    check_rows(other, 16)


def test_without_a_rate_only_images_without_content_are_flagged(field, judge, add_trail):
    cube = field.spoil(add_trail)
    cube[2], cube[3] = np.nan, 7
    findings = judge(cube, false_alarm=0.0)
    assert np.isinf(findings.threshold).all()
    assert np.flatnonzero(findings.flagged).tolist() == [2, 3]
    assert (findings.flags != 0).tolist() == findings.flagged.tolist()


def test_a_looser_rate_flags_no_fewer(field, judge, add_trail):
    cube = field.spoil(add_trail)
    counts = [judge(cube, false_alarm=rate).flagged.sum() for rate in (1e-9, 1e-3, 0.05, 0.3, 0.6)]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_settings_are_described_as_plain_json(embedder, eye):
    method = SieveMethod(embedder(), eye(), SieveSettings(false_alarm=0.02, flag_seeing=True))
    told = json.loads(json.dumps(method.describe()))
    assert told["method"] == method.name == "sieve"
    assert told["settings"] == {"false_alarm": 0.02, "flag_seeing": True}
    assert told["calibration"] == {"name": method.calibration.name, "sha256": method.calibration.sha256}
    assert told["embedder"] == {"name": "blocks/means", "sha256": "0" * 64}


def test_empty_images_are_those_without_two_different_numbers():
    cube = np.full((5, 3, 3), np.nan, np.float32)
    cube[1:] = 4
    cube[2, 0, 0] = np.inf
    cube[3, 0, 0] = 5
    cube[4, 0] = (np.nan, 3, np.inf)
    assert find_empty(cube).tolist() == [True, True, True, False, False]
    assert find_empty(cube[:0]).shape == (0,)
