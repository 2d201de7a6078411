import numpy as np
import pytest

from epochsieve.showing.ranking import find_flagged, find_unusable, write_date, write_number, write_reasons
from epochsieve.showing.sheet import shorten
from epochsieve.vocabulary.findings import Findings

FINDINGS = Findings(
    {
        "score": [3.0, 9.0, np.nan, 1.0, 9.0, np.nan],
        "flagged": [True, True, True, False, True, True],
        "status": ["ok", "ok", "not a FITS file", "ok", "ok", "ok"],
    }
)


def test_flagged_epochs_come_worst_first_and_ties_in_time_order():
    assert find_flagged(FINDINGS).tolist() == [5, 1, 4, 0]


def test_epochs_without_an_image_are_found_apart():
    assert find_unusable(FINDINGS).tolist() == [2]


@pytest.mark.parametrize(
    ("mjd", "text"), [(40587.0, "1970-01-01 00:00"), (60000.25, "2023-02-25 06:00"), (np.nan, ""), (1e9, "MJD 1e+09")]
)
def test_dates_are_calendar_dates(mjd, text):
    assert write_date(mjd) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (1.7, "1.70"), (29.04, "29.0"), (888.2, "888"), (999.9, "1,000"), (797123.0, "797,000")],
)
def test_numbers_have_three_digits(value, text):
    assert write_number(value) == text


def test_numbers_that_are_none_are_words():
    assert (write_number(np.nan), write_number(np.inf)) == ("unknown", "∞")


def test_long_names_keep_both_ends():
    assert shorten("field_000123_visit_7.fits", 13) == "fiel…t_7.fits"
    assert shorten("short.fits", 13) == "short.fits"


@pytest.mark.parametrize(
    ("longest", "text"),
    [(40, "trail, point, texture"), (20, "trail, point, 1 more"), (15, "trail, 2 more"), (1, "trail, 2 more")],
)
def test_reasons_that_do_not_fit_are_counted(longest, text):
    assert write_reasons("trail,point,texture", longest) == text


def test_no_reason_is_written_as_nothing():
    assert write_reasons("", 30) == ""
