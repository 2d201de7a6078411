"""Which epochs a picture shows, in which order, and the words it starts with."""

from datetime import UTC, datetime, timedelta
from math import isfinite, isnan

import numpy as np
from numpy.typing import NDArray

from epochsieve.showing.sheet import GREY, MARGIN, Sheet, shorten
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import OK

UNIX_EPOCH_MJD = 40587.0
"""Modified Julian date of 1970-01-01."""

GROUPED = 1000
"""Number from which digits stand in groups."""

LATEST_MJD = 2973483.0
"""Modified Julian date of the year 10000, from which calendars run out."""


def find_flagged(findings: Findings) -> NDArray[np.intp]:
    """Find the flagged epochs that have an image.

    Parameters
    ----------
    findings : Findings
        The rows of one object.

    Returns
    -------
    ndarray of int, shape (flagged epochs,)
        Row numbers, the worst first; epochs of one score in time order.
    """
    rows = np.flatnonzero(findings["flagged"] & (findings["status"] == OK))
    scores = np.nan_to_num(findings["score"][rows], nan=np.inf, posinf=np.inf)
    return rows[np.argsort(-scores, kind="stable")]


def find_unusable(findings: Findings) -> NDArray[np.intp]:
    """Find the epochs without an image: row numbers in time order."""
    return np.flatnonzero(findings["status"] != OK)


def head_sheet(sheet: Sheet, findings: Findings) -> None:
    """Write the object's name, and under it how many epochs it has, are flagged and are unusable."""
    flagged, unusable = len(find_flagged(findings)), len(find_unusable(findings))
    parts = [count(len(findings), "epoch"), f"{flagged} flagged"]
    parts += [f"{unusable} unusable"] if unusable else []
    name = findings["object"][0] if len(findings) else ""
    sheet.write(MARGIN, 0.5, shorten(name, 60), 15, weight="bold")
    sheet.write(MARGIN, 0.75, "  ·  ".join(parts), 9, color=GREY)


def write_date(mjd: float) -> str:
    """Write a modified Julian date as a calendar date and time; empty where unknown."""
    if not isfinite(mjd):
        return ""
    if not 0 <= mjd < LATEST_MJD:
        return f"MJD {mjd:g}"
    return f"{datetime.fromtimestamp(0, UTC) + timedelta(days=mjd - UNIX_EPOCH_MJD):%Y-%m-%d %H:%M}"


def write_reasons(reasons: str, longest: int) -> str:
    """Write comma-separated reasons, and how many more there are where they don't fit into so many letters."""
    names = reasons.split(",")
    for kept in range(len(names), 0, -1):
        left_out = [f"{len(names) - kept} more"] if kept < len(names) else []
        written = ", ".join(names[:kept] + left_out)
        if len(written) <= longest:
            break
    return written


def write_number(value: float) -> str:
    """Write a number with three digits, large ones in groups of three."""
    if not isfinite(value):
        return "unknown" if isnan(value) else "∞"
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= GROUPED else f"{rounded:#.3g}".rstrip(".")


def count(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
