"""Labelled real series: what counts, and what simple things reach on them."""

from pathlib import Path

import numpy as np
import pytest

from epochsieve.simulating import labelled
from epochsieve.simulating.baselines.pixels import score_pixels
from epochsieve.simulating.baselines.ranked import Ranked
from epochsieve.simulating.labelled import (
    judge_labelled,
    list_labelled,
    measure_labelled,
    summarise_labelled,
)
from epochsieve.vocabulary.series import CutoutSeries, Epoch

DATA = Path(__file__).parents[2] / "../shared/data"
PIXELS = Ranked("pixels", score_pixels)
TABLE = """object,file,bad,reason
one,a,0,
one,b,1,seeing
one,c,1,seeing;edge
one,d,-1,bright_sky
two,a,1,trailed
two,b,0,
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "labels.csv").write_text(TABLE)
    return tmp_path


class ByLevel:
    """Scores an epoch by its median and flags it from 10."""

    name = "level"

    def judge(self, series):
        from epochsieve.judging.rows import build_findings

        level = np.median(series.cube, axis=(1, 2))
        return build_findings(series, {"score": level, "threshold": 10.0, "flagged": level >= 10}, {})


def make_series(name, **levels):
    epochs = tuple(Epoch(file, np.full((5, 5), level, np.float32)) for file, level in levels.items())
    return CutoutSeries(name, np.zeros((5, 5), np.float32), epochs)


@pytest.fixture
def series():
    return [make_series("one", a=1, b=2, c=30, d=99), make_series("two", a=40, b=20)]


def test_labels_go_to_the_object_of_their_name(root, series):
    outcomes = judge_labelled(ByLevel(), root, series)
    assert outcomes.score.tolist() == [1, 2, 30, 40, 20]
    assert outcomes.bad.tolist() == [False, True, True, True, False]


def test_only_epochs_with_no_other_reason_than_seeing_are_counted_apart(root, series):
    quality = measure_labelled(ByLevel(), root, series)
    assert quality.everything.bad == 3
    assert quality.without_seeing.bad == 2
    assert quality.everything.shipped.recall.hits == quality.without_seeing.shipped.recall.hits == 2
    assert quality.without_seeing.shipped.false_alarms.hits == 1


def test_mean_roc_area_asks_for_order_within_objects_only(root, series):
    shifted = [series[0], make_series("two", a=0, b=-1)]
    quality = measure_labelled(ByLevel(), root, shifted)
    assert quality.mean_roc_area == 1.0
    assert quality.without_seeing.roc_area < 1.0


def test_labelled_objects_come_twice_where_some_have_poor_seeing_only(root):
    specimens = list_labelled(root)
    groups = [specimen.group for specimen in specimens]
    assert groups == [(root.name, "labelled")] * 2 + [(root.name, "without seeing")] * 2
    (root / "labels.csv").write_text(TABLE.replace("seeing", "blur"))
    assert [specimen.folder.name for specimen in list_labelled(root)] == ["one", "two"]


def test_poor_seeing_alone_does_not_count_in_the_second_round(root, monkeypatch, series):
    monkeypatch.setattr(labelled, "read_series", lambda _: series[0])
    first, _, second, _ = list_labelled(root)
    assert [label.file for label in first.make().truth] == ["a", "b", "c"]
    assert [label.file for label in second.make().truth] == ["a", "c"]


@pytest.mark.skipif(not DATA.is_dir(), reason="real data is not here")
@pytest.mark.parametrize(("name", "area"), [("saao", 0.97), ("hatp32", 0.998), ("k2", 1.0)])
def test_normalised_pixels_rank_real_series_as_well_as_is_known_of_them(name, area):
    quality = summarise_labelled(judge_labelled(PIXELS, DATA / name))
    assert quality.mean_roc_area >= area - 0.0005
