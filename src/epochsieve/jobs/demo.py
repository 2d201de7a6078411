"""The demonstration: a small simulated survey, sieved and held against the truth."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.outcomes import Outcomes, compare_with_truth, concatenate_outcomes
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.simulating.truth import read_truth
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.writing.store import read_findings

OBJECTS, EPOCHS, BAD_FRACTION = 6, 30, 0.2
"""Size of the demonstration's survey, and its share of epochs with a defect."""

_README = """This folder was made by epochsieve demo; the next demo in it replaces images/ and results/.

images/     a folder of FITS cutouts per simulated object, and truth.csv: what was done to which epoch
results/    what epochsieve sieve images --out results --plots gave: findings/ (Parquet), run.json, plots/;
            and report.html, of epochsieve report results
"""


@dataclass(frozen=True)
class DemoFolder:
    """Where a demonstration's files are.

    Attributes
    ----------
    root : Path
        The folder of all.
    """

    root: Path

    @property
    def images(self) -> Path:
        """The simulated survey."""
        return self.root / "images"

    @property
    def results(self) -> Path:
        """What was found in it."""
        return self.root / "results"

    @property
    def readme(self) -> Path:
        """What tells users, and the next demonstration, what this folder is."""
        return self.root / "README.txt"


def make_demo_folder(root: Path) -> DemoFolder:
    """Make a folder for the demonstration, or empty that of an earlier one.

    Parameters
    ----------
    root : Path
        The folder.

    Returns
    -------
    DemoFolder
        Without images and results.

    Raises
    ------
    ResultsError
        Where the folder holds anything else, or can't be written.
    """
    folder = DemoFolder(root)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()) and not _is_demo(folder):
            raise ResultsError(f"{root} is not empty and no earlier demo's; choose another folder with --out")
        folder.readme.write_text(_README, encoding="utf-8")
        for part in (folder.images, folder.results):
            shutil.rmtree(part, ignore_errors=True)
        folder.images.mkdir()
    except OSError as error:
        raise ResultsError(f"can't write to {root}: {error.strerror or error}") from error
    return folder


def simulate_demo(folder: DemoFolder, seed: int) -> Iterator[Path]:
    """Simulate the demonstration's survey.

    Parameters
    ----------
    folder : DemoFolder
        Where to.
    seed : int
        Of all randomness.

    Yields
    ------
    Path
        Each object's folder, as soon as it is there.
    """
    return write_survey(SURVEYS["vst"], OBJECTS, seed, folder.images, epochs=EPOCHS, bad_fraction=BAD_FRACTION)


def hold_against_truth(folder: DemoFolder) -> Outcomes:
    """Put what was found beside what is true.

    Parameters
    ----------
    folder : DemoFolder
        A demonstration's, simulated and sieved.

    Returns
    -------
    Outcomes
        Of all epochs.
    """
    findings = read_findings(folder.results)
    truth = read_truth(folder.images)
    return concatenate_outcomes(
        [compare_with_truth(findings.select(findings["object"] == name), truths) for name, truths in truth.items()]
    )


def tabulate_outcomes(outcomes: Outcomes) -> list[tuple[str, int, int, str]]:
    """Count flagged epochs by what was done to them.

    Parameters
    ----------
    outcomes : Outcomes
        Of all epochs.

    Returns
    -------
    list of tuple
        What it was, epochs, flagged ones, and their share: defects by kind and together, harmless changes likewise,
        and undisturbed epochs.
    """
    harmless = outcomes.harmless
    return [
        *_count_kinds(outcomes.select(outcomes.bad)),
        _count("all defects (recall)", outcomes.select(outcomes.bad)),
        *_count_kinds(outcomes.select(harmless)),
        _count("all harmless changes", outcomes.select(harmless)),
        _count("undisturbed epochs (false alarms)", outcomes.select(outcomes.good)),
    ]


def _count_kinds(outcomes: Outcomes) -> list[tuple[str, int, int, str]]:
    """Count one kind after the other."""
    return [
        _count(f"  {kind.replace('_', ' ')}", outcomes.select(outcomes.kind == kind))
        for kind in sorted(set(outcomes.kind))
    ]


def _count(name: str, outcomes: Outcomes) -> tuple[str, int, int, str]:
    """Count all of these."""
    flagged = int(outcomes.flagged.sum())
    return name, len(outcomes), flagged, f"{flagged / len(outcomes):.0%}" if len(outcomes) else "-"


def _is_demo(folder: DemoFolder) -> bool:
    """Tell whether an earlier demonstration made a folder."""
    return folder.readme.is_file() and folder.readme.read_text(encoding="utf-8", errors="replace") == _README
