"""The picture of a light curve: with the flagged epochs marked, and without them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from epochsieve.showing.ranking import count
from epochsieve.showing.sheet import FLAGGED, GREY, INK, MARGIN, PALE, WIDTH, Sheet, make_picture, shorten
from epochsieve.vocabulary.findings import Findings

Array = NDArray[Any]

POINT = "#4c6a88"
"""Colour of points that are not flagged: darker than the histogram's, for they are small."""

HEIGHT, LEFT, RIGHT, TOP, PANEL, GAP = 6.2, 1.15, 0.4, 1.15, 1.95, 0.55
FEW = 150
"""Up to so many points have error bars in full colour; of more they would hide the points."""


@dataclass(frozen=True, eq=False)
class Points:
    """A light curve to draw.

    Attributes
    ----------
    name : str
        Whose it is.
    times : ndarray, shape (points,)
        Modified Julian dates, or epoch numbers.
    brightness, error : ndarray, shape (points,)
        NaN where unknown.
    flagged : ndarray of bool, shape (points,)
        Points of flagged epochs.
    time_title, title : str
        What the axes show.
    faint_is_large : bool
        Whether brightness is in magnitudes.
    """

    name: str
    times: Array
    brightness: Array
    error: Array
    flagged: NDArray[np.bool_]
    time_title: str
    title: str
    faint_is_large: bool = False


def take_points(findings: Findings) -> Points:
    """Take the quick-look light curve out of one object's findings."""
    dated = bool(np.isfinite(findings["mjd"]).all())
    return Points(
        str(findings["object"][0]),
        findings["mjd"] if dated else findings["epoch"].astype(float),
        findings["flux"],
        findings["flux_error"],
        findings["flagged"],
        "modified Julian date" if dated else "epoch",
        "quick-look flux",
    )


def draw_light_curve(points: Points) -> Figure:
    """Draw a light curve twice: all of it with the flagged epochs marked, and without them.

    Parameters
    ----------
    points : Points
        At least one of them known.

    Returns
    -------
    matplotlib.figure.Figure
        Bound to no window; ``savefig`` writes it, and a notebook displays it.
    """
    picture = make_picture(HEIGHT)
    sheet = Sheet(picture, HEIGHT)
    known = np.isfinite(points.brightness)
    sheet.write(MARGIN, 0.5, shorten(points.name, 60), 15, weight="bold")
    told = f"{count(int(known.sum()), 'point')}  ·  {int((known & points.flagged).sum())} of flagged epochs"
    sheet.write(MARGIN, 0.75, told, 9, color=GREY)
    everything, cleaned = known, known & ~points.flagged
    for top, chosen, word in ((TOP, everything, "before"), (TOP + PANEL + GAP, cleaned, "after")):
        axes = sheet.add_axes(LEFT, top, WIDTH - LEFT - RIGHT, PANEL)
        _draw_panel(axes, points, chosen)
        scatter = f"scatter {np.std(points.brightness[chosen], ddof=1):.4g}" if chosen.sum() > 1 else "no scatter"
        sheet.write(LEFT, top - 0.08, f"{word}: {scatter}", 9, weight="bold")
    axes.set_xlabel(points.time_title, color=INK, fontsize=9)
    _draw_key(sheet)
    return picture


def _draw_panel(axes: Axes, points: Points, chosen: NDArray[np.bool_]) -> None:
    """Draw some of the points; those of flagged epochs stand out by colour and by shape."""
    for marked, color, mark, size in ((False, POINT, "o", 3.5), (True, FLAGGED, "X", 6.5)):
        shown = chosen & (points.flagged == marked)
        errors = np.where(np.isfinite(points.error[shown]), np.abs(points.error[shown]), 0)
        axes.errorbar(
            points.times[shown],
            points.brightness[shown],
            errors,
            fmt=mark,
            color=color,
            ms=size,
            mew=0,
            elinewidth=0.8,
            ecolor=(color, 1.0 if chosen.sum() <= FEW else 0.35),
            zorder=3 if marked else 2,
        )
    axes.set_xlim(*_widen(points.times[np.isfinite(points.brightness)]))
    axes.set_ylabel(points.title, color=INK, fontsize=9)
    axes.ticklabel_format(useOffset=False, axis="x")
    axes.tick_params(colors=GREY, labelsize=8, length=3)
    axes.grid(color=PALE, lw=0.6)
    axes.spines[:].set_color(PALE)
    if points.faint_is_large:
        axes.invert_yaxis()


def _draw_key(sheet: Sheet) -> None:
    """Say what the marks mean."""
    for right, mark, color, words in ((2.9, "●", POINT, "good"), (2.1, "✖", FLAGGED, "of a flagged epoch")):
        sheet.write(WIDTH - right, 0.75, mark, 9, color=color)
        sheet.write(WIDTH - right + 0.2, 0.75, words, 9)


def _widen(values: Array) -> tuple[float, float]:
    """Leave a margin on both sides of what is there."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    margin = 0.02 * (high - low) or 0.5
    return low - margin, high + margin
