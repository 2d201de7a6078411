"""Every epoch has a row, whatever a method says of the usable ones."""

import numpy as np
import pytest

from epochsieve.judging.rows import build_findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries, Epoch

IMAGE = np.zeros((3, 4), np.float32)
EPOCHS = (
    Epoch("a.fits", IMAGE, mjd=1.0),
    Epoch("b.fits", None, mjd=2.0, status="truncated"),
    Epoch("c.fits", IMAGE, mjd=3.0, fwhm=2.5),
)
SERIES = CutoutSeries("field", IMAGE, EPOCHS, origin="somewhere/field")


def test_usable_rows_are_filled_in_order_and_unusable_ones_are_flagged_with_their_status():
    columns = {"score": [1.5, 4.0], "flagged": [False, True], "flags": [0, Flag.TRAIL | Flag.POINT], "score_a": [7, 8]}
    findings = build_findings(SERIES, columns, {"method": "test"})
    np.testing.assert_array_equal(findings.score, [1.5, np.nan, 4.0])
    np.testing.assert_array_equal(findings.score_a, [7, np.nan, 8])
    assert findings.flagged.tolist() == [False, True, True]
    assert findings.reasons.tolist() == ["", "unreadable", "trail,point"]
    assert findings.status.tolist() == ["ok", "truncated", "ok"]


def test_the_series_own_facts_are_in_every_row():
    findings = build_findings(SERIES, {}, {})
    assert findings.object.tolist() == ["field"] * 3
    assert findings.file.tolist() == ["a.fits", "b.fits", "c.fits"]
    assert findings.epoch.tolist() == [1, 2, 3]
    assert findings.mjd.tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(findings.fwhm, [np.nan, np.nan, 2.5])
    assert findings.origins == {"field": "somewhere/field"}


def test_a_method_that_measures_the_seeing_has_the_last_word():
    np.testing.assert_array_equal(build_findings(SERIES, {"fwhm": [3, 4]}, {}).fwhm, [3, np.nan, 4])


def test_a_threshold_for_all_holds_for_unusable_epochs_too():
    assert build_findings(SERIES, {"threshold": 2.0}, {}).threshold.tolist() == [2.0] * 3


def test_a_series_that_was_never_in_a_folder_has_no_origin():
    assert build_findings(CutoutSeries("field", IMAGE, EPOCHS), {}, {}).origins == {}


def test_a_column_of_another_length_is_a_programming_error():
    with pytest.raises(ValueError, match="cannot assign 3 input values"):
        build_findings(SERIES, {"score": [1, 2, 3]}, {})
