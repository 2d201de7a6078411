import math

import pytest
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.reading.headers import look_up_in
from epochsieve.reading.times import read_times, to_mjd

EVERYTHING = {
    "MJD-AVG": 1001.0,
    "MJD-MID": 1002.0,
    "MJD-BEG": 1003.0,
    "MJD-END": 1005.0,
    "MJDSTART": 1010.0,
    "MJDEND": 1014.0,
    "DATE-BEG": "1861-09-10T00:00:00",
    "DATE-END": "1861-09-12T00:00:00",
    "MJD-OBS": 1050.0,
    "DATE-OBS": "1861-11-01T00:00:00",
    "EXPTIME": 86400.0,
    "DATE": "2024-01-01T00:00:00",
}


def mjd_of(header, time_key=""):
    return read_times(look_up_in([header]), time_key)[0]


def span_of(header):
    return read_times(look_up_in([header]))[1]


def test_keys_are_asked_in_the_documented_order():
    header, found = dict(EVERYTHING), []
    for keys in (["MJD-AVG"], ["MJD-MID"], ["MJD-BEG"], ["MJDSTART"], ["DATE-BEG"], ["MJD-OBS"], ["DATE-OBS"]):
        found.append(mjd_of(header))
        for key in keys:
            del header[key]
    assert found == [1001, 1002, 1004, 1012, to_mjd("1861-09-11T00:00:00"), 1050.5, to_mjd("1861-11-01T12:00:00")]


def test_the_files_own_date_is_never_the_time():
    assert math.isnan(mjd_of({"DATE": "2013-05-07T14:31:20", "EXPTIME": 10.0}))


def test_half_of_the_exposure_is_added_only_where_it_is_stated():
    assert mjd_of({"MJD-OBS": 58107.25}) == 58107.25
    assert mjd_of({"MJD-OBS": 58107.25, "EXPTIME": -1.0}) == 58107.25
    assert mjd_of({"MJD-OBS": 58107.25, "EXPTIME": 8640.0}) == pytest.approx(58107.30, abs=1e-9)


@pytest.mark.parametrize("clock", ["UT", "UTC-OBS", "TIME-OBS", "UTSTART"])
def test_a_date_without_time_of_day_is_completed_from_the_clock(clock):
    header = {"DATE-OBS": "2013-06-27", clock: "23:13:12"}
    assert mjd_of(header) == pytest.approx(Time("2013-06-27T23:13:12").mjd, abs=1e-9)


def test_a_date_without_any_clock_is_no_time():
    assert math.isnan(mjd_of({"DATE-OBS": "2013-06-27", "EXPTIME": 300.0}))


def test_a_zone_in_the_date_is_honoured():
    assert mjd_of({"DATE-OBS": "2017-12-19T18:33:43.317-0700"}) == pytest.approx(Time("2017-12-20T01:33:43.317").mjd)


@pytest.mark.parametrize("broken", ["", "UNKNOWN", "20/11/20", "2020-13-01T00:00:00", True, None, 0.0, -1.0])
def test_placeholders_for_a_time_are_passed_over(broken):
    assert mjd_of({"MJD-AVG": broken, "MJD-OBS": broken, "DATE-OBS": "2020-05-28T12:00:00"}) == 58997.5


def test_an_interval_that_ends_before_it_begins_is_passed_over():
    assert mjd_of({"MJD-BEG": 5.0, "MJD-END": 4.0, "MJDSTART": 10.0, "MJDEND": 12.0}) == 11.0


def test_the_span_is_from_beginning_to_end():
    assert span_of({"MJDSTART": 55913.25, "MJDEND": 56064.0, "MJD-AVG": 55950.0}) == 150.75
    assert math.isnan(span_of({"MJD-OBS": 55913.25, "EXPTIME": 30.0}))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2459561.5, 59561.0),
        (59561.25, 59561.25),
        (2668.0965, 2668.0965),
        (-3.5, -3.5),
        ("2021-12-12T12:00:00", 59560.5),
        ("59561.25", 59561.25),
    ],
)
def test_the_users_key_may_hold_any_kind_of_time(value, expected):
    assert mjd_of({**EVERYTHING, "MYTIME": value}, "MYTIME") == pytest.approx(expected, abs=1e-9)


def test_where_the_users_key_is_absent_no_other_time_is_taken():
    assert math.isnan(mjd_of(EVERYTHING, "BKJD"))


@settings(deadline=None)
@given(st.datetimes())
def test_dates_convert_as_astropy_converts_them(moment):
    text = moment.isoformat()
    assert to_mjd(text) == pytest.approx(Time(text, format="isot", scale="tai").mjd, rel=0, abs=1e-9)
