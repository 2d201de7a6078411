"""What the desk says, in the plain values that JSON holds."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reviewing.desk import Desk
from epochsieve.reviewing.queueing import CODES
from epochsieve.reviewing.verdicts import Verdict
from epochsieve.vocabulary.flags import Flag

MOST_NIGHTS = 2000
"""Nights that the page offers to choose from: those with the largest share of flagged epochs, where there are more."""

WORDS = {code: str(ruling) for ruling, code in CODES.items()}
FIRST_DAY = datetime(1858, 11, 17, tzinfo=UTC)


def write_day(mjd: float) -> str:
    """Write a modified Julian date as a calendar date and time, UTC; empty where unknown or beyond calendars."""
    try:
        return f"{FIRST_DAY + timedelta(days=float(mjd)):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return ""


def list_items(desk: Desk, rows: NDArray[np.intp]) -> list[dict[str, Any]]:
    """Say of each row what the queue shows."""
    catalogue = desk.catalogue
    return [
        {
            "row": int(row),
            "object": int(number),
            "name": str(catalogue.names[number]),
            "epoch": int(row - catalogue.starts[number] + 1),
            "date": write_day(catalogue.mjd[row])[:10],
            "score": make_plain(catalogue.score[row]),
            "reasons": [flag.name.lower() for flag in Flag if flag & int(catalogue.flags[row]) and flag.name],
            "verdict": WORDS.get(int(desk.ruled[row]), ""),
            "bad": float(desk.lesson.bad[row]) if desk.lesson is not None else None,
        }
        for row, number in zip(rows, catalogue.find_objects(rows), strict=True)
    ]


def list_nights(desk: Desk) -> list[dict[str, Any]]:
    """List the nights with their epochs and flagged ones, in order of time."""
    numbers, epochs, flagged = desk.busy_nights
    worst = np.argsort(-flagged / epochs, kind="stable")[:MOST_NIGHTS]
    kept = np.sort(worst)
    return [
        {"night": int(night), "date": write_day(float(night))[:10], "epochs": int(count), "flagged": int(spoilt)}
        for night, count, spoilt in zip(numbers[kept], epochs[kept], flagged[kept], strict=True)
    ]


def count_verdicts(desk: Desk) -> dict[str, int]:
    """Count verdicts by what they say, and the flagged epochs that still wait for one."""
    counts = Counter(desk.ruled[desk.ruled > 0].tolist())
    said = {word: counts.get(code, 0) for code, word in WORDS.items()}
    return {**said, "waiting": int((desk.catalogue.flagged & (desk.ruled == 0)).sum())}


def describe_verdict(verdict: Verdict | None) -> dict[str, str] | None:
    """Say of a verdict what the page shows."""
    return {"verdict": str(verdict.verdict), "by": verdict.person, "at": verdict.given_at} if verdict else None


def list_plain(values: NDArray[Any]) -> list[Any]:
    """Turn a column into what JSON can hold."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [make_plain(value) for value in values]


def make_plain(value: Any) -> float | None:
    """Turn a number into what JSON can hold: None where it is none."""
    return float(f"{value:.7g}") if np.isfinite(value) else None
