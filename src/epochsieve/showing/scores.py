"""The picture of all scores: where the threshold is, and which epochs are above it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from epochsieve.showing.ranking import count, find_flagged, head_sheet, write_number, write_reasons
from epochsieve.showing.scale import ScoreScale, fit_scale
from epochsieve.showing.sheet import FLAGGED, GOOD, GREY, INK, LIMIT, MARGIN, PALE, WIDTH, Sheet, make_picture, shorten
from epochsieve.vocabulary.findings import Findings

MOST_ROWS = 30
"""How many flagged epochs are named, the worst first."""

BINS = 50
RIGHT, TOP, BOTTOM = 3.3, 1.05, 0.85
HISTOGRAM_HEIGHT, ROW_HEIGHT = 1.7, 0.21
LONGEST_NAME, LONGEST_REASONS = 34, 34
LETTER = 0.072
"""Width of a letter of a name, inches."""


def draw_scores(findings: Findings) -> Figure:
    """Draw the histogram of one object's scores, with its flagged epochs below on the same scale.

    Parameters
    ----------
    findings : Findings
        The rows of one object.

    Returns
    -------
    matplotlib.figure.Figure
        Bound to no window; ``savefig`` writes it, and a notebook displays it.
    """
    picture = make_picture(measure_scores(findings))
    lay_scores(Sheet(picture, measure_scores(findings)), findings)
    return picture


def measure_scores(findings: Findings) -> float:
    """Compute the height in inches that the scores need."""
    return TOP + HISTOGRAM_HEIGHT + ROW_HEIGHT * (min(len(find_flagged(findings)), MOST_ROWS) + 0.5) + BOTTOM


def lay_scores(sheet: Sheet, findings: Findings) -> None:
    """Draw the scores on a sheet of the right height."""
    flagged = find_flagged(findings)
    shown = findings.select(flagged[:MOST_ROWS])
    chart = _Chart(sheet, fit_scale(findings), _measure_names(shown))
    head_sheet(sheet, findings)
    _draw_histogram(chart, findings)
    _draw_legend(chart, findings)
    _draw_rows(chart, shown)
    if len(flagged) > MOST_ROWS:
        more = f"and {count(len(flagged) - MOST_ROWS, 'more flagged epoch')}"
        sheet.write(chart.right + 0.5, sheet.height - BOTTOM + 0.25, more, 8, color=GREY)


@dataclass(frozen=True)
class _Chart:
    """The histogram and the rows below it, which share a scale.

    Attributes
    ----------
    sheet : Sheet
        What is drawn on.
    scale : ScoreScale
        The scale they share.
    left : float
        Where both begin, inches.
    """

    sheet: Sheet
    scale: ScoreScale
    left: float

    @property
    def right(self) -> float:
        """Where both end, and the words beside them begin, inches."""
        return WIDTH - RIGHT

    def add_axes(self, top: float, height: float) -> Axes:
        """Put axes on the common scale, with the threshold marked."""
        axes = self.sheet.add_axes(self.left, top, self.right - self.left, height)
        axes.set_xlim(0, 1)
        if np.isfinite(self.scale.threshold):
            axes.axvline(float(self.scale.place(self.scale.threshold)), color=LIMIT, lw=1.4, zorder=2)
        return axes


def _measure_names(shown: Findings) -> float:
    """Compute the room, in inches, that the names on the left need."""
    longest = max((len(name) for name in shown["file"]), default=0)
    return MARGIN + 0.55 + LETTER * min(longest, LONGEST_NAME)


def _draw_histogram(chart: _Chart, findings: Findings) -> None:
    """Draw how many epochs have which score, the flagged ones on top in their own colour."""
    axes = chart.add_axes(TOP, HISTOGRAM_HEIGHT)
    places = chart.scale.place(findings["score"])
    known, flagged = np.isfinite(places), findings["flagged"]
    groups = [places[known & ~flagged], places[known & flagged]]
    axes.hist(groups, bins=chart.scale.split(BINS), stacked=True, color=[GOOD, FLAGGED], rwidth=0.86)
    axes.set_ylim(0, max(axes.get_ylim()[1], 1))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_ylabel("epochs", color=GREY, fontsize=8)
    axes.tick_params(colors=GREY, labelsize=8, length=2, bottom=False, labelbottom=False)
    _clear_frame(axes, "left", "bottom")


def _draw_legend(chart: _Chart, findings: Findings) -> None:
    """Say beside the histogram what the colours mean."""
    judged, flagged = np.isfinite(findings["score"]), findings["flagged"]
    entries = [
        (FLAGGED, "■", f"flagged ({(judged & flagged).sum()})"),
        (GOOD, "■", f"not flagged ({(judged & ~flagged).sum()})"),
        (LIMIT, "┃", f"threshold {write_number(chart.scale.threshold)}"),
    ]
    for line, (color, mark, words) in enumerate(entries):
        baseline = TOP + 0.15 + 0.22 * line
        chart.sheet.write(chart.right + 0.3, baseline, mark, color=color)
        chart.sheet.write(chart.right + 0.5, baseline, words, 8.5)


def _draw_rows(chart: _Chart, shown: Findings) -> None:
    """Draw one line per flagged epoch, and the scale below them."""
    top, lines = TOP + HISTOGRAM_HEIGHT, np.arange(len(shown))
    axes = chart.add_axes(top, ROW_HEIGHT * (len(shown) + 0.5))
    axes.set(ylim=(len(shown) - 0.25, -0.75), yticks=[])
    places = chart.scale.place(shown["score"])
    axes.hlines(lines, chart.scale.place(chart.scale.threshold), places, color=FLAGGED, lw=1.2, alpha=0.35)
    axes.scatter(places, lines, s=22, color=FLAGGED, zorder=3, clip_on=False, linewidths=0)
    _draw_scale(axes, chart.scale)
    for line, row in enumerate(shown.rows()):
        _write_row(chart, top + ROW_HEIGHT * (line + 0.75) + 0.04, row)


def _write_row(chart: _Chart, baseline: float, row: dict[str, Any]) -> None:
    """Write an epoch's name left of its dot, its score and its reasons right of it."""
    name, score = shorten(row["file"], LONGEST_NAME), write_number(row["score"])
    reasons = write_reasons(row["reasons"], LONGEST_REASONS)
    chart.sheet.write(chart.left - 0.15, baseline, name, 8, ha="right")
    chart.sheet.write(chart.right + 0.65, baseline, score, 8, ha="right", color=FLAGGED, weight="bold")
    chart.sheet.write(chart.right + 0.8, baseline, reasons, 8)


def _draw_scale(axes: Axes, scale: ScoreScale) -> None:
    """Draw the ticks and the title of the axis."""
    ticks = scale.choose_ticks()
    axes.set_xticks(scale.place(ticks), [f"{tick:,g}" for tick in ticks])
    axes.tick_params(axis="x", colors=GREY, labelsize=8, length=3)
    axes.set_xlabel(scale.title, color=INK, fontsize=8.5, labelpad=5)
    _clear_frame(axes, "bottom")


def _clear_frame(axes: Axes, *kept: str) -> None:
    """Take away the frame but for some sides."""
    axes.spines[:].set_visible(False)
    for side in kept:
        axes.spines[side].set(visible=True, color=PALE)
