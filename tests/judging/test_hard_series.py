"""Series that are hard to judge: few epochs, odd shapes, nothing in them, holes, and numbers of extreme size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.sieve import SieveMethod
from epochsieve.vocabulary.series import CutoutSeries, Epoch

FILLS = (0.0, 7.0, np.nan, np.inf)


@pytest.mark.parametrize("epochs", [1, 2, 3, 12])
@pytest.mark.parametrize("shape", [(2, 2), (3, 8), (5, 7), (11, 10), (20, 45), (64, 64)])
def test_any_number_of_epochs_of_any_shape_is_judged(judge, rng, shape, epochs, check_rows):
    rows, columns = np.indices(shape)
    source = 50 * np.exp(-((rows - shape[0] // 2) ** 2 + (columns - shape[1] // 2) ** 2) / 4)
    check_rows(judge((source + rng.normal(size=(epochs, *shape))).astype(np.float32)), epochs)


def test_a_single_epoch_is_not_flagged_for_being_alone(field, judge):
    assert not judge(field.observe(1)).flagged.any()


@pytest.mark.parametrize("epochs", [1, 2, 12])
def test_identical_epochs_are_all_good(field, judge, epochs):
    assert not judge(np.repeat(field.observe(1), epochs, axis=0)).flagged.any()


def test_epochs_reproduced_exactly_are_all_good(judge, check_rows):
    cube = np.zeros((12, 21, 21), np.float32)
    cube[:, 10, 10] = 1
    findings = judge(cube)
    check_rows(findings, 12)
    assert not findings.flagged.any()


@pytest.mark.parametrize(("fill", "reason"), [(np.nan, "missing"), (np.inf, "missing"), (0, "blank"), (7, "blank")])
def test_an_image_without_content_is_flagged_as_surely_as_anything(field, judge, spoilt, fill, reason, check_rows):
    findings = judge(field.spoil(lambda image: np.full_like(image, fill)))
    assert (findings.score[spoilt], findings.reasons[spoilt]) == (99, reason)
    check_rows(findings, 16)
    others = np.arange(16) != spoilt
    np.testing.assert_array_equal(
        findings.score[others], judge(field.observe()[others], field.observe().mean(axis=0)).score
    )


@pytest.mark.parametrize("fill", [np.nan, 0])
def test_a_series_of_nothing_is_flagged_wholly(judge, fill, check_rows):
    findings = judge(np.full((4, 9, 9), fill, np.float32))
    assert findings.flagged.all()
    check_rows(findings, 4)


def test_one_image_among_nothing_is_judged(field, judge, check_rows):
    cube = np.full((6, 41, 41), np.nan, np.float32)
    cube[2] = field.observe(1)[0]
    findings = judge(cube)
    check_rows(findings, 6)
    assert findings.flagged.tolist() == [True, True, False, True, True, True]


def test_nothing_readable_gives_rows_without_scores(embedder, eye):
    stack = np.full((1, 1), np.nan, np.float32)
    series = CutoutSeries("field", stack, (Epoch("a.fits", None, status="truncated"),) * 2)
    findings, explanation = SieveMethod(embedder(), eye()).judge(series), SieveMethod(embedder(), eye()).explain(series)
    assert findings.reasons.tolist() == ["unreadable"] * 2
    assert np.isnan(findings.score).all()
    assert explanation.reference.shape == explanation.residual.shape == (0, 1, 1)


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf, 0.0])
def test_a_hole_is_flagged_as_missing_where_it_is(field, judge, spoilt, hole, check_rows):
    corner = (field.rows < 8) & (field.columns > 30)
    findings = judge(field.spoil(lambda image: np.where(corner, hole, image)) + np.where(hole == 0, 0, 3))
    check_rows(findings, 16)
    assert findings.score.argmax() == spoilt
    assert "missing" in findings.reasons[spoilt]
    assert corner[round(float(findings.y[spoilt])), round(float(findings.x[spoilt]))]


def test_holes_that_every_epoch_has_are_no_reason(field, judge, check_rows):
    cube = np.round(field.observe() * 4 + 400)
    cube[:, :10] = 0
    cube[:, 30:, :6] = np.nan
    findings = judge(cube)
    check_rows(findings, 16)
    assert findings.flagged.sum() <= 1


@pytest.mark.parametrize("known", [0.5, 0.05])
def test_scattered_holes_are_judged(field, judge, rng, known, check_rows):
    cube = np.where(rng.random((12, 41, 41)) < known, field.observe(12), np.float32(np.nan))
    check_rows(judge(cube), 12)


def test_epochs_that_share_no_pixel_are_judged(field, judge, check_rows):
    cube = field.observe(12)
    cube[::2, :20] = np.nan
    cube[1::2, 20:] = np.nan
    check_rows(judge(cube), 12)


@pytest.mark.parametrize("stack", [np.nan, 5.0, np.inf])
@pytest.mark.parametrize("epochs", [2, 12])
def test_a_stack_without_content_is_not_needed(field, judge, stack, epochs, check_rows):
    check_rows(judge(field.observe(epochs), np.full((41, 41), stack, np.float32)), epochs)


@pytest.mark.parametrize(
    "value",
    [
        60,
        200,
        -200,
        3e3,
        6e4,
    ],
)
def test_a_hot_pixel_is_a_point_where_it_is(field, judge, spoilt, value):
    for row, column in ((33, 36), (6, 9)):
        hot = (field.rows == row) & (field.columns == column)
        findings = judge(field.spoil(lambda image, hot=hot: np.where(hot, value, image)))
        assert findings.score.argmax() == spoilt
        assert findings.reasons[spoilt] == "point"
        assert np.hypot(findings.x[spoilt] - column, findings.y[spoilt] - row) < 2


@pytest.mark.parametrize("factor", [1e30, 1e-20])
def test_huge_and_tiny_units_change_nothing(field, judge, factor, add_trail):
    cube = field.spoil(add_trail)
    findings = judge((cube.astype(float) * factor).astype(np.float32))
    np.testing.assert_allclose(findings.score, judge(cube).score, rtol=0.1, atol=0.2)


@pytest.mark.parametrize("factor", [1e30, 1e-30])
def test_one_epoch_in_another_unit_is_flagged(field, judge, spoilt, factor):
    findings = judge(field.spoil(lambda image: image * factor))
    assert findings.flagged[spoilt]


@pytest.mark.parametrize("value", [1e30, -3e38])
def test_one_pixel_near_the_largest_number_is_flagged(field, judge, spoilt, value):
    wild = (field.rows == 33) & (field.columns == 36)
    findings = judge(field.spoil(lambda image: np.where(wild, value, image)))
    assert findings.flagged[spoilt]


@settings(deadline=None, max_examples=30)
@given(
    shape=st.tuples(st.integers(1, 12), st.integers(2, 7), st.integers(2, 7)), seed=st.integers(0, 99), data=st.data()
)
def test_whatever_the_holes_each_epoch_has_a_score_and_each_flag_a_reason(judge, check_rows, shape, seed, data):
    rng = np.random.default_rng(seed)
    cube = rng.normal(0, 10 ** rng.uniform(-2, 3), shape).astype(np.float32)
    for _ in range(data.draw(st.integers(0, 4))):
        corner = tuple(slice(data.draw(st.integers(0, n - 1)), None) for n in cube.shape)
        cube[corner] = data.draw(st.sampled_from(FILLS))
    check_rows(judge(cube), len(cube))
