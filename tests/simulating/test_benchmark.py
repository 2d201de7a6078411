"""The benchmark: a row per method, survey and condition, from methods that know more or less."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

from epochsieve.judging.rows import build_findings
from epochsieve.running.in_process import InProcess
from epochsieve.simulating.baselines.pixels import score_pixels
from epochsieve.simulating.baselines.ranked import Ranked
from epochsieve.simulating.benchmark import measure_quality
from epochsieve.simulating.conditions import Condition
from epochsieve.simulating.metrics import Share
from epochsieve.simulating.quality_figure import draw_quality, write_figure
from epochsieve.simulating.quality_table import format_decisions, format_kinds, format_ranking, format_reasons
from epochsieve.simulating.results import write_json
from epochsieve.simulating.specimens import Plan
from epochsieve.vocabulary.flags import Flag

PLAN = Plan(
    surveys=("coarse", "tiny"),
    conditions=(Condition("usual", epochs=16, bad_fraction=0.3), Condition("short", epochs=8)),
    objects=2,
)


@dataclass(frozen=True)
class Oracle:
    """Knows the truth of every epoch of a plan, and flags what is bad."""

    bad: dict[tuple[str, int, str], bool]
    name: str = "oracle"

    def judge(self, series):
        flagged = np.array([self.bad[series.name, len(series), epoch.file] for epoch in series.epochs])
        return build_findings(
            series,
            {"score": flagged[series.usable], "threshold": 0.5, "flagged": flagged[series.usable]}
            | {"flags": np.where(flagged[series.usable], int(Flag.TRAIL), 0)},
            {},
        )


@pytest.fixture(scope="module")
def rows():
    made = [specimen.make() for specimen in PLAN.specimens()]
    known = {(one.series.name, len(one.series), truth.file): truth.bad for one in made for truth in one.truth}
    methods = {"oracle": Oracle(known), "pixels": Ranked("pixels", score_pixels)}
    done = []
    rows = measure_quality(methods, PLAN.specimens(), InProcess(), done.append)
    assert done == [16, 16, 8, 8] * 2
    return rows


def test_there_is_a_row_per_survey_condition_and_method(rows):
    names = [(row.survey, row.condition, row.method) for row in rows]
    surveys, conditions = ("coarse", "tiny"), ("usual", "short")
    assert names == [(s, c, m) for s in surveys for c in conditions for m in ("oracle", "pixels")]
    assert {row.objects for row in rows} == {2}


def test_oracle_makes_no_mistake_and_a_baseline_does(rows):
    oracle, pixels = rows[0].quality, rows[1].quality
    assert oracle.average_precision == oracle.roc_area == 1
    assert oracle.shipped.false_alarms.hits == 0
    assert oracle.shipped.recall == Share(oracle.bad, oracle.bad)
    assert pixels.average_precision < 1
    assert pixels.shipped is None


def test_reasons_are_tabulated_for_methods_that_decide_only(rows):
    assert rows[0].reasons["good"].keys() == {"-"}
    assert all(set(given) == {"trail"} for kind, given in rows[0].reasons.items() if rows[0].fitting.get(kind))
    assert rows[1].reasons == {}


def test_tables_have_a_line_per_row_under_a_heading(rows):
    assert len(format_ranking(rows).splitlines()) == len(rows) + 2
    assert len(format_decisions(rows).splitlines()) == len(rows) / 2 + 2
    assert {line.split()[0] for line in format_decisions(rows).splitlines()[2:]} == {"oracle"}


def test_defects_have_a_line_each_with_all_rows_pooled(rows):
    lines = [line.split() for line in format_kinds(rows).splitlines()]
    kinds = {kind for row in rows for kind in row.quality.standard.by_kind}
    assert lines[0] == ["defect", "oracle", "pixels"]
    assert {line[0] for line in lines[2:]} == kinds
    assert {line[1] for line in lines[2:]} == {"100.0"}


def test_reasons_have_a_line_per_kind(rows):
    assert len(format_reasons(rows[:1]).splitlines()) == len(rows[0].reasons) + 2


def test_results_are_read_back_from_json(rows, tmp_path):
    content = json.loads(write_json(rows, tmp_path / "quality.json", {"plan": PLAN.describe()}).read_text())
    assert content["plan"]["objects"] == 2
    assert [row["method"] for row in content["rows"]] == [row.method for row in rows]
    assert content["rows"][0]["quality"]["average_precision"] == 1
    assert content["rows"][1]["quality"]["shipped"] is None


def test_figure_shows_the_first_method_by_survey_and_every_survey_as_a_curve(rows):
    usual = [row for row in rows if row.condition == "usual"]
    above, below = draw_quality(usual).subfigs
    assert [label.get_text() for label in above.axes[0].get_xticklabels()] == ["coarse", "tiny"]
    assert [label.get_text() for label in above.axes[1].get_xticklabels()] == ["oracle", "pixels"]
    assert [panel.get_title() for panel in below.axes] == ["coarse", "tiny"]
    assert [len(panel.lines) for panel in below.axes] == [2, 2]


def test_figure_is_written_in_the_format_of_its_suffix(rows, tmp_path):
    one = [row for row in rows if row.condition == "usual" and row.survey == "tiny"]
    assert write_figure(one, tmp_path / "quality.png").read_bytes().startswith(b"\x89PNG")
