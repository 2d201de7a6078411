"""Findings: columns of the schema, a row per epoch, and their ways into other libraries."""

import pickle

import numpy as np
import pytest

from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import SCHEMA, Findings, concatenate_findings


@pytest.fixture
def findings() -> Findings:
    return Findings(
        {"object": ["a", "a", "b"], "file": ["1", "2", "1"], "mjd": [1.5, np.nan, 2.5], "score": [0.1, 3.0, np.nan],
         "flagged": [False, True, True], "score_line": [1.0, 9.0, 2.0]},
        {"method": "sieve"},
        {"a": "somewhere/a"},
    )  # fmt: skip


def test_columns_that_are_left_out_are_filled_with_missing(findings):
    assert np.isnan(findings.fwhm).all()
    assert findings.reasons.tolist() == ["", "", ""]
    assert findings.flags.tolist() == [0, 0, 0]


def test_columns_stand_in_the_order_of_the_schema_with_detectors_after_the_place(findings):
    names = list(findings.columns)
    assert [name for name in names if not name.startswith("score_")] == [column.name for column in SCHEMA]
    assert names[names.index("y") + 1] == "score_line"


def test_columns_cannot_be_changed(findings):
    with pytest.raises(ValueError, match="read-only"):
        findings.score[0] = 1


def test_an_unknown_column_is_refused():
    with pytest.raises(SettingError, match="colour"):
        Findings({"object": ["a"], "colour": ["red"]})


def test_columns_of_different_length_are_refused():
    with pytest.raises(SettingError, match="lengths"):
        Findings({"object": ["a"], "file": ["1", "2"]})


def test_an_unknown_attribute_is_an_attribute_error(findings):
    with pytest.raises(AttributeError, match="no column 'colour'"):
        _ = findings.colour


def test_selection_keeps_rows_settings_and_origins(findings):
    chosen = findings.select(findings.flagged)
    assert chosen.file.tolist() == ["2", "1"]
    assert (chosen.settings, chosen.origins) == (findings.settings, findings.origins)


def test_findings_survive_pickling(findings):
    again = pickle.loads(pickle.dumps(findings))
    assert again.to_arrow().equals(findings.to_arrow())
    assert again.origins == findings.origins


def test_missing_floats_become_nulls_in_arrow_and_nothing_else_does(findings):
    table = findings.to_arrow()
    assert table.column("mjd").null_count == 1
    assert table.column("score").null_count == 1
    assert table.column("reasons").null_count == 0
    assert table.column("flags").null_count == 0


def test_an_astropy_table_carries_units_and_descriptions(findings):
    table = findings.to_table()
    assert str(table["mjd"].unit) == "d"
    assert table["score_line"].description.startswith("raw score")
    assert table.meta["method"] == "sieve"


def test_a_data_frame_has_the_same_rows(findings):
    pandas = pytest.importorskip("pandas")
    frame = findings.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["file"].tolist() == findings.file.tolist()


def test_concatenation_keeps_all_rows_and_fills_what_one_part_lacks(findings):
    other = Findings({"object": ["c"], "file": ["9"], "score_pixel": [4.0]}, origins={"c": "elsewhere"})
    both = concatenate_findings([findings, other])
    assert len(both) == 4
    assert np.isnan(both.score_pixel[:3]).all()
    assert np.isnan(both.score_line[3])
    assert both.origins == {"a": "somewhere/a", "c": "elsewhere"}


def test_rows_are_plain_python_values(findings):
    row = next(findings.rows())
    assert type(row["score"]) is float
    assert type(row["flagged"]) is bool
