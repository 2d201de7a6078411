"""The room's doors: pictures as files, and one for a notebook."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from epochsieve.places.place import Place, find_place
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.atomic import write_output

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from epochsieve.showing.light_curves import Points


def write_plots(findings: Findings, series: CutoutSeries, explanation: Explanation, folder: str | Place) -> list[Place]:
    """Write the pictures of an object that has flagged epochs.

    Parameters
    ----------
    findings : Findings
        At least the rows of the series' object.
    series : CutoutSeries
        The object's images.
    explanation : Explanation
        What the judgement compared, as `Method.explain` gives it.
    folder : str, Path or RemotePath
        Where to write; made where it does not exist.

    Returns
    -------
    list of Path or RemotePath
        ``NAME_scores.png``, ``NAME_flagged.png`` and, where there are fluxes, ``NAME_light_curve.png``, a slash in the
        name as two underscores; empty where no epoch is flagged.
    """
    from epochsieve.showing.flagged import draw_flagged
    from epochsieve.showing.light_curves import draw_light_curve, take_points
    from epochsieve.showing.scores import draw_scores

    rows = findings.select(findings["object"] == series.name)
    if not rows["flagged"].any():
        return []
    pictures = {"scores": draw_scores(rows), "flagged": draw_flagged(rows, series, explanation)}
    if np.isfinite(rows["flux"]).any():
        pictures["light_curve"] = draw_light_curve(take_points(rows))
    return [
        _save(picture, find_place(folder) / f"{_name_file(series.name)}_{kind}.png")
        for kind, picture in pictures.items()
    ]


def write_light_curve(points: "Points", folder: str | Place) -> Place:
    """Write the picture of a light curve.

    Parameters
    ----------
    points : Points
        The light curve.
    folder : str, Path or RemotePath
        Where to write; made where it does not exist.

    Returns
    -------
    Path or RemotePath
        ``NAME_light_curve.png``, a slash in the name as two underscores.
    """
    from epochsieve.showing.light_curves import draw_light_curve

    return _save(draw_light_curve(points), find_place(folder) / f"{_name_file(points.name)}_light_curve.png")


def show(findings: Findings, series: CutoutSeries, explanation: Explanation) -> "Figure":
    """Draw one object's scores and below them its flagged epochs, for a notebook.

    Parameters
    ----------
    findings : Findings
        At least the rows of the series' object.
    series : CutoutSeries
        The object's images.
    explanation : Explanation
        What the judgement compared, as `Method.explain` gives it.

    Returns
    -------
    matplotlib.figure.Figure
        Bound to no window; a notebook displays it, ``savefig`` writes it.
    """
    from epochsieve.showing.flagged import lay_flagged, measure_flagged
    from epochsieve.showing.scores import lay_scores, measure_scores
    from epochsieve.showing.sheet import MARGIN, Sheet, make_picture

    rows = findings.select(findings["object"] == series.name)
    heights = measure_scores(rows), measure_flagged(rows, series)
    picture = make_picture(sum(heights))
    parts: Any = picture.subfigures(2, 1, height_ratios=heights)
    upper, lower = parts
    lay_scores(Sheet(upper, heights[0]), rows)
    below = Sheet(lower, heights[1])
    below.write(MARGIN, 0.5, "Flagged epochs, the worst first", 11, weight="bold")
    lay_flagged(below, rows, series, explanation)
    return picture


def _name_file(name: str) -> str:
    """Make a file's name of an object's."""
    return re.sub(r'[\\:*?"<>|\x00-\x1f]', "_", name.replace("/", "__"))


def _save(picture: "Figure", path: Place) -> Place:
    """Write a picture under another name first, so that a killed run leaves no half of one."""
    write_output(path, lambda unfinished: picture.savefig(unfinished, format="png"))
    return path
