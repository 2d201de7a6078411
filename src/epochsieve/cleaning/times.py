"""Times of light curves as modified Julian dates, whatever they are counted from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

JD_OF_MJD_ZERO = 2400000.5
SMALLEST_JD = 2400000.0
"""Larger numbers are Julian dates."""

ORIGINS = {"bkjd": 2454833.0, "2454833": 2454833.0, "btjd": 2457000.0, "2457000": 2457000.0}
"""Julian dates that Kepler and TESS count from, by what a unit says: ``BJD - 2457000, days``; lightkurve's ``btjd``."""


def to_mjd(values: NDArray[Any], unit: str, facts: Mapping[str, Any], zero: float | None = None) -> NDArray[np.float64]:
    """Convert times to modified Julian dates.

    Parameters
    ----------
    values : ndarray, shape (rows,)
        Days (seconds where the unit says so).
    unit : str
        The column's unit.
    facts : mapping
        Keywords beside the table: BJDREFI and BJDREFF, JDREFI and JDREFF, or MJDREF (MJDREFI and MJDREFF) say what the
        times are counted from, as the FITS standard and the Kepler and TESS archives have it.
    zero : float, optional
        The modified Julian date that times count from, where a user says so.

    Returns
    -------
    ndarray of float64, shape (rows,)
        Days; numbers from 2400000 are taken for Julian dates, and smaller ones are as they are where nothing says what
        they count from.
    """
    days = np.asarray(values, float) / (86400.0 if unit.strip() in {"s", "sec", "second", "seconds"} else 1.0)
    if zero is not None:
        return days + zero
    finite = days[np.isfinite(days)]
    if finite.size and np.median(finite) > SMALLEST_JD:
        return days - JD_OF_MJD_ZERO
    return days + _find_origin(unit, facts)


def _find_origin(unit: str, facts: Mapping[str, Any]) -> float:
    """Find what times are counted from, as a modified Julian date."""
    for prefix, zero in (("BJDREF", JD_OF_MJD_ZERO), ("JDREF", JD_OF_MJD_ZERO), ("MJDREF", 0.0)):
        parts = [facts.get(f"{prefix}{part}") for part in ("", "I", "F")]
        numbers = [float(part) for part in parts if isinstance(part, int | float)]
        if numbers:
            return sum(numbers) - zero
    return next((origin - JD_OF_MJD_ZERO for word, origin in ORIGINS.items() if word in unit.lower()), 0.0)
