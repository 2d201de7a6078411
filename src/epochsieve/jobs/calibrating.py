"""The default method's calibration, refitted to the findings of a results folder."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.weighing.calibration_text import load_default
from epochsieve.judging.weighing.refitting import Refit, collect_rulings, collect_scores, refit_calibration
from epochsieve.places.place import Place
from epochsieve.vocabulary.errors import InputError, ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.store import read_findings

CALIBRATION_FILE = "calibration.json"
"""Name of a refitted calibration in its results folder."""


def calibrate(results: Place, out: Place) -> Refit:
    """Refit the shipped calibration to the findings of a results folder, and write it.

    It is always the shipped one that is refitted: detectors' raw scores do not depend on the calibration of a run.

    Parameters
    ----------
    results : Path or RemotePath
        The folder that ``epochsieve sieve`` wrote.
    out : Path or RemotePath
        JSON file to write; one that is there is replaced.

    Returns
    -------
    Refit
        What was written, and how it came about.

    Raises
    ------
    InputError
        Where there are no findings of the default method with the default network.
    ResultsError
        Where the file can't be written.
    """
    refit = refit_to_findings(read_findings(results))
    write_calibration(refit, out)
    return refit


def refit_to_findings(findings: Findings, rulings: NDArray[np.int8] | None = None) -> Refit:
    """Refit the shipped calibration to findings, and to what people said of their epochs.

    Parameters
    ----------
    findings : Findings
        Of the default method with the default network.
    rulings : ndarray of int8, shape (rows,), optional
        `UNKNOWN`, `GOOD` or `BAD` for every row.

    Returns
    -------
    Refit
        The calibration, and how it came about.

    Raises
    ------
    InputError
        Where the findings come from another method or network.
    """
    shipped = load_default()
    scores = collect_scores(findings, shipped.detectors)
    _refuse_other_network(findings, shipped.embedder)
    said = None if rulings is None else collect_rulings(findings, shipped.detectors, rulings)
    return refit_calibration(scores, shipped, said)


def write_calibration(refit: Refit, out: Place) -> None:
    """Write a refitted calibration; ResultsError where that can't be done."""
    text = refit.calibration.to_json()
    try:
        write_atomically(out, lambda path: _write_text(path, text))
    except OSError as error:
        raise ResultsError(f"can't write {out}: {error.strerror or error}") from error


def _refuse_other_network(findings: Findings, sha256: str) -> None:
    """Refuse scores that come from another network than those which the shipped tables describe."""
    stated = findings.settings.get("embedder", {"sha256": sha256})
    if stated["sha256"] != sha256:
        raise InputError(
            f"these findings come from the network {stated['name']}: only those of the default network can be refitted"
        )


def sum_up_refit(refit: Refit, out: Place) -> str:
    """Sum a refit up in a few lines.

    Parameters
    ----------
    refit : Refit
        What was written.
    out : Path or RemotePath
        Where.

    Returns
    -------
    str
        What it is made from, by how much it differs from the shipped one, and how to use it.
    """
    lines = {
        "objects": f"{refit.objects}",
        "epochs": f"{refit.epochs}, which count for {100 * refit.weight:.0f} %; the shipped calibration for the rest",
        "tail": f"stretched by {refit.stretch:.2f}, shifted by {refit.shift:+.2f}",
        "written to": f"{out}; epochsieve sieve --calibration {out} uses it",
    }
    return "\n".join(f"{name:<12}{text}" for name, text in lines.items())


def _write_text(path: Path, text: str) -> None:
    """Write a text file."""
    path.write_text(text, encoding="utf-8")
