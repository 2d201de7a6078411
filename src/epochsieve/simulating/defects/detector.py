"""What goes wrong in the detector and where it ends: pixels, columns, steps, edges, masks, gain."""

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import Damage, Mask, View
from epochsieve.simulating.defects.strength import draw_position, scale
from epochsieve.simulating.draws import draw_log, draw_sign, toss
from epochsieve.simulating.point_spread import Array


def hot_pixels(view: View, rng: Generator) -> Damage:
    """Light up a few single pixels."""
    return Damage(offset=scale(_draw_dots(view, rng), view, rng))


def dead_pixels(view: View, rng: Generator) -> Damage:
    """Darken a few pixels: below the sky by as much as it was above zero before it was subtracted."""
    return Damage(offset=-scale(_draw_dots(view, rng), view, rng))


def bad_column(view: View, rng: Generator) -> Damage:
    """Raise or lower a column, all of it or from a charge trap onwards."""
    return Damage(offset=draw_sign(rng) * scale(_draw_column(view, rng), view, rng))


def bad_row(view: View, rng: Generator) -> Damage:
    """Raise or lower a row, all of it or from somewhere onwards."""
    return Damage(offset=draw_sign(rng) * scale(_draw_column(view, rng).T, view, rng))


def frame_edge(view: View, rng: Generator) -> Damage:
    """Let the frame end inside the cutout: zeros or no data from a straight, nearly upright edge on."""
    rows, columns = view.axes()
    lost = columns + rng.uniform(-0.05, 0.05) * (rows - view.middle) < rng.uniform(0.04, 0.6) * view.size
    return Damage(replaced=np.rot90(lost, int(rng.integers(4))), values=_draw_nothing(view, rng))


def masked_block(view: View, rng: Generator) -> Damage:
    """Mask a rectangle: zeros or no data."""
    height, width = (int(np.ceil(draw_log(0.06, 0.5, rng) * view.size)) for _ in range(2))
    top, left = (int(rng.integers(0, view.size - side + 1)) for side in (height, width))
    lost: Mask = np.zeros((view.size, view.size), bool)
    lost[top : top + height, left : left + width] = True
    return Damage(replaced=lost, values=_draw_nothing(view, rng))


def amplifier_step(view: View, rng: Generator) -> Damage:
    """Give the part read by another amplifier another level."""
    _, columns = view.axes()
    step = (columns > rng.uniform(0.1, 0.9) * view.size) + np.zeros((view.size, 1))
    return Damage(offset=draw_sign(rng) * scale(np.rot90(step, int(rng.integers(4))), view, rng))


def wrong_gain(view: View, rng: Generator) -> Damage:
    """Multiply all counts, noise included, by 1.6 to six, or divide."""
    del view
    return Damage(gain=draw_log(1.6, 6, rng) ** draw_sign(rng))


def _draw_dots(view: View, rng: Generator) -> Array:
    """Draw one to four single pixels of unlike height."""
    dots = np.zeros((view.size, view.size))
    for _ in range(rng.integers(1, 5)):
        row, column = np.round(draw_position(view, rng)).astype(int)
        dots[row, column] += rng.uniform(0.3, 1)
    return view.resample(dots)


def _draw_column(view: View, rng: Generator) -> Array:
    """Draw one column or two beside each other, of unit height."""
    columns = np.zeros((view.size, view.size))
    first = rng.integers(0, view.size - 1)
    start = rng.integers(0, int(0.7 * view.size)) if toss(rng) else 0
    columns[start:, first : first + rng.integers(1, 3)] = 1
    return view.resample(columns if toss(rng) else columns[::-1])


def _draw_nothing(view: View, rng: Generator) -> float:
    """Choose what stands where there is no data: whole numbers know no NaN."""
    return 0.0 if np.isfinite(view.saturation) or toss(rng) else np.nan
