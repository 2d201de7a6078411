import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.showing.scale import fit_scale
from epochsieve.vocabulary.findings import Findings

SCORES = st.lists(st.floats(0, 1e6) | st.just(np.nan) | st.just(np.inf), min_size=1, max_size=30)


def _findings(scores, threshold=2.0, distance=None):
    columns = {"score": scores, "threshold": [threshold] * len(scores)}
    return Findings(columns if distance is None else {**columns, "distance": distance})


@given(SCORES, st.floats(0.1, 1e3) | st.just(np.nan))
def test_scores_stand_in_their_order_on_the_axis(scores, threshold):
    scale = fit_scale(_findings(scores, threshold))
    places = scale.place(np.sort([score for score in scores if not np.isnan(score)]))
    assert np.all(np.diff(places) >= 0)
    assert np.all((places >= 0) & (places <= 1))


@given(SCORES, st.floats(0.1, 1e3))
def test_the_threshold_is_always_on_the_axis(scores, threshold):
    assert 0 <= fit_scale(_findings(scores, threshold)).place(threshold) <= 1


@given(SCORES, st.floats(0.1, 1e3))
def test_no_bin_lies_on_both_sides_of_the_threshold(scores, threshold):
    scale = fit_scale(_findings(scores, threshold))
    edges = np.array(scale.split(50))
    assert np.abs(edges - scale.place(threshold)).min() < 1e-9
    assert edges[0] <= 0
    assert edges[-1] >= 1 - 1e-9


@given(SCORES, st.floats(0.1, 1e3))
def test_ticks_are_few_and_on_the_axis(scores, threshold):
    scale = fit_scale(_findings(scores, threshold))
    ticks = scale.choose_ticks()
    assert 1 <= len(ticks) <= 13
    assert all(scale.low <= tick <= scale.high for tick in ticks)


def test_the_scale_is_even_where_scores_are_near_the_threshold():
    scale = fit_scale(_findings([0.0, 4.0]))
    assert scale.place(2.0) == pytest.approx((scale.place(1.0) + scale.place(3.0)) / 2)


def test_a_huge_score_leaves_room_for_the_others():
    scale = fit_scale(_findings([0.5, 1.0, 3.0, 300.0]))
    assert scale.place(2.0) > 0.1


def test_the_published_methods_scores_are_called_distances():
    assert "distance" in fit_scale(_findings([1.0, 2.0], distance=[1.0, 2.0])).title
    assert "false-alarm" in fit_scale(_findings([1.0, 2.0], distance=[7.0, 8.0])).title
    assert "false-alarm" in fit_scale(_findings([np.nan], distance=[np.nan])).title


def test_equal_scores_and_no_scores_have_a_scale_too():
    for scores in ([0.0, 0.0], [3.0], [np.nan, np.nan]):
        scale = fit_scale(_findings(scores, np.nan))
        assert scale.low < scale.high
