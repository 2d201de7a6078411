"""What a benchmark shows: every table that has something to show, and a figure of the usual conditions."""

import numpy as np
import pytest

from epochsieve.simulating.outcomes import Outcomes
from epochsieve.simulating.quality_report import lay_out_quality, make_folder, write_quality
from epochsieve.simulating.results import make_row
from epochsieve.vocabulary.errors import ResultsError


def row(method="sieve", survey="vst", condition="usual", *, decides=True, kind="satellite_trail"):
    outcomes = Outcomes(
        object=np.full(4, "a", object),
        kind=np.array([kind, "nova", "", ""], object),
        bad=np.array([True, False, False, False]),
        power=np.full(4, 30.0),
        score=np.array([9.0, 2.0, 1.0, 0.0]),
        decided=np.full(4, decides),
        flagged=np.array([decides, False, False, False]),
        reasons=np.array(["trail", "", "", ""], object),
    )
    return make_row(method, survey, condition, outcomes, 0.1)


def titles(rows):
    return [block.split(" ", 3)[:3] for block in lay_out_quality(rows).split("\n\n")[::2]]


def test_methods_that_decide_have_tables_of_decisions_and_reasons():
    assert len(titles([row(decides=False)])) == 2
    with_decisions = titles([row(), row("paper"), row("pixels", decides=False)])
    assert len(with_decisions) == 5
    assert with_decisions[-2:] == [["Reasons", "that", "sieve"], ["Reasons", "that", "paper"]]


def test_labelled_reasons_are_no_defects():
    rows = [row(), row(survey="k2", condition="labelled", kind="drifted")]
    tables = lay_out_quality(rows).split("\n\n")
    defects, labelled = (tables[tables.index(title) + 1] for title in tables if title.startswith("Recall of each"))
    assert "satellite_trail" in defects
    assert "drifted" not in defects
    assert "drifted" in labelled


def test_reasons_are_pooled_over_surveys():
    lines = lay_out_quality([row(), row(survey="tiny")]).splitlines()
    assert lines[-1].split() == ["satellite_trail", "100.0", "trail", "2"]


def test_the_figure_shows_injections_beside_the_survey_of_the_same_name(tmp_path, monkeypatch):
    drawn = []

    def write_figure(rows, path):
        drawn.extend(rows)
        return path

    monkeypatch.setattr("epochsieve.simulating.quality_report.write_figure", write_figure)
    conditions = ("usual", "10 epochs", "injected", "labelled", "without seeing")
    write_quality([row(condition=condition) for condition in conditions], tmp_path, {})
    assert [shown.survey for shown in drawn] == ["vst", "vst injected"]


def test_labels_alone_make_no_figure(tmp_path):
    paths = write_quality([row(condition="labelled")], make_folder(tmp_path / "deep" / "er"), {"seed": 1})
    assert [path.name for path in paths] == ["quality.json"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ResultsError, match=r"can't write to .*file"):
        make_folder(tmp_path / "file")
