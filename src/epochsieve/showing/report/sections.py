"""One object's part of a report: its light curve, its scores, its flagged epochs in pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from epochsieve.showing.ranking import find_flagged, find_unusable, write_date, write_number
from epochsieve.showing.report.charts import draw_bars, draw_chart, draw_limit, draw_points, lay_field, span
from epochsieve.showing.report.stamps import draw_residual, draw_stamp
from epochsieve.showing.stretch import fit_residual_limit, fit_stretch
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries

MOST_EPOCHS = 8
"""Flagged epochs of an object that are shown, the worst first."""


@dataclass(frozen=True)
class Triptych:
    """A flagged epoch: what was expected, the epoch, the map of what does not fit.

    Attributes
    ----------
    file, date, score, reasons, verdict : str
        What is known of it, in words.
    place : str
        Where the worst of it is.
    images : tuple of str
        Three data addresses of PNG files.
    mark : tuple of float or None
        The same place, from the images' left and upper edges, in per cent.
    """

    file: str
    date: str
    score: str
    reasons: str
    verdict: str
    place: str
    images: tuple[str, str, str]
    mark: tuple[float, float] | None


@dataclass(frozen=True)
class Section:
    """An object.

    Attributes
    ----------
    name : str
        Its name.
    epochs, flagged, unusable : int
        Its numbers of epochs.
    curve, histogram : str
        Two charts, SVG.
    triptychs : list of Triptych
        Its worst flagged epochs.
    limit : float
        Residuals are coloured up to here, sigmas.
    why : str
        Why there are no images, where there are none.
    """

    name: str
    epochs: int
    flagged: int
    unusable: int
    curve: str
    histogram: str
    triptychs: list[Triptych] = field(default_factory=list)
    limit: float = 0.0
    why: str = ""


def make_section(
    findings: Findings, shown: tuple[CutoutSeries, Explanation] | str, verdicts: Mapping[str, str]
) -> Section:
    """Make one object's part of a report.

    Parameters
    ----------
    findings : Findings
        The object's rows.
    shown : tuple of (CutoutSeries, Explanation), or str
        Its images and what was expected of them, or why they are not there.
    verdicts : mapping of str to str
        What people said of its epochs, by file.

    Returns
    -------
    Section
        With at most `MOST_EPOCHS` triptychs.
    """
    flagged, unusable = find_flagged(findings), find_unusable(findings)
    name = str(findings["object"][0])
    charts = _draw_curve(findings, verdicts), _draw_scores(findings)
    numbers = len(findings), len(flagged), len(unusable)
    if isinstance(shown, str):
        return Section(name, *numbers, *charts, why=shown)
    series, explanation = shown
    places = {file: place for place, file in enumerate(epoch.file for epoch in series.epochs if epoch.usable)}
    rows = [row for row in findings.select(flagged).rows() if row["file"] in places][:MOST_EPOCHS]
    shown_places = [places[row["file"]] for row in rows]
    limit, stretch, cube = fit_residual_limit(explanation.residual[shown_places]), fit_stretch(series), series.cube
    triptychs = []
    for row, place in zip(rows, shown_places, strict=True):
        expected, epoch = draw_stamp(explanation.reference[place], stretch), draw_stamp(cube[place], stretch)
        images = expected, epoch, draw_residual(explanation.residual[place], limit)
        triptychs.append(_describe(row, images, cube.shape[1:], verdicts.get(row["file"], "")))
    return Section(name, *numbers, *charts, triptychs=triptychs, limit=limit)


def _describe(row: Mapping[str, Any], images: tuple[str, str, str], shape: tuple[int, ...], verdict: str) -> Triptych:
    """Put beside an epoch's images what is known of it."""
    x, y = float(row["x"]), float(row["y"])
    known = isfinite(x) and isfinite(y)
    return Triptych(
        file=row["file"],
        date=write_date(row["mjd"]),
        score=write_number(row["score"]),
        reasons=row["reasons"].replace(",", ", "),
        verdict=verdict,
        place=f"x {x:.0f}, y {y:.0f}" if known else "",
        images=images,
        mark=(round(100 * (x + 0.5) / shape[1], 1), round(100 * (1 - (y + 0.5) / shape[0]), 1)) if known else None,
    )


def _draw_curve(findings: Findings, verdicts: Mapping[str, str]) -> str:
    """Draw flux against time; scores against time where no flux was measured."""
    usable = findings.select(np.isfinite(findings["score"]))
    known = bool(np.isfinite(usable["flux"]).any())
    values = usable["flux"] if known else usable["score"]
    errors = usable["flux_error"] if known else np.full(len(usable), np.nan)
    dated = bool(np.isfinite(usable["mjd"]).all())
    times = usable["mjd"] if dated else usable["epoch"].astype(float)
    classes = [
        "spoilt" if verdicts.get(file) == "bad" else "flagged" if flagged else "dot"
        for file, flagged in zip(usable["file"], usable["flagged"], strict=True)
    ]
    field = lay_field(620, 210, span(times, 0.03), span(values, 0.08))
    marks = draw_points(field, times, values, errors, classes)
    what = "flux of the central source, image units" if known else "score"
    return draw_chart(field, marks, what, f"{'MJD' if dated else 'epoch'}; upwards: {what}")


def _draw_scores(findings: Findings) -> str:
    """Draw the histogram of an object's scores, with the threshold."""
    score = findings["score"][np.isfinite(findings["score"])]
    threshold = float(findings["threshold"][0])
    paper = findings.settings.get("method") == "paper"
    top = max([float(score.max()) if len(score) else 1.0, threshold * 1.2 if isfinite(threshold) else 0.0, 1e-9])
    low = span(score)[0] if paper else 0.0
    edges = np.linspace(low, top, 25)
    counts = np.histogram(score, edges)[0]
    field = lay_field(380, 210, (low, top), (0, max(int(counts.max(initial=1)), 1) * 1.08))
    marks = draw_bars(field, edges.tolist(), counts.tolist(), threshold)
    marks += draw_limit(field, threshold, "the stack" if paper else "threshold")
    words = "distance to the first neighbour" if paper else "score"
    return draw_chart(field, marks, f"histogram of {words}", f"{words}; upwards: epochs")
