"""Verdicts as columns beside findings, for exports and for whoever goes on with them."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.places.place import Place, find_place
from epochsieve.reviewing.verdicts import VERDICTS_FILE, Verdict, VerdictBook
from epochsieve.vocabulary.findings import Column, Findings
from epochsieve.writing.store import read_findings

VERDICT_COLUMNS: tuple[Column, ...] = (
    Column("verdict", "str", "", "what a person said: bad, good or unsure; empty where nobody has"),
    Column("verdict_by", "str", "", "who said so"),
    Column("verdict_at", "str", "", "when: ISO 8601, UTC"),
    Column("verdict_score", "float64", "", "the score that the epoch had then"),
    Column("verdict_version", "str", "", "version of epochsieve that had judged it"),
)
"""The columns that verdicts make."""


def read_verdicts(results: str | Place, findings: Findings | None = None) -> dict[str, NDArray[Any]]:
    """Read a results folder's verdicts as columns beside its findings.

    Parameters
    ----------
    results : str, Path or RemotePath
        The results folder.
    findings : Findings, optional
        Rows to stand beside; all of the folder's where left out.

    Returns
    -------
    dict of str to ndarray, shape (rows,)
        A column per name of `VERDICT_COLUMNS`; empty text and NaN where nobody has said anything. The columns are there
        even where nobody has said anything at all.

    Raises
    ------
    ResultsError
        Where there are no findings, or the verdicts can't be read.
    """
    rows = read_findings(results) if findings is None else findings
    return lay_beside(rows, list_verdicts(find_place(results)))


def list_verdicts(results: Place) -> list[Verdict]:
    """List the verdicts that stand in a results folder; those in a store are copied for that.

    Parameters
    ----------
    results : Path or RemotePath
        The results folder.

    Returns
    -------
    list of Verdict
        The last of each epoch that was not undone.

    Raises
    ------
    ResultsError
        Where they can't be read.
    """
    place = results / VERDICTS_FILE
    if isinstance(place, Path):
        return VerdictBook(place).list_standing()
    if not place.is_file():
        return []
    with TemporaryDirectory(prefix="epochsieve-") as folder:
        copy = Path(folder) / VERDICTS_FILE
        copy.write_bytes(place.read_bytes())
        return VerdictBook(copy).list_standing()


def lay_beside(findings: Findings, verdicts: Iterable[Verdict]) -> dict[str, NDArray[Any]]:
    """Lay verdicts beside findings.

    Parameters
    ----------
    findings : Findings
        Any rows.
    verdicts : iterable of Verdict
        At most one per epoch; those on epochs that are not among the rows are left out.

    Returns
    -------
    dict of str to ndarray, shape (rows,)
        As `read_verdicts` gives them.
    """
    given = {(verdict.object, verdict.file): verdict for verdict in verdicts}
    beside = [given.get(key) for key in zip(findings["object"], findings["file"], strict=True)] if given else []
    columns: dict[str, NDArray[Any]] = {
        column.name: np.full(len(findings), np.nan if column.dtype == "float64" else "", _find_dtype(column))
        for column in VERDICT_COLUMNS
    }
    for row, verdict in enumerate(beside):
        if verdict is not None:
            for column, value in zip(VERDICT_COLUMNS, _list_values(verdict), strict=True):
                columns[column.name][row] = value
    return columns


def _list_values(verdict: Verdict) -> tuple[object, ...]:
    """List a verdict's values in the order of the columns."""
    score = np.nan if verdict.score is None else verdict.score
    return str(verdict.verdict), verdict.person, verdict.given_at, score, verdict.version


def _find_dtype(column: Column) -> Any:
    """Choose the NumPy type of a column, as findings have it."""
    return object if column.dtype == "str" else column.dtype
