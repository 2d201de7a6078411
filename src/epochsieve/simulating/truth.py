"""What is known of every epoch of a simulated series, and how strong its defect is."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from epochsieve.simulating.exposing import Expectation
from epochsieve.vocabulary.series import CutoutSeries

TRUTH_FILE = "truth.csv"
"""What the table of truths is called, in a folder of simulated objects."""
_HEADER = ("object", "file", "kind", "bad", "power")
_QUIETEST = 0.1


@dataclass(frozen=True)
class EpochTruth:
    """What happened in one epoch.

    Attributes
    ----------
    file : str
        File name without folder.
    kind : str
        Name of a defect or of a harmless change; empty for an undisturbed epoch.
    bad : bool
        Whether it is a defect.
    power : float
        How much it changes the image, in noise sigmas: see `measure_power`. 0 for an undisturbed epoch.
    """

    file: str
    kind: str = ""
    bad: bool = False
    power: float = 0.0


@dataclass(frozen=True, eq=False)
class SimulatedSeries:
    """A series and the truth about it.

    Attributes
    ----------
    series : CutoutSeries
        As a survey would give it.
    truth : tuple of EpochTruth
        One per epoch, in the series' order.
    """

    series: CutoutSeries
    truth: tuple[EpochTruth, ...]

    def __post_init__(self) -> None:
        """Make sure that truths and epochs stand side by side."""
        files = [epoch.file for epoch in self.series.epochs]
        if files != [truth.file for truth in self.truth]:
            raise ValueError(f"{self.series.name}: truths and epochs differ")


def measure_power(undisturbed: Expectation, changed: Expectation) -> float:
    """Measure how visible a change is to somebody who knows exactly what to look for.

    The root sum square, over the pixels, of the change of the noiseless image in units of the undisturbed noise sigma.
    A pixel whose noise changes by a factor s counts ``s^2 - 1 - ln s^2`` besides, which is what that is worth in the
    same currency (twice the Kullback-Leibler divergence of two Gaussians); s is taken as 0.1 where noise vanishes or
    where there is no data. A pixel without data is taken as dark sky: besides its lost noise, it counts the light that
    is missing. For independent noise, half the square of the power is the expected log-likelihood ratio.

    Parameters
    ----------
    undisturbed, changed : Expectation
        The same epoch without and with the change.

    Returns
    -------
    float
        Power, in noise sigmas.
    """
    dark = np.nanmin(undisturbed.mean)
    shift = (np.where(np.isnan(changed.mean), dark, changed.mean) - undisturbed.mean) / undisturbed.sigma
    ratio = np.square(np.maximum(changed.sigma / undisturbed.sigma, _QUIETEST))
    return float(np.sqrt(np.sum(shift**2) + np.sum(ratio - 1 - np.log(ratio))))


def write_truth(simulated: Iterable[SimulatedSeries], root: Path) -> Path:
    """Write the truth about some objects as a table, object by object.

    Parameters
    ----------
    simulated : iterable of SimulatedSeries
        Objects, with names of their own.
    root : Path
        Folder, which exists, for the file `TRUTH_FILE`.

    Returns
    -------
    Path
        The file.
    """
    path = root / TRUTH_FILE
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(_HEADER)
        for one in simulated:
            table.writerows((one.series.name, t.file, t.kind, int(t.bad), f"{t.power:.3f}") for t in one.truth)
    return path


def read_truth(root: Path) -> dict[str, tuple[EpochTruth, ...]]:
    """Read the truth about the objects in a folder.

    Parameters
    ----------
    root : Path
        Folder that holds the file `TRUTH_FILE`.

    Returns
    -------
    dict of str to tuple of EpochTruth
        For each object, its epochs' truths in the order written.
    """
    objects: dict[str, list[EpochTruth]] = {}
    with (root / TRUTH_FILE).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            truth = EpochTruth(row["file"], row["kind"], row["bad"] == "1", float(row["power"]))
            objects.setdefault(row["object"], []).append(truth)
    return {name: tuple(truths) for name, truths in objects.items()}
