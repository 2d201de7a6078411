"""How pixels become colours, the same for all images of a picture, and the key that says so."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import NDArray

from epochsieve.showing.sheet import FLAGGED, GREY, PALE, Sheet
from epochsieve.showing.stretch import Stretch
from epochsieve.vocabulary.series import FloatImage

MISSING = "#f0d264"
"""The colour of pixels without data: no grey, and neither end of the residual's scale."""

IMAGE_COLORS, RESIDUAL_COLORS = "gray_r", "RdBu_r"
KEY_WIDTH, KEY_HEIGHT = 2.3, 0.12
"""Size of the key's colour bars in inches."""


@dataclass(frozen=True)
class Palette:
    """How pixels become colours.

    Attributes
    ----------
    stretch : Stretch
        For images.
    residual_limit : float
        Half-width of the residual's colour scale, sigmas.
    """

    stretch: Stretch
    residual_limit: float

    def show_image(self, axes: Axes, image: FloatImage) -> None:
        """Draw an image in the common stretch."""
        _show(axes, self.stretch.apply(image), (0, 1), IMAGE_COLORS)

    def show_residual(self, axes: Axes, residual: FloatImage) -> None:
        """Draw a residual around 0."""
        _show(axes, residual, (-self.residual_limit, self.residual_limit), RESIDUAL_COLORS)


def draw_key(sheet: Sheet, palette: Palette, left: float, top: float) -> None:
    """Draw what the colours mean, in two bars and two signs."""
    limit = palette.residual_limit
    ticks = [0.0, *_powers_of_ten(palette.stretch.softening, palette.stretch.high)]
    image_bar = _draw_bar(sheet, left, top, IMAGE_COLORS)
    image_bar.set_xticks(palette.stretch.place(np.array(ticks)), [f"{tick:,g}" for tick in ticks])
    residual_bar = _draw_bar(sheet, left, top + 0.46, RESIDUAL_COLORS)
    residual_bar.set_xticks([0, 0.5, 1], [f"{-limit:g}", "0", f"+{limit:g}"])
    for line, words in enumerate(("above the image's median, image units", "residual, sigmas of the expected noise")):
        sheet.write(left, top - 0.06 + 0.46 * line, words, 7.5, color=GREY)
    for place, color, sign, words in ((0, FLAGGED, "○", "the worst place"), (1.3, MISSING, "■", "no data")):
        sheet.write(left + place, top + 0.94, sign, 9, color=color, weight="bold")
        sheet.write(left + place + 0.16, top + 0.94, words, 7.5, color=GREY)


def mark_place(axes: Axes, x: float, y: float, color: str) -> None:
    """Circle the worst place of an image; nothing where it is unknown."""
    rows, columns = axes.images[0].get_size()
    if not (np.isfinite(x) and np.isfinite(y) and 0 <= round(x) < columns and 0 <= round(y) < rows):
        return
    radius = max(1.2, 0.09 * np.sqrt(rows * columns))
    axes.add_patch(Circle((x, y), radius, fill=False, ec="white", lw=3))
    axes.add_patch(Circle((x, y), radius, fill=False, ec=color, lw=1.4))


def _show(axes: Axes, values: NDArray[Any], limits: tuple[float, float], colors: str) -> None:
    """Draw pixels with the first row at the bottom, as astronomers do, and missing ones in their own colour."""
    axes.set_facecolor(MISSING)
    shown = np.ma.masked_invalid(values)
    axes.imshow(shown, colormaps[colors], vmin=limits[0], vmax=limits[1], origin="lower", interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(color=PALE, linewidth=0.8)


def _draw_bar(sheet: Sheet, left: float, top: float, colors: str) -> Axes:
    """Draw one horizontal colour bar from 0 to 1."""
    axes = sheet.add_axes(left, top, KEY_WIDTH, KEY_HEIGHT)
    axes.imshow(np.linspace(0, 1, 256)[None], colormaps[colors], aspect="auto", extent=(0, 1, 0, 1))
    axes.set(yticks=[])
    axes.tick_params(axis="x", colors=GREY, labelsize=7, length=2, pad=2)
    axes.spines[:].set(color=PALE, linewidth=0.8)
    return axes


def _powers_of_ten(lowest: float, highest: float) -> list[float]:
    """List the powers of ten between two positive values."""
    return [10.0**power for power in range(int(np.ceil(np.log10(lowest))), int(np.floor(np.log10(highest))) + 1)]
