"""Judgements beside truth: every epoch counts, as what it is."""

from dataclasses import dataclass

import numpy as np

from epochsieve.simulating.outcomes import compare_with_truth, concatenate_outcomes
from epochsieve.vocabulary.findings import Findings


@dataclass(frozen=True)
class Known:
    file: str
    kind: str = ""
    bad: bool = False
    power: float = 0.0


def make_findings(**columns):
    rows = len(columns["file"])
    return Findings({"object": ["one"] * rows, "status": ["ok"] * rows, "threshold": [2.0] * rows} | columns)


def test_truth_is_matched_by_file_name():
    outcomes = compare_with_truth(
        make_findings(file=["a", "b"], score=[1.0, 2.0]), [Known("b", "trail", bad=True, power=7.0), Known("a")]
    )
    assert outcomes.kind.tolist() == ["", "trail"]
    assert outcomes.power.tolist() == [0.0, 7.0]
    assert outcomes.good.tolist() == [True, False]


def test_epochs_without_truth_are_left_out():
    outcomes = compare_with_truth(make_findings(file=["a", "b", "c"], score=[1.0, 2.0, 3.0]), [Known("a"), Known("c")])
    assert outcomes.score.tolist() == [1.0, 3.0]


def test_unusable_epochs_are_infinitely_bad_and_flagged():
    outcomes = compare_with_truth(make_findings(file=["a"], score=[np.nan], status=["truncated"]), [Known("a")])
    assert outcomes.score.tolist() == [np.inf]
    assert outcomes.flagged.tolist() == [True]


def test_epoch_without_score_ranks_by_its_flag():
    outcomes = compare_with_truth(
        make_findings(file=["a", "b"], score=[np.nan, np.nan], flagged=[True, False]), [Known("a"), Known("b")]
    )
    assert outcomes.score.tolist() == [np.inf, -np.inf]


def test_threshold_of_nan_decides_nothing():
    outcomes = compare_with_truth(make_findings(file=["a"], score=[1.0], threshold=[np.nan]), [Known("a")])
    assert outcomes.decided.tolist() == [False]


def test_harmless_change_is_neither_good_nor_bad():
    outcomes = compare_with_truth(make_findings(file=["a"], score=[1.0]), [Known("a", "nova")])
    assert outcomes.harmless.tolist() == [True]
    assert not outcomes.good.any()
    assert not outcomes.bad.any()


def test_concatenation_keeps_rows_in_order():
    one = compare_with_truth(make_findings(file=["a"], score=[1.0]), [Known("a")])
    two = compare_with_truth(make_findings(file=["b"], score=[2.0]), [Known("b", "trail", bad=True)])
    both = concatenate_outcomes([one, two])
    assert both.score.tolist() == [1.0, 2.0]
    assert both.bad.tolist() == [False, True]
