"""Rows for what could not be judged: every epoch is in the findings, with what was wrong as its status."""

from collections.abc import Sequence

import numpy as np

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag, decode_flags
from epochsieve.vocabulary.series import CutoutSeries


def report_unread(name: str, files: Sequence[str], why: str) -> Findings:
    """Give every file of an object that is no series a row.

    Parameters
    ----------
    name : str
        The object's name.
    files : sequence of str
        Names of its images; where there are none, the object still has one row, without a file.
    why : str
        What was wrong, in one line.

    Returns
    -------
    Findings
        One row per file, flagged as unreadable.
    """
    rows = max(len(files), 1)
    return Findings(
        {
            "object": [name] * rows,
            "file": list(files) or [""],
            "epoch": np.arange(1, rows + 1),
            "flagged": np.ones(rows, bool),
            "flags": np.full(rows, int(Flag.UNREADABLE)),
            "reasons": [decode_flags(Flag.UNREADABLE)] * rows,
            "status": [f"not read: {why}"] * rows,
        }
    )


def report_given_up(name: str, files: Sequence[str], why: str) -> Findings:
    """Give every file of an object that nobody could work on a row.

    Parameters
    ----------
    name : str
        The object's name.
    files : sequence of str
        As for `report_unread`; which of them is the stack is not known.
    why : str
        What was wrong, in one line.

    Returns
    -------
    Findings
        One row per file, not flagged, for nothing is known against it.
    """
    rows = max(len(files), 1)
    return Findings(
        {
            "object": [name] * rows,
            "file": list(files) or [""],
            "epoch": np.arange(1, rows + 1),
            "status": [f"not judged: {why}"] * rows,
        }
    )


def report_unjudged(series: CutoutSeries, why: str) -> Findings:
    """Give every epoch of a series whose judging failed a row.

    Parameters
    ----------
    series : CutoutSeries
        The series; its unusable epochs keep their status.
    why : str
        What was wrong, in one line.

    Returns
    -------
    Findings
        One row per epoch. Usable epochs are not flagged, for nothing is known against them.
    """
    flags = np.where(series.usable, 0, int(Flag.UNREADABLE))
    return Findings(
        {
            "object": [series.name] * len(series),
            "file": [epoch.file for epoch in series.epochs],
            "epoch": np.arange(1, len(series) + 1),
            "mjd": [epoch.mjd for epoch in series.epochs],
            "fwhm": [epoch.fwhm for epoch in series.epochs],
            "quality": [epoch.quality for epoch in series.epochs],
            "flagged": ~series.usable,
            "flags": flags,
            "reasons": [decode_flags(int(mask)) for mask in flags],
            "status": [f"not judged: {why}" if epoch.usable else epoch.status for epoch in series.epochs],
        }
    )
