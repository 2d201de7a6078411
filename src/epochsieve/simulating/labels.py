"""Labels that a person, or the mission, gave to real epochs."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path

from epochsieve.vocabulary.errors import InputError

SEEING = "seeing"
"""The reason that is a matter of taste: figures are given with and without the epochs that have no other."""

LABELS_FILE = "labels.csv"
"""What the table of labels is called, in the folder of the objects."""

_COLUMNS = {"object", "file", "bad", "reason"}
_BORDERLINE = "-1"


@dataclass(frozen=True)
class Label:
    """What is known of one real epoch.

    Attributes
    ----------
    object, file : str
        Folder and file name.
    kind : str
        The reasons of a bad epoch, separated by semicolons; empty for a good one.
    bad : bool
        Whether it ought to be flagged.
    power : float
        NaN: how strong a real defect is nobody knows.
    """

    object: str
    file: str
    kind: str
    bad: bool
    power: float = nan


def read_labels(path: str | Path) -> list[Label]:
    """Read labels, leaving the borderline ones out.

    Parameters
    ----------
    path : str or Path
        A CSV table with the columns object, file, bad (1 bad, 0 good, -1 borderline) and reason.

    Returns
    -------
    list of Label
        In the file's order.

    Raises
    ------
    InputError
        Where there is no such table.
    """
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"no labels: {path} ({error.strerror})") from error
    if not rows or not set(rows[0]) >= _COLUMNS:
        raise InputError(f"no labels: {path} lacks rows, or one of the columns {', '.join(sorted(_COLUMNS))}")
    return [_parse(row) for row in rows if row["bad"].strip() != _BORDERLINE]


def group_labels(labels: Iterable[Label]) -> dict[str, list[Label]]:
    """Sort labels into objects.

    Parameters
    ----------
    labels : iterable of Label
        Of any objects.

    Returns
    -------
    dict of str to list of Label
        By the objects' names.
    """
    groups: dict[str, list[Label]] = {}
    for label in labels:
        groups.setdefault(label.object, []).append(label)
    return groups


def _parse(row: Mapping[str, str]) -> Label:
    """Make a label of a row."""
    bad = row["bad"].strip() == "1"
    return Label(row["object"], row["file"], row["reason"].strip() if bad else "", bad)
