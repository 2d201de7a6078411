"""The benchmark's small version: the default method must not fall below a floor."""

import pytest

from epochsieve.methods import open_method
from epochsieve.running.in_process import InProcess
from epochsieve.simulating.benchmark import measure_quality
from epochsieve.simulating.results import Row
from epochsieve.simulating.specimens import Plan


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    plan = Plan(surveys=("vst", "space", "raw"), objects=3, seed=7)
    methods = {"sieve": open_method("sieve"), "paper": open_method("paper")}
    return measure_quality(methods, plan.specimens(), InProcess(), lambda _: None)


def by_method(rows: list[Row], method: str) -> list[Row]:
    return [row for row in rows if row.method == method]


def test_the_default_method_ranks_defects_first(rows):
    assert all(row.quality.average_precision > 0.95 for row in by_method(rows, "sieve"))


def test_the_default_threshold_finds_most_defects_with_few_false_alarms(rows):
    for row in by_method(rows, "sieve"):
        assert row.quality.shipped is not None
        assert row.quality.shipped.strong_recall.value > 0.92
        assert row.quality.shipped.false_alarms.value < 0.025


def test_the_default_method_ranks_better_than_the_published_one(rows):
    pairs = zip(by_method(rows, "sieve"), by_method(rows, "paper"), strict=True)
    assert all(ours.quality.average_precision > theirs.quality.average_precision for ours, theirs in pairs)
