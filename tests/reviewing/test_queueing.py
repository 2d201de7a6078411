from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from epochsieve.reviewing.queueing import CODES, Choice, Kept, Order, number_nights, queue_rows
from epochsieve.reviewing.verdicts import Ruling
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.catalogue import Catalogue, list_findings, read_catalogue


@pytest.fixture
def catalogue(results: Path) -> Catalogue:
    return read_catalogue(results)


def choose(catalogue: Catalogue, choice: Choice, ruled: dict[int, Ruling] | None = None) -> list[int]:
    codes = np.zeros(len(catalogue), np.int8)
    for row, ruling in (ruled or {}).items():
        codes[row] = CODES[ruling]
    return queue_rows(catalogue, choice, number_nights(catalogue.mjd), codes).tolist()


def test_the_worst_come_first_and_flagged_ones_only_unless_all_are_asked_for(catalogue: Catalogue) -> None:
    rows = choose(catalogue, Choice())
    assert catalogue.flagged[rows].all()
    assert (np.diff(catalogue.score[rows]) <= 0).all()
    assert sorted(choose(catalogue, Choice(flagged=False))) == list(range(24))


def test_the_most_uncertain_lie_nearest_to_the_threshold(catalogue: Catalogue) -> None:
    rows = choose(catalogue, Choice(order=Order.UNCERTAIN, flagged=False))
    assert (np.diff(np.abs(catalogue.score[rows] - 2)) >= 0).all()


def test_filters_keep_what_they_say(catalogue: Catalogue) -> None:
    assert choose(catalogue, Choice(reason="blank")) == [7, 15, 23]
    assert set(choose(catalogue, Choice(name="ALP", flagged=False))) == set(range(8))
    assert set(choose(catalogue, Choice(night=60002, flagged=False))) == {2, 10, 18}
    assert choose(catalogue, Choice(lowest=8.5)) == [1, 3, 5]


def test_verdicts_filter_too(catalogue: Catalogue) -> None:
    ruled = {1: Ruling.BAD, 3: Ruling.GOOD}
    assert choose(catalogue, Choice(kept=Kept.BAD), ruled) == [1]
    assert choose(catalogue, Choice(kept=Kept.JUDGED), ruled) == [1, 3]
    assert not {1, 3} & set(choose(catalogue, Choice(kept=Kept.OPEN), ruled))


def test_what_was_learnt_can_lead_the_queue_once_it_was(catalogue: Catalogue) -> None:
    choice = Choice(order=Order.LEARNT)
    with pytest.raises(SettingError, match="nothing was learnt"):
        choose(catalogue, choice)
    bad = np.linspace(0, 1, len(catalogue)).astype(np.float32)
    rows = queue_rows(catalogue, choice, number_nights(catalogue.mjd), np.zeros(len(catalogue), np.int8), bad)
    assert rows.tolist() == np.flatnonzero(catalogue.flagged)[::-1].tolist()


def test_a_reason_that_does_not_exist_is_a_clear_error(catalogue: Catalogue) -> None:
    with pytest.raises(SettingError, match="no reason 'moon'"):
        choose(catalogue, Choice(reason="moon"))


def test_epochs_without_a_score_come_last_and_none_is_lost(catalogue: Catalogue) -> None:
    score = catalogue.score.copy()
    score[[1, 4]] = np.nan
    for order in (Order.WORST, Order.UNCERTAIN):
        rows = choose(replace(catalogue, score=score), Choice(order=order, flagged=False))
        assert set(rows[-2:]) == {1, 4}
        assert len(rows) == 24


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_objects_in_the_findings_decides_between_equals_only(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(24).tolist()
    columns = {"object": [f"o{i}" for i in order], "file": ["f"] * 24, "score": np.array(order, float)}
    catalogue = list_findings(Findings({**columns, "flagged": [True] * 24}))
    rows = choose(catalogue, Choice())
    assert [int(name[1:]) for name in catalogue.names[rows]] == list(range(23, -1, -1))


@pytest.mark.parametrize("start", [0.95, 0.2, 0.6])
def test_a_night_is_one_wherever_on_earth(start: float) -> None:
    times = np.concatenate([night + start + np.linspace(0, 0.4, 9) for night in range(60000, 60005)])
    nights = number_nights(times).reshape(5, 9)
    assert (nights == nights[:, :1]).all()
    assert len(np.unique(nights)) == 5


def test_epochs_of_unknown_time_are_in_no_night() -> None:
    assert number_nights(np.array([np.nan, 60000.2, 1e300])).tolist()[::2] == [0, 0]
