"""Rankings: what average precision, ROC area and thresholds have to obey."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.simulating.ranking import (
    CURVE_RECALLS,
    compute_average_precision,
    compute_roc_area,
    find_threshold,
    trace_curve,
)

ranked_epochs = st.lists(
    st.tuples(st.integers(-5, 5).map(float) | st.just(float("inf")), st.booleans()), min_size=2, max_size=40
).filter(lambda rows: 0 < sum(bad for _, bad in rows) < len(rows))


def _split(rows):
    return np.array([score for score, _ in rows]), np.array([bad for _, bad in rows])


@given(ranked_epochs)
def test_average_precision_is_the_sum_over_distinct_thresholds(rows):
    score, bad = _split(rows)
    area, found_before = 0.0, 0
    for threshold in sorted(set(score), reverse=True):
        chosen = score >= threshold
        found = (chosen & bad).sum()
        area += (found - found_before) / bad.sum() * found / chosen.sum()
        found_before = found
    assert compute_average_precision(score, bad) == pytest.approx(area)


@given(ranked_epochs)
def test_roc_area_is_the_chance_that_a_bad_epoch_scores_higher(rows):
    score, bad = _split(rows)
    wins = [(b > g) + 0.5 * (b == g) for b in score[bad] for g in score[~bad]]
    assert compute_roc_area(score, bad) == pytest.approx(np.mean(wins))


@given(ranked_epochs, st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_of_epochs(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert compute_average_precision(*_split(rows)) == pytest.approx(compute_average_precision(*_split(shuffled)))
    assert trace_curve(*_split(rows)) == pytest.approx(trace_curve(*_split(shuffled)))


@given(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=300), st.floats(0, 1))
def test_threshold_flags_at_most_the_rate_and_lowering_it_would_flag_more(good, rate):
    scores = np.array(good)
    threshold = find_threshold(scores, rate)
    assert (scores > threshold).sum() <= rate * len(scores) + 1e-6
    assert (scores >= threshold).sum() > rate * len(scores) - 1e-6


def test_perfect_ranking_reaches_one_everywhere():
    score, bad = np.array([3.0, 2.0, 1.0, 0.0]), np.array([True, True, False, False])
    assert compute_average_precision(score, bad) == compute_roc_area(score, bad) == 1.0
    assert trace_curve(score, bad) == (1.0,) * len(CURVE_RECALLS)


def test_one_score_for_all_ranks_like_chance():
    score, bad = np.zeros(10), np.arange(10) < 3
    assert compute_average_precision(score, bad) == pytest.approx(0.3)
    assert compute_roc_area(score, bad) == 0.5


def test_curve_never_rises_with_recall():
    rng = np.random.default_rng(1)
    curve = trace_curve(rng.normal(size=200), rng.random(200) < 0.2)
    assert (np.diff(curve) <= 0).all()


def test_figures_of_nothing_bad_are_absent():
    score, bad = np.arange(4.0), np.zeros(4, bool)
    assert isnan(compute_average_precision(score, bad))
    assert isnan(compute_roc_area(score, bad))
    assert all(isnan(value) for value in trace_curve(score, bad))
