"""The picture of the flagged epochs: what each should look like, what it looks like, and the difference."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from epochsieve.showing.palette import KEY_WIDTH, Palette, draw_key, mark_place
from epochsieve.showing.ranking import (
    count,
    find_flagged,
    find_unusable,
    head_sheet,
    write_date,
    write_number,
    write_reasons,
)
from epochsieve.showing.sheet import FLAGGED, GREY, INK, MARGIN, WIDTH, Sheet, make_picture, shorten
from epochsieve.showing.stretch import fit_residual_limit, fit_stretch
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, FloatImage

MOST_TILES = 24
"""How many flagged epochs are drawn, the worst first."""

MOST_UNUSABLE = 12
"""How many unusable epochs are listed."""

FEW, LONG_NAME = 6, 24
"""So many tiles, or letters of a name, still go with two columns of tiles."""

LETTER = 0.0104
"""Width of a letter over its size, inches per point."""

PANELS = ("expected", "epoch", "residual")
TOP, CAPTION, GAP, GUTTER, LINE, FOOT = 1.75, 0.62, 0.05, 0.4, 0.2, 0.35
LARGEST_PANEL, STACK_SIZE = 2.4, 0.96
FLATTEST, TALLEST = 0.3, 2.0
"""Height over width of a panel; an image beyond leaves a part of its panel empty."""


@dataclass(frozen=True)
class Grid:
    """Where the tiles stand, in inches.

    Attributes
    ----------
    tiles, columns : int
        How many tiles, and how many beside each other.
    panel_width, panel_height : float
        Size of one image of a tile.
    """

    tiles: int
    columns: int
    panel_width: float
    panel_height: float

    @property
    def tile_width(self) -> float:
        """Width of a tile: its panels and the gaps between them."""
        return len(PANELS) * self.panel_width + (len(PANELS) - 1) * GAP

    @property
    def tile_height(self) -> float:
        """Height of a tile with its caption and the gap below."""
        return CAPTION + self.panel_height + GUTTER / 2

    @property
    def height(self) -> float:
        """Height of all tiles."""
        return ceil(self.tiles / self.columns) * self.tile_height

    def find_corner(self, tile: int) -> tuple[float, float]:
        """Find the upper left corner of a tile."""
        row, column = divmod(tile, self.columns)
        return MARGIN + column * (self.tile_width + GUTTER), TOP + row * self.tile_height


def draw_flagged(findings: Findings, series: CutoutSeries, explanation: Explanation) -> Figure:
    """Draw an object's flagged epochs, the worst first: what was expected, the epoch, the residual.

    Parameters
    ----------
    findings : Findings
        The rows of the object.
    series : CutoutSeries
        The object's images.
    explanation : Explanation
        What the judgement compared, as `Method.explain` gives it.

    Returns
    -------
    matplotlib.figure.Figure
        At most 24 epochs; a line says how many more there are. Epochs without an image are listed by name.
    """
    picture = make_picture(measure_flagged(findings, series))
    sheet = Sheet(picture, measure_flagged(findings, series))
    head_sheet(sheet, findings)
    lay_flagged(sheet, findings, series, explanation)
    return picture


def measure_flagged(findings: Findings, series: CutoutSeries) -> float:
    """Compute the height in inches that the flagged epochs need."""
    return TOP + _plan_grid(findings, series).height + LINE * len(_list_rest(findings)) + FOOT


def lay_flagged(sheet: Sheet, findings: Findings, series: CutoutSeries, explanation: Explanation) -> None:
    """Draw the flagged epochs on a sheet of the right height, and what the colours mean above them."""
    grid = _plan_grid(findings, series)
    shown = findings.select(find_flagged(findings)[:MOST_TILES])
    places = _find_images(shown, series)
    palette = Palette(fit_stretch(series), fit_residual_limit(explanation.residual[places]))
    _draw_stack(sheet, palette, series)
    draw_key(sheet, palette, WIDTH - MARGIN - KEY_WIDTH, 0.46)
    cube = series.cube
    for tile, (place, row) in enumerate(zip(places, shown.rows(), strict=True)):
        images = explanation.reference[place], cube[place], explanation.residual[place]
        _draw_tile(sheet, grid, tile, palette, images, row)
    for line, (name, words) in enumerate(_list_rest(findings)):
        baseline = TOP + grid.height + LINE * line + 0.15
        sheet.write(MARGIN, baseline, shorten(name, 34), 8)
        sheet.write(MARGIN + 2.6, baseline, shorten(words, 100), 8, color=GREY)


def _plan_grid(findings: Findings, series: CutoutSeries) -> Grid:
    """Choose the number of columns by the number of tiles, and the size of the panels by the images' shape."""
    tiles = min(len(find_flagged(findings)), MOST_TILES)
    columns = 1 if tiles <= 1 else 2 if tiles <= FEW or _has_long_names(findings) else 3
    tile_width = (WIDTH - 2 * MARGIN - (columns - 1) * GUTTER) / columns
    panel_width = min((tile_width - (len(PANELS) - 1) * GAP) / len(PANELS), LARGEST_PANEL)
    rows, width = series.stack.shape
    return Grid(tiles, columns, panel_width, panel_width * float(np.clip(rows / width, FLATTEST, TALLEST)))


def _draw_stack(sheet: Sheet, palette: Palette, series: CutoutSeries) -> None:
    """Draw the stack, small, beside the key."""
    left = WIDTH - MARGIN - KEY_WIDTH - STACK_SIZE - 0.3
    axes = sheet.add_axes(left, 0.46, STACK_SIZE, STACK_SIZE)
    palette.show_image(axes, series.stack)
    axes.set_anchor("NE")
    sheet.write(left + STACK_SIZE, 0.4, "stack", 7.5, ha="right", color=GREY)


def _has_long_names(findings: Findings) -> bool:
    """Tell whether the files' names want the wider tiles."""
    return max(len(name) for name in findings["file"]) > LONG_NAME


def _find_images(shown: Findings, series: CutoutSeries) -> list[int]:
    """Find each row's place among the usable epochs, by the file's name."""
    names = [epoch.file for epoch in series.epochs if epoch.usable]
    places = {name: place for place, name in enumerate(names)}
    lost = [file for file in shown["file"] if file not in places]
    if lost:
        raise ResultsError(f"{series.name}: the findings are of other images than these; missing: {', '.join(lost)}")
    return [places[file] for file in shown["file"]]


def _draw_tile(
    sheet: Sheet, grid: Grid, tile: int, palette: Palette, images: tuple[FloatImage, ...], row: dict[str, Any]
) -> None:
    """Draw one epoch: its name, score, date and reasons over its three panels."""
    left, top = grid.find_corner(tile)
    _write_caption(sheet, left, top, left + grid.tile_width, row)
    for number, (image, title) in enumerate(zip(images, PANELS, strict=True)):
        place = left + number * (grid.panel_width + GAP), top + CAPTION
        axes = sheet.add_axes(*place, grid.panel_width, grid.panel_height)
        show = palette.show_residual if title == "residual" else palette.show_image
        show(axes, image)
        axes.set_label(f"{row['file']} {title}")
        if title != "expected":
            mark_place(axes, row["x"], row["y"], FLAGGED if title == "epoch" else INK)
        sheet.write(place[0], place[1] - 0.06, title, 7, color=GREY)


def _write_caption(sheet: Sheet, left: float, top: float, right: float, row: dict[str, Any]) -> None:
    """Write an epoch's name and score in one line, its reasons and date in the next."""
    room = right - left - 1.0
    size = float(np.clip(room / (len(row["file"]) * LETTER), 7, 9))
    sheet.write(left, top + 0.14, shorten(row["file"], int(room / (size * LETTER))), size, weight="bold")
    sheet.write(right, top + 0.14, f"score {write_number(row['score'])}", 8.5, ha="right", color=FLAGGED, weight="bold")
    date = write_date(row["mjd"])
    reasons = write_reasons(row["reasons"], int((right - left) / 0.072) - len(date))
    sheet.write(left, top + 0.32, reasons, 8)
    sheet.write(right, top + 0.32, date, 8, ha="right", color=GREY)


def _list_rest(findings: Findings) -> list[tuple[str, str]]:
    """List what has no tile, with the reason: epochs beyond the last tile, and those without an image."""
    more, unusable = len(find_flagged(findings)) - MOST_TILES, find_unusable(findings)
    lines = [(f"and {count(more, 'more flagged epoch')}", "with smaller scores")] if more > 0 else []
    rows = findings.select(unusable[:MOST_UNUSABLE]).rows()
    lines += [(row["file"], f"not judged: {row['status']}") for row in rows]
    left_out = len(unusable) - MOST_UNUSABLE
    return [*lines, (f"and {count(left_out, 'more epoch')}", "not judged")] if left_out > 0 else lines
