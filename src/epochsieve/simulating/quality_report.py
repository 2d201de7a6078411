"""All that a quality benchmark shows: tables for the terminal, and files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from epochsieve.simulating.conditions import INJECTED, LABELLED, USUAL, WITHOUT_SEEING
from epochsieve.simulating.quality_figure import write_figure
from epochsieve.simulating.quality_table import format_decisions, format_kinds, format_ranking, format_reasons
from epochsieve.simulating.results import Row, write_json
from epochsieve.vocabulary.errors import ResultsError

JSON_FILE, FIGURE_FILE = "quality.json", "quality.png"
"""What the files are called, in the folder that they are written to."""


def lay_out_quality(rows: Sequence[Row]) -> str:
    """Lay results out for a terminal.

    Parameters
    ----------
    rows : sequence of Row
        The results.

    Returns
    -------
    str
        Tables under their titles: how well scores rank, what the methods' own thresholds give, recall per defect and
        per label, and the reasons that each method gives, all of them as far as there is anything to show.
    """
    deciding = [row for row in rows if row.quality.shipped]
    known, labelled = [row for row in rows if not _is_labelled(row)], [row for row in rows if _is_labelled(row)]
    tables = [
        ("How well scores rank (recall R, in per cent, at 0.1, 1 and 5 % false alarms)", rows, format_ranking),
        ("What the methods' own thresholds give, in per cent", deciding, format_decisions),
        ("Recall of each defect at 1 % false alarms, in per cent", known, format_kinds),
        ("Recall of each labelled reason at 1 % false alarms, in per cent", labelled, format_kinds),
    ]
    for method in dict.fromkeys(row.method for row in deciding):
        own = [row for row in known if row.method == method]
        tables.append((f"Reasons that {method} gives, and their share in per cent that fits", own, format_reasons))
    return "\n\n".join(f"{title}\n\n{lay_out(shown)}" for title, shown, lay_out in tables if shown)


def make_folder(folder: Path) -> Path:
    """Make a folder for results, before hours are spent on them.

    Parameters
    ----------
    folder : Path
        May be there already.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ResultsError
        Where it can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(f"can't write to {folder}: {error.strerror or error}") from error
    return folder


def write_quality(rows: Sequence[Row], folder: Path, about: dict[str, Any]) -> list[Path]:
    """Write results into a folder.

    Parameters
    ----------
    rows : sequence of Row
        The results.
    folder : Path
        From `make_folder`; results that it has are replaced.
    about : dict
        Whatever else describes the run, as plain JSON values.

    Returns
    -------
    list of Path
        Everything as JSON and, where defects were simulated or injected, a figure of the usual conditions.

    Raises
    ------
    ResultsError
        Where the folder can't be written.
    """
    try:
        written = [write_json(rows, folder / JSON_FILE, about)]
        if drawn := _choose_drawn(rows):
            written.append(write_figure(drawn, folder / FIGURE_FILE))
    except OSError as error:
        raise ResultsError(f"can't write to {folder}: {error.strerror or error}") from error
    return written


def _is_labelled(row: Row) -> bool:
    """Tell whether labels, and not the simulator, said what is bad."""
    return row.condition in {LABELLED, WITHOUT_SEEING}


def _choose_drawn(rows: Sequence[Row]) -> list[Row]:
    """Choose what the figure shows, and tell injections into real series from a survey of the same name."""
    usual = [row for row in rows if row.condition == USUAL.name]
    injected = [row for row in rows if row.condition == INJECTED]
    return [*usual, *(replace(row, survey=f"{row.survey} {INJECTED}") for row in injected)]
