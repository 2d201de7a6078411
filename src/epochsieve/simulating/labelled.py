"""Real series whose epochs a person, or the mission, has labelled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.reading.folders import read_series
from epochsieve.simulating.conditions import LABELLED, WITHOUT_SEEING
from epochsieve.simulating.labels import LABELS_FILE, SEEING, Label, group_labels, read_labels
from epochsieve.simulating.metrics import Quality, measure
from epochsieve.simulating.outcomes import Judge, Outcomes, compare_with_truth, concatenate_outcomes
from epochsieve.simulating.ranking import compute_roc_area
from epochsieve.vocabulary.series import CutoutSeries


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


@dataclass(frozen=True, eq=False)
class LabelledSeries:
    """A real series and the labels of its epochs, borderline ones left out."""

    series: CutoutSeries
    truth: tuple[Label, ...]


@dataclass(frozen=True)
class LabelledSpecimen:
    """A real series for a benchmark.

    Attributes
    ----------
    folder : Path
        The object's images, beside the table of labels.
    with_seeing : bool
        Whether the epochs whose only reason is poor seeing count.
    """

    folder: Path
    with_seeing: bool

    @property
    def group(self) -> tuple[str, str]:
        """Folder of the objects, and what counts."""
        return self.folder.resolve().parent.name, LABELLED if self.with_seeing else WITHOUT_SEEING

    def make(self) -> LabelledSeries:
        """Read the series and its labels."""
        labels = group_labels(read_labels(self.folder.parent / LABELS_FILE))[self.folder.name]
        counted = tuple(label for label in labels if self.with_seeing or label.kind != SEEING)
        return LabelledSeries(read_series(self.folder), counted)


def list_labelled(root: str | Path) -> list[LabelledSpecimen]:
    """List labelled series.

    Parameters
    ----------
    root : str or Path
        Folder with ``labels.csv`` and a folder per object.

    Returns
    -------
    list of LabelledSpecimen
        All objects and, where some epochs' only reason is poor seeing, all of them again without those epochs.

    Raises
    ------
    InputError
        Where there are no labels.
    """
    labels = read_labels(Path(root) / LABELS_FILE)
    views = (True, False) if any(label.kind == SEEING for label in labels) else (True,)
    return [LabelledSpecimen(Path(root) / name, view) for view in views for name in sorted(group_labels(labels))]


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
    labels = group_labels(read_labels(Path(root) / LABELS_FILE))
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


def _average_roc_area(outcomes: Outcomes) -> float:
    """Average the area under the ROC curve over the objects that have one."""
    objects = [outcomes.select(outcomes.object == name) for name in sorted(set(outcomes.object))]
    areas = [compute_roc_area(one.score, one.bad) for one in objects if one.bad.any() and not one.bad.all()]
    return float(np.mean(areas)) if areas else nan
