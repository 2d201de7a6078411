from collections.abc import Callable

import numpy as np
import pytest

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.writing.unjudged import report_given_up, report_unjudged, report_unread


def test_every_file_of_a_folder_that_is_no_series_has_a_row() -> None:
    findings = report_unread("0070", ["a.fits", "b.fits"], "nothing but text")
    assert list(findings["file"]) == ["a.fits", "b.fits"]
    assert list(findings["status"]) == ["not read: nothing but text"] * 2
    assert findings["flagged"].all()
    assert list(findings["reasons"]) == ["unreadable"] * 2


@pytest.mark.parametrize("report", [report_unread, report_given_up])
def test_an_object_without_any_file_still_has_a_row(report: Callable[[str, list[str], str], Findings]) -> None:
    assert list(report("0070", [], "it vanished")["object"]) == ["0070"]


def test_files_that_nobody_could_work_on_have_rows_and_are_not_blamed() -> None:
    findings = report_given_up("0070", ["a.fits", "b.fits"], "out of memory")
    assert list(findings["status"]) == ["not judged: out of memory"] * 2
    assert list(findings["epoch"]) == [1, 2]
    assert not findings["flagged"].any()
    assert not findings["flags"].any()


def test_epochs_whose_judging_failed_are_not_blamed_and_unusable_ones_keep_their_status() -> None:
    pixels = np.ones((3, 3), np.float32)
    epochs = (Epoch("a.fits", pixels, 1.0), Epoch("b.fits", None, status="truncated"))
    findings = report_unjudged(CutoutSeries("0070", pixels, epochs), "out of luck")
    assert list(findings["status"]) == ["not judged: out of luck", "truncated"]
    assert list(findings["flagged"]) == [False, True]
    assert list(findings["reasons"]) == ["", "unreadable"]
    assert np.isnan(findings["score"]).all()
