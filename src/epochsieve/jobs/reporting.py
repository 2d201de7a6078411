"""The report of a results folder: what was found, to read and to send."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from epochsieve.places.place import Place
from epochsieve.reviewing.columns import list_verdicts
from epochsieve.revisiting import make_explainer, read_again
from epochsieve.showing.report.page import Report, render_report
from epochsieve.showing.report.sections import Section, make_section
from epochsieve.showing.report.survey import choose_objects, choose_worst, sum_up_survey
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.errors import EpochsieveError, ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.catalogue import Catalogue, read_catalogue
from epochsieve.writing.provenance import RUN_FILE

REPORT_FILE = "report.html"
"""Name of a report in its results folder."""

WORST = 100
"""Epochs that a report lists."""

Explainer = Callable[[CutoutSeries], Explanation]


class Progress(Protocol):
    """Told how far a report is."""

    def start(self, objects: int) -> None:
        """Hear how many objects are to be shown."""

    def advance(self, images: int) -> None:
        """Hear that one more is done, of so many images."""


@dataclass(frozen=True)
class _Said:
    """What people said: of each object's epochs, and how often what."""

    by_object: Mapping[str, Mapping[str, str]]
    counts: Mapping[str, int]


def write_report(results: Place, out: Place, objects: int, progress: Progress) -> None:
    """Write the report of a results folder.

    Parameters
    ----------
    results : Path or RemotePath
        The folder that ``epochsieve sieve`` wrote.
    out : Path or RemotePath
        HTML file to write; one that is there is replaced.
    objects : int
        How many objects to show, those with the worst epochs.
    progress : Progress
        Told how far it is.

    Raises
    ------
    ResultsError
        Where there are no findings, or the file can't be written.
    """
    catalogue = read_catalogue(results, more=("fwhm", "background"))
    said = _read_verdicts(results)
    chosen = choose_objects(catalogue, objects)
    explain = make_explainer(catalogue.read(0).settings)
    progress.start(len(chosen))
    report = Report(
        title=results.resolve().name,
        survey=sum_up_survey(catalogue),
        worst=list(_list_worst(catalogue, said)),
        sections=[_show_object(catalogue, number, said, explain, progress) for number in chosen],
        verdicts=said.counts,
        provenance=_tell_provenance(results),
    )
    text = render_report(report)
    try:
        write_atomically(out, lambda path: _write_text(path, text))
    except OSError as error:
        raise ResultsError(f"can't write {out}: {error.strerror or error}") from error


def _read_verdicts(results: Place) -> _Said:
    """Read what people said."""
    standing = list_verdicts(results)
    by_object: dict[str, dict[str, str]] = {}
    for verdict in standing:
        by_object.setdefault(verdict.object, {})[verdict.file] = str(verdict.verdict)
    return _Said(by_object, dict(Counter(str(verdict.verdict) for verdict in standing)))


def _list_worst(catalogue: Catalogue, said: _Said) -> Iterator[dict[str, Any]]:
    """List the worst epochs, with what was said of them."""
    for row in choose_worst(catalogue, WORST).tolist():
        number = catalogue.find_object(row)
        findings = catalogue.read(number).select(np.array([row - int(catalogue.starts[number])]))
        facts = next(findings.rows())
        yield {**facts, "verdict": said.by_object.get(facts["object"], {}).get(facts["file"], "")}


def _show_object(catalogue: Catalogue, number: int, said: _Said, explain: Explainer, progress: Progress) -> Section:
    """Make an object's part of the report; where its images can't be read, without them and with the reason."""
    findings, name = catalogue.read(number), str(catalogue.names[number])
    section = make_section(findings, _look(findings, name, explain), said.by_object.get(name, {}))
    progress.advance(len(findings))
    return section


def _look(findings: Findings, name: str, explain: Explainer) -> tuple[CutoutSeries, Explanation] | str:
    """Read an object's images and say what was expected of them, or say why that can't be done."""
    try:
        series = read_again(findings, name)
        return series, explain(series)
    except EpochsieveError as error:
        return " ".join(str(error).split())


def _tell_provenance(results: Place) -> dict[str, str]:
    """Tell how the findings came about, as the run's record says; nothing where it is missing or none."""
    try:
        record = json.loads((results / RUN_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {"record": f"{RUN_FILE} is missing"}
    told = record if isinstance(record, dict) else {}
    return {name.replace("_", " "): line for name, value in told.items() if (line := _say(value))}


def _say(value: Any) -> str:
    """Write a value of the record in a line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_say(part)}" for name, part in value.items() if part not in ("", None, {}))
    if isinstance(value, list):
        return ", ".join(_say(part) for part in value[:20]) + (" and more" if len(value) > 20 else "")  # noqa: PLR2004
    return f"{value:g}" if isinstance(value, float) else str(value)


def _write_text(path: Path, text: str) -> None:
    """Write a text file."""
    path.write_text(text, encoding="utf-8")
