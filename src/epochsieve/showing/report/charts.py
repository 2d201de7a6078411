"""Charts as SVG, drawn for a page: its style sheet colours them, in light, in dark and on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

LEFT, RIGHT, TOP, BOTTOM = 52, 10, 8, 34
"""Room around a chart's field, pixels."""


@dataclass(frozen=True)
class Axis:
    """Where values stand along an axis.

    Attributes
    ----------
    low, high : float
        Values at its ends.
    start, end : float
        Where the ends are, pixels.
    """

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Find the place of a value, pixels."""
        span = self.high - self.low or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        """Round values to write along the axis."""
        rough = (self.high - self.low or 1.0) / max(
            2.0, abs(self.end - self.start) / (90 if self.end > self.start else 36)
        )
        power = 10.0 ** floor(log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
        first = ceil(self.low / step - 1e-9)
        return [number * step for number in range(first, floor(self.high / step + 1e-9) + 1)]


@dataclass(frozen=True)
class Field:
    """A chart's field with its two axes.

    Attributes
    ----------
    width, height : int
        Of the whole chart, pixels.
    x, y : Axis
        Its axes.
    """

    width: int
    height: int
    x: Axis
    y: Axis


def lay_field(width: int, height: int, x: tuple[float, float], y: tuple[float, float]) -> Field:
    """Lay a chart's field out.

    Parameters
    ----------
    width, height : int
        Of the whole chart, pixels.
    x, y : tuple of float
        Values at the ends of its axes.

    Returns
    -------
    Field
        With room for what is written along the axes.
    """
    return Field(width, height, Axis(*x, LEFT, width - RIGHT), Axis(*y, height - BOTTOM, TOP))


def draw_chart(field: Field, marks: Iterable[str], name: str, x_name: str, *, percent: bool = False) -> str:
    """Put marks into a field with axes.

    Parameters
    ----------
    field : Field
        Where.
    marks : iterable of str
        SVG elements.
    name, x_name : str
        What the chart shows, for those who can't see it; what lies along its lower edge.
    percent : bool, optional
        Whether heights are fractions, to be written as per cent.

    Returns
    -------
    str
        An SVG element.
    """
    left, right, base = LEFT, field.width - RIGHT, field.height - BOTTOM
    lines = [_draw_line("grid", (left, field.y.at(tick)), (right, field.y.at(tick))) for tick in field.y.ticks]
    for tick in field.y.ticks:
        words = f"{write_tick(100 * tick)} %" if percent else write_tick(tick)
        lines.append(_write("", (left - 7, field.y.at(tick) + 4), words, "end"))
    lines += [_write("", (field.x.at(tick), base + 15), write_tick(tick), "middle") for tick in field.x.ticks]
    lines.append(_write("name", ((left + right) / 2, field.height - 3), x_name, "middle"))
    head = f'<svg viewBox="0 0 {field.width} {field.height}" role="img" aria-label="{escape(name)}">'
    return head + "".join([*lines, *marks]) + "</svg>"


def draw_bars(field: Field, edges: Sequence[float], heights: Sequence[float], threshold: float) -> list[str]:
    """Draw a histogram's bars; those from the threshold on in the colour of what is flagged."""
    bars = [bar for bar in zip(edges[:-1], edges[1:], heights, strict=True) if bar[2]]
    return [
        _draw_bar(field, low, high, height, over=isfinite(threshold) and low >= threshold - 1e-9)
        for low, high, height in bars
    ]


def draw_limit(field: Field, threshold: float, words: str) -> list[str]:
    """Draw a line at a threshold, and say what it is."""
    if not isfinite(threshold) or not field.x.low <= threshold <= field.x.high:
        return []
    place = field.x.at(threshold)
    line = _draw_line("limit", (place, field.y.start), (place, field.y.end))
    return [line, _write("limit", (place + 5, field.y.end + 10), words, "start")]


def draw_points(
    field: Field, x: NDArray[np.float64], y: NDArray[np.float64], error: NDArray[np.float64], classes: Sequence[str]
) -> list[str]:
    """Draw points with their errors; those of later classes over earlier ones, and none that is not a number."""
    order = sorted(
        (place for place in range(len(x)) if isfinite(x[place]) and isfinite(y[place])), key=lambda i: classes[i]
    )
    return [
        _draw_error(field, x[i], y[i], error[i]) + _draw_sign(field.x.at(x[i]), field.y.at(y[i]), classes[i])
        for i in order
    ]


def span(values: NDArray[np.float64], margin: float = 0.06) -> tuple[float, float]:
    """Find the ends of an axis that holds all values, with a margin."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = margin * (high - low or abs(high) or 1.0)
    return low - room, high + room


def write_tick(value: float) -> str:
    """Write a round number shortly."""
    return f"{value:.10g}" if abs(value) < 1e7 else f"{value:.1e}"  # noqa: PLR2004 - more digits than an axis has room for


def _draw_error(field: Field, x: float, y: float, error: float) -> str:
    """Draw an error bar, within the field."""
    if not isfinite(error):
        return ""
    low, high = (min(max(y + side * error, field.y.low), field.y.high) for side in (-1, 1))
    return _draw_line("error", (field.x.at(x), field.y.at(low)), (field.x.at(x), field.y.at(high)))


def _draw_sign(x: float, y: float, kind: str) -> str:
    """Draw a point: a ring where flagged, a cross where somebody called it bad, a dot otherwise."""
    if kind == "spoilt":
        return f'<path class="{kind}" d="M{x - 4} {y - 4}l8 8m-8 0l8-8"/>'
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="{3.6 if kind == "flagged" else 3}"/>'


def _draw_bar(field: Field, low: float, high: float, height: float, *, over: bool) -> str:
    """Draw one bar of a histogram."""
    left, top = field.x.at(low) + 0.5, field.y.at(height)
    width, tall = max(field.x.at(high) - left - 0.5, 0.5), max(field.y.start - top, 0)
    kind = "bar over" if over else "bar"
    return f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{tall:.1f}"/>'


def _draw_line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    """Draw a line between two places."""
    return f'<line class="{kind}" x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}"/>'


def _write(kind: str, place: tuple[float, float], words: str, anchor: str) -> str:
    """Write words at a place."""
    return f'<text class="{kind}" x="{place[0]}" y="{place[1]}" text-anchor="{anchor}">{escape(words)}</text>'
