"""Results of a benchmark as a figure."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.simulating.metrics import POWER_EDGES, Share, add_shares
from epochsieve.simulating.ranking import CURVE_RECALLS
from epochsieve.simulating.results import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

# Okabe & Ito's colours, which everybody can tell apart, and a grey.
_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#999999")
_TEXT = 7
_INCHES_PER_KIND, _INCHES_PER_CELL, _INCHES_PER_CURVE = 0.18, 0.34, 1.9
_MARGIN, _INCHES_OF_POWER, _FEWEST_CELLS = 2.2, 4.0, 3
_CURVES_ABREAST = 7
# Where the first and the last bin of power, which have no such ends, are drawn from and to.
_WEAKEST, _STRONGEST = 1.0, 4000.0
_BRIGHT = 0.6


def draw_quality(rows: Sequence[Row]) -> "Figure":
    """Draw recall per defect, recall against power, and precision against recall.

    Parameters
    ----------
    rows : sequence of Row
        Each method on each survey, once; the first row's method is the one that is shown survey by survey.

    Returns
    -------
    matplotlib.figure.Figure
        Above, a map of the first method's recall per defect and survey, one of every method's with all surveys pooled,
        and recall against power; below, a panel of precision-recall curves per survey.
    """
    from matplotlib.figure import Figure

    methods, surveys = _list_names(rows, "method"), _list_names(rows, "survey")
    kinds = sorted({kind for row in rows for kind in row.quality.standard.by_kind})
    lines = ceil(len(surveys) / _CURVES_ABREAST)
    heights = 1.5 + _INCHES_PER_KIND * len(kinds), 0.4 + _INCHES_PER_CURVE * lines
    width = _MARGIN + _measure_map(surveys) + _measure_map(methods) + _INCHES_OF_POWER
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    above, below = np.asarray(figure.subfigures(2, 1, height_ratios=heights))
    panels = above.subplots(1, 3, width_ratios=(_measure_map(surveys), _measure_map(methods), _INCHES_OF_POWER))
    of_first = [[row] for row in rows if row.method == methods[0]]
    _draw_map(panels[0], _find_recalls(of_first, kinds), surveys, kinds)
    _draw_map(panels[1], _find_recalls([_choose(rows, method) for method in methods], kinds), methods, [])
    panels[0].set_title(methods[0], fontsize=_TEXT + 1)
    panels[1].set_title("all surveys", fontsize=_TEXT + 1)
    above.suptitle("defects found at 1 % false alarms, per cent", x=0.02, ha="left", fontsize=_TEXT + 2)
    _draw_powers(panels[2], [_choose(rows, method) for method in methods])
    _draw_curves(below, rows, methods, surveys)
    return figure


def write_figure(rows: Sequence[Row], path: str | Path) -> Path:
    """Draw results into a file.

    Parameters
    ----------
    rows : sequence of Row
        Each method on each survey, once.
    path : str or Path
        The file; its suffix says the format.

    Returns
    -------
    Path
        The file.
    """
    draw_quality(rows).savefig(path, dpi=150)
    return Path(path)


def _list_names(rows: Sequence[Row], of: str) -> list[str]:
    """List the rows' methods or surveys, each once."""
    return list(dict.fromkeys(getattr(row, of) for row in rows))


def _measure_map(columns: Sequence[str]) -> float:
    """Say how wide a map is in inches."""
    return _INCHES_PER_CELL * max(len(columns), _FEWEST_CELLS)


def _choose(rows: Sequence[Row], method: str) -> list[Row]:
    """Choose a method's rows."""
    return [row for row in rows if row.method == method]


def _find_recalls(columns: Sequence[Sequence[Row]], kinds: Sequence[str]) -> NDArray[np.float64]:
    """Pool each column's rows and give its recall of each defect, shape (kinds, columns); NaN where unknown."""
    found = [[row.quality.standard.by_kind for row in column] for column in columns]
    nothing = Share(0, 0)
    return np.array([[add_shares(by.get(kind, nothing) for by in column).value for column in found] for kind in kinds])


def _draw_map(panel: "Axes", recalls: NDArray[np.float64], columns: Sequence[str], kinds: Sequence[str]) -> None:
    """Draw recalls as colours, with numbers in per cent."""
    panel.imshow(recalls, vmin=0, vmax=1, cmap="viridis", aspect="auto")
    panel.set_facecolor("0.9")
    panel.tick_params(length=0)
    panel.set_xticks(range(len(columns)), columns, rotation=90, fontsize=_TEXT)
    panel.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds], fontsize=_TEXT)
    for (kind, column), recall in np.ndenumerate(recalls):
        if np.isfinite(recall):
            colour = "black" if recall > _BRIGHT else "white"
            panel.text(column, kind, f"{100 * recall:.0f}", ha="center", va="center", fontsize=_TEXT - 1, color=colour)


def _draw_powers(panel: "Axes", methods: Sequence[Sequence[Row]]) -> None:
    """Draw each method's recall in each bin of power, all surveys pooled; a bin without defects leaves a gap."""
    edges = np.array([_WEAKEST, *POWER_EDGES[1:-1], _STRONGEST])
    for rows, colour in zip(methods, _pick_colours(len(methods)), strict=True):
        bins = zip(*(row.quality.by_power for row in rows), strict=True)
        recalls = [add_shares(shares).value for shares in bins]
        panel.plot(np.sqrt(edges[1:] * edges[:-1]), recalls, "o-", markersize=3, linewidth=1, color=colour)
    panel.set_xscale("log")
    _finish(panel, "power of the defect, noise sigmas", "recall at 1 % false alarms, all surveys")


def _draw_curves(figure: "SubFigure", rows: Sequence[Row], methods: Sequence[str], surveys: Sequence[str]) -> None:
    """Draw precision against recall, survey by survey."""
    abreast = min(len(surveys), _CURVES_ABREAST)
    panels = figure.subplots(ceil(len(surveys) / abreast), abreast, squeeze=False, sharex=True, sharey=True)
    colours = dict(zip(methods, _pick_colours(len(methods)), strict=True))
    for panel, survey in zip(panels.flat, surveys, strict=False):
        for row in (row for row in rows if row.survey == survey):
            panel.plot(CURVE_RECALLS, row.quality.curve, color=colours[row.method], label=row.method, linewidth=1)
        panel.set_title(survey, fontsize=_TEXT + 1)
        _finish(panel, "recall", "precision")
        panel.label_outer()
    for panel in panels.flat[len(surveys) :]:
        panel.remove()
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside right upper", fontsize=_TEXT)


def _finish(panel: "Axes", horizontal: str, vertical: str) -> None:
    """Label a panel whose vertical axis is a share."""
    panel.set_ylim(0, 1.02)
    panel.set_xlabel(horizontal, fontsize=_TEXT)
    panel.set_ylabel(vertical, fontsize=_TEXT)
    panel.tick_params(labelsize=_TEXT)


def _pick_colours(count: int) -> list[Any]:
    """Pick a colour for each method."""
    return [_COLOURS[number % len(_COLOURS)] for number in range(count)]
