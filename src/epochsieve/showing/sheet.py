"""A sheet of paper to draw on, measured in inches from its upper left corner, and the inks."""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.text import Text

INK, GREY, PALE = "#1c2733", "#6b7885", "#d9dfe5"
GOOD, FLAGGED, LIMIT = "#9fb3c8", "#d55e00", "#0072b2"
"""Colours that readers with any colour vision tell apart (the latter two: Okabe and Ito)."""

WIDTH, MARGIN, DPI = 11.0, 0.4, 120


class Picture(Figure):
    """A figure that a notebook displays by itself, without pyplot."""

    def _repr_png_(self) -> bytes:
        """Render for a notebook."""
        from io import BytesIO

        buffer = BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


@dataclass(frozen=True)
class Sheet:
    """A figure, or a part of one, with its size.

    Attributes
    ----------
    figure : matplotlib.figure.FigureBase
        What is drawn on.
    height : float
        Inches; the width is the same for all sheets.
    """

    figure: FigureBase
    height: float

    def add_axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Put axes at a place and of a size in inches."""
        box = left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height
        return self.figure.add_axes(box, facecolor="white")

    def write(self, left: float, top: float, text: str, size: float = 9, **style: Any) -> Text:
        """Write a line with its baseline at a place in inches; names are never taken for mathematics."""
        style = {"color": INK, "va": "baseline", **style}
        place = left / WIDTH, 1 - top / self.height
        return self.figure.text(*place, text, fontsize=size, parse_math=False, usetex=False, **style)


def make_picture(height: float) -> Picture:
    """Cut an empty sheet of paper of this height in inches."""
    return Picture(figsize=(WIDTH, height), dpi=DPI, facecolor="white")


def shorten(text: str, longest: int) -> str:
    """Leave out a text's middle where it is too long: names differ at their ends, most at the last one."""
    if len(text) <= longest:
        return text
    head = (longest - 1) // 3
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"
