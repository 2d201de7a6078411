"""Real series whose epochs a person, or the mission, has labelled."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.reading.folders import read_series
from epochsieve.simulating.metrics import Quality, measure
from epochsieve.simulating.outcomes import Judge, Outcomes, compare_with_truth, concatenate_outcomes
from epochsieve.simulating.ranking import compute_roc_area
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.series import CutoutSeries

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


@dataclass(frozen=True)
class LabelledQuality:
    """How good a method is on labelled series.

    Attributes
    ----------
    everything : Quality
        All epochs with a label, pooled over the objects.
    without_seeing : Quality
        The same without the epochs whose only reason is poor seeing.
    mean_roc_area : float
        The area under the ROC curve of each object by itself, averaged over those that have bad epochs, without
        poor seeing: for this figure scores need not be comparable between objects.
    """

    everything: Quality
    without_seeing: Quality
    mean_roc_area: float

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        return {
            "everything": self.everything.to_json(),
            "without_seeing": self.without_seeing.to_json(),
            "mean_roc_area": None if np.isnan(self.mean_roc_area) else self.mean_roc_area,
        }


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


def read_labelled(root: str | Path) -> Iterator[CutoutSeries]:
    """Read the series below ROOT that its ``labels.csv`` names, one after the other.

    Parameters
    ----------
    root : str or Path
        Folder with ``labels.csv`` and a folder per object.

    Yields
    ------
    CutoutSeries
        Borderline epochs are among theirs: a method sees what a user would give it.
    """
    names = sorted({label.object for label in read_labels(Path(root) / LABELS_FILE)})
    return (read_series(Path(root) / name) for name in names)


def judge_labelled(judge: Judge, root: str | Path, series: Iterable[CutoutSeries] | None = None) -> Outcomes:
    """Judge labelled series and put the answers beside the labels.

    Parameters
    ----------
    judge : Judge
        The method, or a baseline.
    root : str or Path
        Folder with ``labels.csv`` and a folder per object.
    series : iterable of CutoutSeries, optional
        The series, where they have been read already.

    Returns
    -------
    Outcomes
        One row per epoch with a label that is not borderline.
    """
    labels = _group(read_labels(Path(root) / LABELS_FILE))
    return concatenate_outcomes(
        [
            compare_with_truth(judge.judge(one), labels.get(one.name, []))
            for one in (read_labelled(root) if series is None else series)
        ]
    )


def measure_labelled(judge: Judge, root: str | Path, series: Iterable[CutoutSeries] | None = None) -> LabelledQuality:
    """Measure a method on labelled series.

    Parameters
    ----------
    judge : Judge
        The method, or a baseline.
    root : str or Path
        Folder with ``labels.csv`` and a folder per object.
    series : iterable of CutoutSeries, optional
        The series, where they have been read already.

    Returns
    -------
    LabelledQuality
        With and without poor seeing.
    """
    return summarise_labelled(judge_labelled(judge, root, series))


def summarise_labelled(outcomes: Outcomes) -> LabelledQuality:
    """Measure labelled outcomes with and without the epochs whose only reason is poor seeing."""
    visible = outcomes.select(outcomes.kind != SEEING)
    return LabelledQuality(measure(outcomes), measure(visible), _average_roc_area(visible))


def _parse(row: Mapping[str, str]) -> Label:
    """Make a label of a row."""
    bad = row["bad"].strip() == "1"
    return Label(row["object"], row["file"], row["reason"].strip() if bad else "", bad)


def _group(labels: Iterable[Label]) -> dict[str, list[Label]]:
    """Sort labels into objects."""
    groups: dict[str, list[Label]] = {}
    for label in labels:
        groups.setdefault(label.object, []).append(label)
    return groups


def _average_roc_area(outcomes: Outcomes) -> float:
    """Average the area under the ROC curve over the objects that have one."""
    objects = [outcomes.select(outcomes.object == name) for name in sorted(set(outcomes.object))]
    areas = [compute_roc_area(one.score, one.bad) for one in objects if one.bad.any() and not one.bad.all()]
    return float(np.mean(areas)) if areas else nan
