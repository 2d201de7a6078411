"""Series with known truth that a benchmark is made of: what each is called, and how it is made where it is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import numpy as np
from numpy.random import Generator

from epochsieve.reading.folders import find_series, read_series
from epochsieve.simulating.conditions import INJECTED, REPORT_SEEDS, REPORT_SURVEYS, USUAL, Condition
from epochsieve.simulating.injection import inject_defects
from epochsieve.simulating.labels import LABELS_FILE, read_labels
from epochsieve.simulating.outcomes import Truth
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.simulating.truth import SimulatedSeries
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.series import CutoutSeries


class KnownSeries(Protocol):
    """A series and what is known of it."""

    @property
    def series(self) -> CutoutSeries:
        """The series."""

    @property
    def truth(self) -> Sequence[Truth]:
        """What is known, of those epochs of which anything is."""


class Specimen(Protocol):
    """One series of a benchmark, before it is made."""

    @property
    def group(self) -> tuple[str, str]:
        """Survey and condition: specimens that share them are pooled."""

    def make(self) -> KnownSeries:
        """Make the series, the same whatever else is made."""


@dataclass(frozen=True)
class Plan:
    """Which surveys to simulate.

    Attributes
    ----------
    surveys : tuple of str
        Names in `SURVEYS`.
    conditions : tuple of Condition
        Each survey under each of them.
    objects : int
        Series per survey and condition.
    seed : int
        Decides, with a survey's name and an object's number, all there is about an object.

    Raises
    ------
    SettingError
        Where a survey is unknown, or there is nothing to simulate.
    """

    surveys: tuple[str, ...] = tuple(SURVEYS)
    conditions: tuple[Condition, ...] = (USUAL,)
    objects: int = 40
    seed: int = REPORT_SEEDS[0]

    def __post_init__(self) -> None:
        """Refuse what can't be measured."""
        if unknown := set(self.surveys) - set(SURVEYS):
            raise SettingError(f"no survey {', '.join(sorted(unknown))}: choose from {', '.join(SURVEYS)}")
        if self.objects < 1 or self.seed < 0 or not self.surveys or not self.conditions:
            raise SettingError("a benchmark needs a survey, a condition, an object and a seed that is not negative")

    def specimens(self) -> list["SurveySpecimen"]:
        """List all series, survey by survey and condition by condition."""
        cells = product(self.surveys, self.conditions, range(self.objects))
        return [SurveySpecimen(*cell, self.seed) for cell in cells]

    def describe(self) -> dict[str, Any]:
        """State the plan, and what of it no method was tuned on, as plain JSON values."""
        return {**asdict(self), "not_tuned_on": {"surveys": list(REPORT_SURVEYS), "seed": self.seed in REPORT_SEEDS}}


@dataclass(frozen=True)
class SurveySpecimen:
    """A series of a simulated survey.

    Attributes
    ----------
    survey : str
        Name in `SURVEYS`.
    condition : Condition
        What is different from the survey's usual series.
    number : int
        The object's number.
    seed : int
        The benchmark's seed.
    """

    survey: str
    condition: Condition
    number: int
    seed: int

    @property
    def group(self) -> tuple[str, str]:
        """Survey and condition."""
        return self.survey, self.condition.name

    def make(self) -> SimulatedSeries:
        """Simulate the series."""
        return simulate_series(
            SURVEYS[self.survey],
            _seed(self.seed, self.survey, self.number),
            name=f"{self.survey}{self.number:03d}",
            epochs=self.condition.epochs,
            bad_fraction=self.condition.bad_fraction,
            given_stack=self.condition.given_stack,
            recurring=self.condition.recurring,
        )


@dataclass(frozen=True)
class InjectedSpecimen:
    """A real series with injected defects.

    Attributes
    ----------
    folder : Path
        The object's images. Where its parent has labels, only the epochs that are labelled as good are used.
    bad_fraction : float
        Expected share of epochs with a defect.
    number : int
        Which of several ways to spoil this object.
    seed : int
        The benchmark's seed.
    """

    folder: Path
    bad_fraction: float
    number: int
    seed: int

    @property
    def group(self) -> tuple[str, str]:
        """Folder of the objects, and what was done to them."""
        return self.folder.resolve().parent.name, INJECTED

    def make(self) -> SimulatedSeries:
        """Read the series and inject."""
        series = _keep_good(read_series(self.folder), self.folder.parent / LABELS_FILE)
        rng = _seed(self.seed, self.folder.name, self.number)
        return inject_defects(replace(series, name=f"{series.name}.{self.number}"), rng, self.bad_fraction)


def list_injected(root: str | Path, seed: int, repeats: int = 1, bad_fraction: float = 0.12) -> list[InjectedSpecimen]:
    """List the real series below ROOT to inject defects into.

    Parameters
    ----------
    root : str or Path
        A folder with a folder per object, or one object's folder.
    seed : int
        Decides, with an object's name, what is injected.
    repeats : int, optional
        How often each object is taken, with other defects each time.
    bad_fraction : float, optional
        Expected share of epochs with a defect.

    Returns
    -------
    list of InjectedSpecimen
        All objects, then all of them again.

    Raises
    ------
    NoSeriesError
        Where there is none.
    """
    folders = [folder for folder in find_series(Path(root)) if isinstance(folder, Path)]
    return [InjectedSpecimen(folder, bad_fraction, number, seed) for number in range(repeats) for folder in folders]


def count_groups(specimens: Sequence[Specimen]) -> Iterator[tuple[tuple[str, str], int]]:
    """Say how many specimens in a row share a survey and condition."""
    start = 0
    for end in range(1, len(specimens) + 1):
        if end == len(specimens) or specimens[end].group != specimens[start].group:
            yield specimens[start].group, end - start
            start = end


def _seed(seed: int, name: str, number: int) -> Generator:
    """Make the generator of one object."""
    return np.random.default_rng([seed, crc32(name.encode()), number])


def _keep_good(series: CutoutSeries, labels: Path) -> CutoutSeries:
    """Keep the epochs that are labelled as good, or all where there are no labels."""
    if not labels.is_file():
        return series
    good = {label.file for label in read_labels(labels) if label.object == series.name and not label.bad}
    return replace(series, epochs=tuple(epoch for epoch in series.epochs if epoch.file in good))
