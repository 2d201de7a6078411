"""Measures: who counts as what."""

import json
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.simulating.metrics import POWER_EDGES, Share, measure
from epochsieve.simulating.outcomes import Outcomes


def make_outcomes(*rows):
    """Make outcomes of rows (kind, bad, power, score, flagged)."""
    kind, bad, power, score, flagged = (np.array(column) for column in zip(*rows, strict=True))
    return Outcomes(
        object=np.array(["one"] * len(rows), object),
        kind=kind.astype(object),
        bad=bad.astype(bool),
        power=power.astype(float),
        score=score.astype(float),
        decided=np.ones(len(rows), bool),
        flagged=flagged.astype(bool),
        reasons=np.array([""] * len(rows), object),
    )


def good_epochs(count):
    return [("", False, 0.0, float(i) / count, False) for i in range(count)]


def test_false_alarms_are_counted_on_undisturbed_epochs_only():
    outcomes = make_outcomes(
        *good_epochs(100), *[("nova", False, 50.0, 9.0, True)] * 50, ("trail", True, 90.0, 5.0, True)
    )
    quality = measure(outcomes)
    assert quality.standard.false_alarms == Share(1, 100)
    assert quality.standard.recall == Share(1, 1)
    assert quality.standard.harmless == {"nova": Share(50, 50)}
    assert quality.average_precision == pytest.approx(1 / 51)


def test_recall_is_given_by_kind_by_power_and_for_strong_defects():
    outcomes = make_outcomes(
        *good_epochs(100),
        ("trail", True, 90.0, 5.0, True),
        ("trail", True, 4.0, 0.1, False),
        ("blank", True, 30.0, 0.2, False),
    )
    decisions = measure(outcomes).standard
    assert decisions.by_kind == {"blank": Share(0, 1), "trail": Share(1, 2)}
    assert decisions.weakest == ("blank", Share(0, 1))
    assert decisions.strong_recall == Share(1, 2)
    by_power = dict(zip(POWER_EDGES, measure(outcomes).by_power, strict=False))
    assert (by_power[0.0], by_power[25.0], by_power[50.0]) == (Share(0, 1), Share(0, 1), Share(1, 1))


def test_good_epoch_that_ties_with_the_threshold_is_no_false_alarm():
    quality = measure(make_outcomes(*[("", False, 0.0, 1.0, False)] * 100, ("trail", True, 90.0, 1.0, False)))
    assert quality.standard.false_alarms == Share(0, 100)
    assert quality.standard.recall == Share(0, 1)


def test_shipped_threshold_is_counted_by_decisions_not_by_scores():
    outcomes = make_outcomes(
        ("", False, 0.0, 0.0, True), ("", False, 0.0, 9.0, False), ("trail", True, 90.0, 1.0, True)
    )
    shipped = measure(outcomes).shipped
    assert shipped is not None
    assert (shipped.false_alarms, shipped.recall) == (Share(1, 2), Share(1, 1))


def test_method_without_threshold_has_no_shipped_figures():
    outcomes = make_outcomes(("", False, 0.0, 0.0, False), ("trail", True, 90.0, 1.0, False))
    ranking_only = Outcomes(**{**vars(outcomes), "decided": np.zeros(2, bool)})
    assert measure(ranking_only).shipped is None


def test_oracle_finds_what_stands_out_of_the_noise_and_one_in_a_hundred_of_nothing():
    assert measure(make_outcomes(("trail", True, 25.0, 0.0, False))).oracle == pytest.approx(1)
    assert measure(make_outcomes(("trail", True, 0.0, 0.0, False))).oracle == pytest.approx(0.01)
    assert measure(make_outcomes(("trail", True, 2.3263, 0.0, False))).oracle == pytest.approx(0.5, abs=1e-4)


def test_quality_of_epochs_without_defects_writes_as_json():
    text = json.dumps(measure(make_outcomes(*good_epochs(3))).to_json(), allow_nan=False)
    assert json.loads(text)["average_precision"] is None


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_interval_holds_the_share(counts):
    share = Share(*counts)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1


def test_interval_of_nothing_found_is_not_empty():
    low, high = Share(0, 100).interval
    assert low == pytest.approx(0, abs=1e-12)
    assert high == pytest.approx(0.037, abs=0.001)


def test_share_of_nothing_is_absent():
    assert isnan(Share(0, 0).value)
    assert Share(0, 0).to_json()["value"] is None
