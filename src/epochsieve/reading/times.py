"""When an epoch was exposed, from its header. `DATE` is when the file was written and is never asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import inf, isfinite, nan

from epochsieve.reading.headers import Lookup, to_number

_MIDDLES = ("MJD-AVG", "MJD-MID")
_ENDS = (("MJD-BEG", "MJD-END"), ("MJDSTART", "MJDEND"), ("DATE-BEG", "DATE-END"))
_CLOCKS = ("UT", "UTC-OBS", "TIME-OBS", "UTSTART")
_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_JD_OF_MJD_ZERO = 2400000.5
_SMALLEST_JD = 2400000.0
_SECONDS_PER_DAY = 86400.0
_DATE_ONLY = len("2020-05-28")


def read_times(look_up: Lookup, time_key: str = "") -> tuple[float, float]:
    """Find the time of mid-exposure and how long the image took from its beginning to its end.

    In this order: MJD-AVG, MJD-MID; the middle of MJD-BEG and MJD-END, MJDSTART and MJDEND, DATE-BEG and DATE-END;
    MJD-OBS or DATE-OBS plus half of EXPTIME. A DATE-OBS without a time of day is completed by UT, UTC-OBS, TIME-OBS
    or UTSTART, and is no time at all where none of them is there.

    Parameters
    ----------
    look_up : callable
        Header key to `Card`.
    time_key : str
        Key of the mid-exposure time, instead of all these.

    Returns
    -------
    mjd : float
        Mid-exposure, modified Julian date in days; NaN where unknown. Julian dates are converted; smaller numbers
        under `time_key` (BJD - 2454833 and the like) stay as they are.
    span_days : float
        From the beginning to the end of what went into the image; NaN where the header does not state both.
    """
    begin, end = next((pair for pair in _intervals(look_up) if 0 < pair[0] <= pair[1]), (nan, nan))
    if time_key:
        return to_mjd(look_up(time_key).value), end - begin
    candidates = (*(to_mjd(look_up(key).value) for key in _MIDDLES), (begin + end) / 2, _middle_from_start(look_up))
    return next((mjd for mjd in candidates if mjd > 0), nan), end - begin


def to_mjd(value: bool | float | str | None) -> float:
    """Convert a header value to a modified Julian date.

    Parameters
    ----------
    value : bool, float, str or None
        MJD or JD in days, or ISO 8601 text; UTC where that names no zone.

    Returns
    -------
    float
        Days; NaN for what is no time. Numbers up to 2400000 are returned as they are.
    """
    days = to_number(value)
    if isinstance(value, str) and not isfinite(days):
        return _parse_iso(value)
    if not isfinite(days):
        return nan
    return days - _JD_OF_MJD_ZERO if days > _SMALLEST_JD else days


def _intervals(look_up: Lookup) -> Iterator[tuple[float, float]]:
    """Read beginning and end under each pair of keys."""
    return ((to_mjd(look_up(begin).value), to_mjd(look_up(end).value)) for begin, end in _ENDS)


def _middle_from_start(look_up: Lookup) -> float:
    """Add half of the exposure, where it is stated, to the start."""
    start = to_mjd(look_up("MJD-OBS").value)
    if not start > 0:
        start = _start_from_date(look_up)
    exposure_seconds = to_number(look_up("EXPTIME").value)
    return start + exposure_seconds / 2 / _SECONDS_PER_DAY if 0 < exposure_seconds < inf else start


def _start_from_date(look_up: Lookup) -> float:
    """Read DATE-OBS, and the clock from its own key where the date has none."""
    date = look_up("DATE-OBS").value
    if not isinstance(date, str) or len(date.strip()) > _DATE_ONLY:
        return to_mjd(date)
    clocks = (look_up(key).value for key in _CLOCKS)
    times = (_parse_iso(f"{date.strip()}T{clock.strip()}") for clock in clocks if isinstance(clock, str))
    return next(filter(isfinite, times), nan)


def _parse_iso(text: str) -> float:
    """Convert ISO 8601 text with a time of day to MJD; NaN for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return nan
    if len(text.strip()) <= _DATE_ONLY:
        return nan
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _MJD_ZERO) / timedelta(days=1)
