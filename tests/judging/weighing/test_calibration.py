from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from epochsieve.judging.weighing.calibration import (
    HIGHEST_SCORE,
    RATIO_OF,
    bend,
    rate_epochs,
    read_table,
    weigh_evidence,
)
from epochsieve.judging.weighing.calibration_text import load_default, read_calibration
from epochsieve.judging.weighing.standards import standardise_sum
from epochsieve.judging.weighing.testimony import NAMES, hear_detectors, prepare_residual
from epochsieve.judging.weighing.views import prepare_views

floats = st.floats(-100, 100)
tables = st.lists(st.floats(-5, 5), min_size=6, max_size=12).map(sorted).map(np.array)


@pytest.fixture(scope="module")
def raw(compare, embedder, eye):
    """What the detectors say of good epochs."""
    comparison = compare()
    features = embedder().embed(prepare_residual(comparison))
    return hear_detectors(comparison, features, eye().look(prepare_views(comparison)), eye()).raw


def rate(raw):
    return rate_epochs(raw, np.ones(len(raw), bool), load_default())


def test_the_shipped_calibration_knows_every_detector_in_order():
    assert load_default().detectors == NAMES
    assert set(RATIO_OF) <= set(NAMES)


def test_the_shipped_tables_ascend_and_no_weight_is_negative():
    shipped = load_default()
    assert (np.diff(shipped.quantiles, axis=1) >= 0).all()
    assert (np.diff(shipped.tail) >= 0).all()
    assert (np.diff(shipped.chances) < 0).all()
    assert (np.diff(shipped.tail_chances) < 0).all()
    weighed = [field.name for field in fields(shipped) if field.name.endswith("weights")]
    assert "weights" in weighed
    for name in weighed:
        assert (np.array(getattr(shipped, name)) >= 0).all(), name
    assert np.array(shipped.weights).any(axis=0).any()
    assert min(shipped.scatter) > 0
    assert shipped.spread > 0


def test_tables_have_a_row_for_every_detector_and_a_column_for_every_chance():
    shipped = load_default()
    assert np.shape(shipped.quantiles) == (len(NAMES), len(shipped.chances))
    assert np.shape(shipped.scatter) == (len(NAMES),)
    assert len(shipped.weights) == len(NAMES)
    assert len(shipped.ratio_weights) == len(RATIO_OF)
    assert len(shipped.tail) == len(shipped.tail_chances)


def test_a_calibration_survives_json():
    shipped = load_default()
    assert read_calibration(shipped.to_json()) == shipped
    assert shipped.to_json() == read_calibration(shipped.to_json()).to_json()
    assert len(shipped.to_json().splitlines()) == len(fields(shipped)) + 2


@given(arrays(float, (9, len(NAMES)), elements=st.floats(0, 1e12)), arrays(bool, 9))
def test_scores_are_between_zero_and_the_highest(raw, good):
    rating = rate_epochs(raw, good, load_default())
    assert ((rating.score >= 0) & (rating.score <= HIGHEST_SCORE)).all()
    assert np.isfinite(rating.shares).all()
    assert (rating.shares >= 0).all()


@given(st.permutations(range(16)))
def test_permuting_epochs_permutes_scores(raw, order):
    np.testing.assert_allclose(rate(raw[order]).score, rate(raw).score[order])


@pytest.mark.parametrize("detector", ["pixel", "line", "missing", "network"])
def test_an_epoch_that_one_detector_cries_at_scores_highest_by_that_detector(raw, detector):
    column = NAMES.index(detector)
    loud = raw.copy()
    loud[11, column] *= 100
    rating = rate(loud)
    assert rating.score.argmax() == 11
    assert rating.shares[11].argmax() == column


@pytest.mark.parametrize("detector", NAMES)
def test_a_louder_detector_never_lowers_its_epochs_score(raw, detector):
    column, scores = NAMES.index(detector), []
    for factor in (1, 2, 5, 20, 100, 1e4):
        loud = raw.copy()
        loud[11, column] = factor * np.median(raw[:, column])
        scores.append(rate(loud).score[11])
    assert (np.diff(scores) > -0.1).all()


def test_one_wild_epoch_does_not_hide_another(raw):
    loud = raw.copy()
    loud[11] *= 10
    alone = rate(loud).score[11]
    loud[4] *= 1e6
    assert rate(loud).score[11] > 0.7 * alone
    assert alone > 3


def test_evidence_is_the_chance_in_the_table_and_rises_beyond_it():
    shipped = load_default()
    at_knots = weigh_evidence(np.array(shipped.quantiles).T, shipped)
    ascending = np.diff(shipped.quantiles, axis=1).min(axis=1) > 0.01
    np.testing.assert_allclose(
        at_knots[:, ascending], np.repeat(-np.log10(shipped.chances)[:, None], ascending.sum(), axis=1), atol=0.01
    )
    beyond = weigh_evidence(np.array(shipped.quantiles)[:, -1] + np.arange(5)[:, None], shipped)
    assert (np.diff(beyond, axis=0) > 0).all()


@given(tables, st.lists(st.floats(-10, 1000), min_size=2, max_size=9).map(sorted).map(np.array))
def test_reading_a_table_never_falls(table, values):
    read = read_table(values, table, np.linspace(0.3, 3, len(table)))
    assert (np.diff(read) >= -1e-9).all()
    assert (read >= 0.3).all()


@given(floats, floats, st.floats(0, 1))
def test_bending_is_monotone_and_convex_up_to_its_limit(first, second, share):
    def total(value):
        return bend(np.array(value), (0.5, 1.0, 2.0, 3.5), 8.0) @ np.array([0.2, 0.0, 1.5, 0.7])

    low, high = sorted((min(first, 8.0), min(second, 8.0)))
    assert total(low) <= total(high) + 1e-9
    between = share * low + (1 - share) * high
    assert total(between) <= share * total(low) + (1 - share) * total(high) + 1e-9
    assert total(1000.0) == pytest.approx(total(8.0))
    assert total(0.5) == 0


def test_sums_are_standardised_by_usual_values_where_epochs_are_few_and_by_the_series_where_many(rng):
    few, many = np.full(2, 7.0), rng.normal(7, 2, 4000)
    assert standardise_sum(few, np.ones(2, bool), 5.0, 1.0) == pytest.approx([2, 2], rel=0.2)
    standard = standardise_sum(many, np.ones(4000, bool), 5.0, 1.0)
    assert standard.mean() == pytest.approx(0, abs=0.1)
    assert standard.std() == pytest.approx(1, abs=0.1)


@given(arrays(float, 15, elements=st.floats(0, 1e6)), arrays(bool, 15))
def test_standardising_sums_keeps_their_order(total, good):
    standard = standardise_sum(total, good, 1.0, 0.5)
    assert np.isfinite(standard).all()
    assert (np.diff(standard[np.argsort(total)]) >= 0).all()
