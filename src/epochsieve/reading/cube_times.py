"""What is known of a cube's planes: their times, names and flags, from a table beside the cube or from its header."""

from collections.abc import Iterable, Iterator
from math import isfinite, nan
from typing import Any, NamedTuple

import numpy as np

from epochsieve.reading.headers import Lookup, look_up_in, to_number
from epochsieve.reading.times import to_mjd

_MIDDLES = ("MJD", "MJD_MID", "MJD-MID", "MJD_AVG", "MJD-AVG", "TIME", "BJD", "HJD", "JD")
_STARTS = ("MJD_OBS", "MJD-OBS", "DATE_OBS", "DATE-OBS")
_NAMES = ("FILE", "FILENAME", "FILE_NAME", "NAME")
_TIME_AXES = ("TIME", "UTC", "TAI", "TT", "TDB", "UT1", "TCB", "TCG", "ET", "GPS")
_SECONDS_PER_DAY = 86400.0
_JD_OF_MJD_ZERO = 2400000.5
_LARGEST_FLAGS = 2**31 - 1


class PlaneFacts(NamedTuple):
    """What is known of the planes, in their order.

    Attributes
    ----------
    files : list of str
        Their names, each once.
    mjd : list of float
        Mid-exposure, days; NaN where unknown.
    quality : list of int
        Flags; 0 where there are none.
    """

    files: list[str]
    mjd: list[float]
    quality: list[int]


def read_plane_facts(hdus: Any, cube: Any, count: int, time_key: str = "") -> PlaneFacts:
    """Find out what the file says of a cube's planes.

    Times come from the first table with a row for each plane and a column of times; else from the axis of time, by
    its WCS keys; else from a numbered key for each plane, MJD1, MJD2, ...

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        The open file.
    cube : HDU
        That of the cube.
    count : int
        How many planes it has.
    time_key : str
        Name of the column, or of the key without its number, instead of the usual ones.

    Returns
    -------
    PlaneFacts
        Planes without a name in the table are numbered from 1.
    """
    look_up = look_up_in([cube.header, hdus[0].header])
    tables = [hdu for hdu in hdus if _count_rows(hdu) == count]
    mjd = next(filter(None, (_read_times(hdu, time_key) for hdu in tables)), None)
    names = next(filter(None, map(_read_names, tables)), None)
    quality = next(filter(None, map(_read_quality, tables)), None)
    return PlaneFacts(
        names or [f"plane_{n:0{len(str(count))}d}" for n in range(1, count + 1)],
        mjd or _follow_axis(look_up, count, time_key) or _read_keys(look_up, count, time_key),
        quality or [0] * count,
    )


def _count_rows(hdu: Any) -> int:
    """Count a table's rows; another HDU has none."""
    is_table = hdu.header.get("XTENSION") in {"BINTABLE", "TABLE"} and not hdu.header.get("ZIMAGE")
    return int(hdu.header.get("NAXIS2", 0)) if is_table else 0


def _read_times(hdu: Any, time_key: str) -> list[float] | None:
    """Read a table's column of times as MJD, where it has one."""
    name = _find_column(hdu, [time_key] if time_key else (*_MIDDLES, *_STARTS))
    if name is None:
        return None
    column = hdu.data[name]
    if column.ndim != 1:
        return None
    if column.dtype.kind in "US":
        return [to_mjd(str(text)) for text in column]
    zero, unit = _find_zero(look_up_in([hdu.header])), str(hdu.columns[name].unit or "").strip().lower()
    return [_to_days(float(value), unit, zero) for value in column]


def _read_names(hdu: Any) -> list[str] | None:
    """Read a table's column of names, where it has one and they differ."""
    name = _find_column(hdu, _NAMES)
    if name is None or hdu.data[name].dtype.kind not in "US":
        return None
    names = [str(text).strip() for text in hdu.data[name]]
    return names if all(names) and len(set(names)) == len(names) else None


def _read_quality(hdu: Any) -> list[int] | None:
    """Read a table's column of flags, where it has one."""
    name = _find_column(hdu, ("QUALITY",))
    if name is None or hdu.data[name].dtype.kind not in "iu" or hdu.data[name].ndim != 1:
        return None
    return [int(flags) & _LARGEST_FLAGS for flags in hdu.data[name]]


def _find_column(hdu: Any, names: Iterable[str]) -> str | None:
    """Find the first of some columns that a table has."""
    present = {name.upper(): name for name in hdu.columns.names}
    return next((present[name.upper()] for name in names if name.upper() in present), None)


def _follow_axis(look_up: Lookup, count: int, time_key: str) -> list[float] | None:
    """Compute times along the third axis, where the header says that it is time."""
    kind = look_up("CTYPE3").value
    if time_key or not (isinstance(kind, str) and kind.strip().upper() in _TIME_AXES):
        return None
    value, pixel, step = (to_number(look_up(key).value) for key in ("CRVAL3", "CRPIX3", "CDELT3"))
    if not isfinite(step):
        step = to_number(look_up("CD3_3").value)
    unit = look_up("CUNIT3").value or look_up("TIMEUNIT").value
    first = value + (1 - (pixel if isfinite(pixel) else 0.0)) * step
    times = first + step * np.arange(count)
    return [_to_days(time, str(unit or "s").strip().lower(), _find_zero(look_up)) for time in times.tolist()]


def _read_keys(look_up: Lookup, count: int, time_key: str) -> list[float]:
    """Read a key for each plane; NaN where there is none."""
    stem = time_key or "MJD"
    found = ([look_up(key).value for key in _number_key(stem, n)] for n in range(1, count + 1))
    return [next((mjd for value in values if isfinite(mjd := to_mjd(value))), nan) for values in found]


def _number_key(stem: str, number: int) -> Iterator[str]:
    """List how a key for a plane may be written."""
    return (f"{stem}{middle}{number:0{width}d}" for middle in ("", "_") for width in (1, 2, 3, 4))


def _find_zero(look_up: Lookup) -> float:
    """Find the MJD from which a header counts its times; NaN where it names none."""
    number = {
        key: to_number(look_up(key).value) for key in ("MJDREF", "MJDREFI", "MJDREFF", "JDREF", "BJDREFI", "BJDREFF")
    }
    parts = {key: value for key, value in number.items() if isfinite(value)}
    if "MJDREF" in parts or "MJDREFI" in parts:
        return parts.get("MJDREF", parts.get("MJDREFI", 0.0) + parts.get("MJDREFF", 0.0))
    if "JDREF" in parts or "BJDREFI" in parts:
        return parts.get("JDREF", parts.get("BJDREFI", 0.0) + parts.get("BJDREFF", 0.0)) - _JD_OF_MJD_ZERO
    return to_mjd(look_up("DATEREF").value)


def _to_days(value: float, unit: str, zero: float) -> float:
    """Convert a time after a zero point, or since none, to MJD."""
    days = value / _SECONDS_PER_DAY if unit in {"s", "sec", "second", "seconds"} else value
    return days + zero if isfinite(zero) else to_mjd(days)
