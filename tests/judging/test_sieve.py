"""The default method: laws that hold for every series, and series that are hard to judge."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.sieve import SieveMethod, find_empty
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.vocabulary.settings import SieveSettings

FILLS = (0.0, 7.0, np.nan, np.inf)


def add_trail(field, image, height=8.0):
    return image + height * np.exp(-(field.measure_offset(20, 10) ** 2) / 2)


def check_rows(findings, epochs):
    """Hold a table to what every table promises."""
    assert len(findings) == epochs
    assert (np.isfinite(findings.score) & (findings.score >= 0) & (findings.score <= 99)).all()
    assert (findings.flagged == (findings.score >= findings.threshold)).all()
    assert (findings.flagged == (findings.reasons != "")).all()
    judged = findings.score < 99
    for name in ("x", "y", "background", "noise", "fwhm", *(n for n in findings.columns if n.startswith("score_"))):
        assert np.isfinite(findings[name][judged]).all(), name


@settings(deadline=None, max_examples=6)
@given(order=st.permutations(range(12)))
def test_scores_do_not_depend_on_the_order_in_which_epochs_are_given(field, embedder, stack_epochs, order):
    series = stack_epochs(field.spoil(lambda image: add_trail(field, image), epochs=12))
    shuffled = CutoutSeries(series.name, series.stack, tuple(series.epochs[place] for place in order))
    method = SieveMethod(embedder())
    np.testing.assert_array_equal(method.judge(shuffled).score, method.judge(series).score)


def test_scores_do_not_depend_on_the_batch(field, embedder, stack_epochs):
    series = stack_epochs(field.observe())
    scores = [SieveMethod(embedder(batch=batch)).judge(series).score for batch in (1, 5, 1000)]
    np.testing.assert_array_equal(scores[1:], scores[:1] * 2)


def test_judging_again_after_other_objects_gives_the_same(field, judge):
    first = judge(field.observe())
    judge(field.observe(5, seed=2)[:, :30])
    judge(field.observe(20, seed=3) * 40)
    again = judge(field.observe())
    for name in first.columns:
        np.testing.assert_array_equal(first[name], again[name])


@pytest.mark.parametrize("factor", [1e-6, 0.37, 5e4])
@pytest.mark.parametrize("epochs", [3, 16])
def test_scores_hardly_depend_on_the_unit_of_the_images(field, judge, factor, epochs):
    cube = field.spoil(lambda image: add_trail(field, image), 16)[-epochs - 5 : -5 or None]
    stack = field.draw().astype(np.float32)
    before, after = judge(cube, stack), judge(cube * np.float32(factor), stack * np.float32(factor))
    np.testing.assert_allclose(after.score, before.score, atol=0.2)
    np.testing.assert_allclose(after.noise, before.noise * factor, rtol=0.01)
    np.testing.assert_allclose(after.flux, before.flux * factor, rtol=0.01)
    assert after.reasons.tolist() == before.reasons.tolist()


@pytest.mark.parametrize("brightest", [300.0, -3000.0])
def test_scores_hardly_depend_on_the_level_of_the_sky(field, judge, brightest):
    cube = field.spoil(lambda image: add_trail(field, image))
    sky = np.linspace(0, brightest, len(cube), dtype=np.float32)
    before, after = judge(cube), judge(cube + sky[:, None, None])
    np.testing.assert_allclose(after.score, before.score, atol=0.2)
    np.testing.assert_allclose(after.background, before.background + sky, atol=0.01)
    assert after.reasons.tolist() == before.reasons.tolist()


def test_a_harmless_series_is_left_alone(field, judge):
    assert judge(field.observe(20)).flagged.sum() <= 1


def test_a_trail_is_flagged_and_a_brightening_three_times_as_bright_is_not(field, judge, spoilt):
    cube = field.spoil(lambda image: add_trail(field, image))
    cube[9] += 2 * field.flux * field.draw_spot(field.middle, field.middle, field.sigma)
    findings = judge(cube)
    assert findings.score.argmax() == spoilt
    assert findings.flagged[spoilt]
    assert not findings.flagged[9]
    assert findings.reasons[spoilt] == "trail"
    column, row = round(float(findings.x[spoilt])), round(float(findings.y[spoilt]))
    assert abs(field.measure_offset(20, 10)[row, column]) <= 2
    assert findings.flux[9] == pytest.approx(3 * np.median(findings.flux), rel=0.1)


def test_measured_columns_are_what_was_drawn(field, judge):
    findings = judge(field.observe() + np.float32(25))
    np.testing.assert_allclose(findings.background, 25, atol=0.2)
    np.testing.assert_allclose(findings.noise, 1, rtol=0.25)
    np.testing.assert_allclose(findings.fwhm, 2.3548 * field.sigma, rtol=0.15)
    np.testing.assert_allclose(findings.flux, 2 * np.pi * field.sigma**2 * field.flux, rtol=0.1)
    assert (findings.flux_error > 1).all()


def test_every_epoch_has_a_row_unusable_ones_too(field, embedder, stack_epochs):
    series = stack_epochs(field.observe(8))
    broken = (Epoch("broken.fits", None, 60003.5, status="truncated"), Epoch("odd.fits", np.ones((3, 4), np.float32)))
    mixed = CutoutSeries("field", series.stack, (*series.epochs, *broken))
    findings, alone = (SieveMethod(embedder()).judge(each) for each in (mixed, series))
    assert findings.file.tolist() == [epoch.file for epoch in mixed.epochs]
    assert findings.reasons[~mixed.usable].tolist() == ["unreadable", "unreadable"]
    assert findings.flagged[~mixed.usable].all()
    assert np.isnan(findings.score[~mixed.usable]).all()
    np.testing.assert_array_equal(findings.score[mixed.usable], alone.score)


@pytest.mark.parametrize("epochs", [1, 2, 3, 12])
@pytest.mark.parametrize("shape", [(2, 2), (3, 8), (5, 7), (11, 10), (20, 45), (64, 64)])
def test_any_number_of_epochs_of_any_shape_is_judged(judge, rng, shape, epochs):
    rows, columns = np.indices(shape)
    source = 50 * np.exp(-((rows - shape[0] // 2) ** 2 + (columns - shape[1] // 2) ** 2) / 4)
    check_rows(judge((source + rng.normal(size=(epochs, *shape))).astype(np.float32)), epochs)


def test_a_single_epoch_is_not_flagged_for_being_alone(field, judge):
    assert not judge(field.observe(1)).flagged.any()


@pytest.mark.parametrize("epochs", [1, 2, 12])
def test_identical_epochs_are_all_good(field, judge, epochs):
    assert not judge(np.repeat(field.observe(1), epochs, axis=0)).flagged.any()


def test_epochs_reproduced_exactly_are_all_good(judge):
    cube = np.zeros((12, 21, 21), np.float32)
    cube[:, 10, 10] = 1
    findings = judge(cube)
    check_rows(findings, 12)
    assert not findings.flagged.any()


@pytest.mark.parametrize(("fill", "reason"), [(np.nan, "missing"), (np.inf, "missing"), (0, "blank"), (7, "blank")])
def test_an_image_without_content_is_flagged_as_surely_as_anything(field, judge, spoilt, fill, reason):
    findings = judge(field.spoil(lambda image: np.full_like(image, fill)))
    assert (findings.score[spoilt], findings.reasons[spoilt]) == (99, reason)
    check_rows(findings, 16)
    others = np.arange(16) != spoilt
    np.testing.assert_array_equal(
        findings.score[others], judge(field.observe()[others], field.observe().mean(axis=0)).score
    )


@pytest.mark.parametrize("fill", [np.nan, 0])
def test_a_series_of_nothing_is_flagged_wholly(judge, fill):
    findings = judge(np.full((4, 9, 9), fill, np.float32))
    assert findings.flagged.all()
    check_rows(findings, 4)


def test_one_image_among_nothing_is_judged(field, judge):
    cube = np.full((6, 41, 41), np.nan, np.float32)
    cube[2] = field.observe(1)[0]
    findings = judge(cube)
    check_rows(findings, 6)
    assert findings.flagged.tolist() == [True, True, False, True, True, True]


def test_nothing_readable_gives_rows_without_scores(embedder):
    stack = np.full((1, 1), np.nan, np.float32)
    series = CutoutSeries("field", stack, (Epoch("a.fits", None, status="truncated"),) * 2)
    findings, explanation = SieveMethod(embedder()).judge(series), SieveMethod(embedder()).explain(series)
    assert findings.reasons.tolist() == ["unreadable"] * 2
    assert np.isnan(findings.score).all()
    assert explanation.reference.shape == explanation.residual.shape == (0, 1, 1)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf, 0.0])
def test_a_hole_is_flagged_as_missing_where_it_is(field, judge, spoilt, hole):
    corner = (field.rows < 8) & (field.columns > 30)
    findings = judge(field.spoil(lambda image: np.where(corner, hole, image)) + np.where(hole == 0, 0, 3))
    check_rows(findings, 16)
    assert findings.score.argmax() == spoilt
    assert "missing" in findings.reasons[spoilt]
    assert corner[round(float(findings.y[spoilt])), round(float(findings.x[spoilt]))]


def test_holes_that_every_epoch_has_are_no_reason(field, judge):
    cube = np.round(field.observe() * 4 + 400)
    cube[:, :10] = 0
    cube[:, 30:, :6] = np.nan
    findings = judge(cube)
    check_rows(findings, 16)
    assert findings.flagged.sum() <= 1


@pytest.mark.parametrize("known", [0.5, 0.05])
def test_scattered_holes_are_judged(field, judge, rng, known):
    cube = np.where(rng.random((12, 41, 41)) < known, field.observe(12), np.float32(np.nan))
    check_rows(judge(cube), 12)


def test_epochs_that_share_no_pixel_are_judged(field, judge):
    cube = field.observe(12)
    cube[::2, :20] = np.nan
    cube[1::2, 20:] = np.nan
    check_rows(judge(cube), 12)


@pytest.mark.parametrize("stack", [np.nan, 5.0, np.inf])
@pytest.mark.parametrize("epochs", [2, 12])
def test_a_stack_without_content_is_not_needed(field, judge, stack, epochs):
    check_rows(judge(field.observe(epochs), np.full((41, 41), stack, np.float32)), epochs)


HOT = "pixels of thousands of sigmas pull the first round of the fit, and the loudest detector sees no place"


@pytest.mark.parametrize(
    "value",
    [
        60,
        200,
        -200,
        pytest.param(3e3, marks=pytest.mark.xfail(strict=True, reason=HOT)),
        pytest.param(6e4, marks=pytest.mark.xfail(strict=True, reason=HOT)),
    ],
)
def test_a_hot_pixel_is_a_point_where_it_is(field, judge, spoilt, value):
    for row, column in ((33, 36), (6, 9)):
        hot = (field.rows == row) & (field.columns == column)
        findings = judge(field.spoil(lambda image, hot=hot: np.where(hot, value, image)))
        assert findings.score.argmax() == spoilt
        assert findings.reasons[spoilt] == "point"
        assert np.hypot(findings.x[spoilt] - column, findings.y[spoilt] - row) < 2


EXTREME = "squares of single-precision numbers overflow in the comparison"


@pytest.mark.xfail(strict=True, raises=RuntimeWarning, reason=EXTREME)
@pytest.mark.parametrize("factor", [1e30, 1e-20])
def test_huge_and_tiny_units_change_nothing(field, judge, factor):
    cube = field.spoil(lambda image: add_trail(field, image))
    findings = judge((cube.astype(float) * factor).astype(np.float32))
    np.testing.assert_allclose(findings.score, judge(cube).score, atol=0.2)


@pytest.mark.xfail(strict=True, raises=RuntimeWarning, reason=EXTREME)
@pytest.mark.parametrize("factor", [1e30, 1e-30])
def test_one_epoch_in_another_unit_is_flagged(field, judge, spoilt, factor):
    findings = judge(field.spoil(lambda image: image * factor))
    assert findings.flagged[spoilt]


@pytest.mark.xfail(strict=True, raises=RuntimeWarning, reason=EXTREME)
@pytest.mark.parametrize("value", [1e30, -3e38])
def test_one_pixel_near_the_largest_number_is_flagged(field, judge, spoilt, value):
    wild = (field.rows == 33) & (field.columns == 36)
    findings = judge(field.spoil(lambda image: np.where(wild, value, image)))
    assert findings.flagged[spoilt]


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 12), st.integers(2, 7), st.integers(2, 7), st.integers(0, 99), st.data(),
)  # fmt: skip
def test_whatever_the_holes_each_epoch_has_a_score_and_each_flag_a_reason(judge, epochs, height, width, seed, data):
    rng = np.random.default_rng(seed)
    cube = rng.normal(0, 10 ** rng.uniform(-2, 3), (epochs, height, width)).astype(np.float32)
    for _ in range(data.draw(st.integers(0, 4))):
        corner = tuple(slice(data.draw(st.integers(0, n - 1)), None) for n in cube.shape)
        cube[corner] = data.draw(st.sampled_from(FILLS))
    check_rows(judge(cube), epochs)


def test_explanations_show_what_was_expected_and_mark_what_is_missing(field, embedder, stack_epochs, spoilt):
    hole = (field.rows < 8) & (field.columns > 30)
    cube = field.spoil(lambda image: add_trail(field, np.where(hole, np.nan, image))) + np.float32(40)
    cube[2] = np.nan
    explanation = SieveMethod(embedder()).explain(stack_epochs(cube))
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
def test_the_rate_moves_the_threshold_and_no_score(field, judge, rate):
    cube = field.spoil(lambda image: add_trail(field, image))
    usual, other = judge(cube), judge(cube, false_alarm=rate)
    np.testing.assert_allclose(other.threshold, -np.log10(rate))
    np.testing.assert_array_equal(other.score, usual.score)
    check_rows(other, 16)


def test_a_looser_rate_flags_no_fewer(field, judge):
    cube = field.spoil(lambda image: add_trail(field, image))
    counts = [judge(cube, false_alarm=rate).flagged.sum() for rate in (1e-9, 1e-3, 0.05, 0.3, 0.6)]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_settings_are_described_as_plain_json(embedder):
    method = SieveMethod(embedder(), SieveSettings(false_alarm=0.02, flag_seeing=True))
    told = json.loads(json.dumps(method.describe()))
    assert told["method"] == method.name == "sieve"
    assert told["settings"] == {"false_alarm": 0.02, "flag_seeing": True}
    assert told["calibration"] == method.calibration.name
    assert told["embedder"] == {"name": "blocks/means", "sha256": "0" * 64}


def test_empty_images_are_those_without_two_different_numbers():
    cube = np.full((5, 3, 3), np.nan, np.float32)
    cube[1:] = 4
    cube[2, 0, 0] = np.inf
    cube[3, 0, 0] = 5
    cube[4, 0] = (np.nan, 3, np.inf)
    assert find_empty(cube).tolist() == [True, True, True, False, False]
    assert find_empty(cube[:0]).shape == (0,)
