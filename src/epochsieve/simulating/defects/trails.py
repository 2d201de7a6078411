"""What crosses the field during the exposure: satellites and aeroplanes."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects.strength import scale
from epochsieve.simulating.draws import draw_log
from epochsieve.simulating.point_spread import Array


@dataclass(frozen=True)
class Course:
    """A straight line through the cutout.

    Attributes
    ----------
    angle : float
        Direction from the rows', radians.
    offset : float
        Distance from the cutout's middle, pixels.
    """

    angle: float
    offset: float

    @classmethod
    def draw(cls, view: View, rng: Generator) -> "Course":
        """Draw a line in any direction that crosses the cutout, sometimes a corner only."""
        return cls(rng.uniform(0, np.pi), rng.uniform(-0.5, 0.5) * view.size)

    def along(self, view: View) -> Array:
        """Measure each pixel's position along the line, pixels from the point nearest to the middle."""
        rows, columns = view.axes()
        along = (columns - view.middle) * np.cos(self.angle) + (rows - view.middle) * np.sin(self.angle)
        return np.asarray(along)

    def light(self, view: View, width: float) -> Array:
        """Draw a uniform trail of unit peak whose full width at half maximum is given, pixels."""
        cuts = [_cross_section(self._across(view) + step, width) for step in (-0.33, 0, 0.33)]
        return np.asarray(np.mean(cuts, axis=0))

    def _across(self, view: View) -> Array:
        """Measure each pixel's distance from the line, pixels."""
        rows, columns = view.axes()
        across = (rows - view.middle) * np.cos(self.angle) - (columns - view.middle) * np.sin(self.angle)
        return np.asarray(across - self.offset)


def satellite_trail(view: View, rng: Generator) -> Damage:
    """Let a satellite cross: a straight line as wide as the stars or, for a low orbit out of focus, wider."""
    width = view.fwhm * rng.uniform(1, 1.8)
    return Damage(light=scale(Course.draw(view, rng).light(view, width), view, rng))


def flashing_satellite(view: View, rng: Generator) -> Damage:
    """Let a tumbling satellite cross, which flashes and is all but dark in between."""
    course = Course.draw(view, rng)
    width = view.fwhm * rng.uniform(1, 1.5)
    period = draw_log(2.5 * view.fwhm, max(1.5 * view.size, 3 * view.fwhm), rng)
    duration = max(period * rng.uniform(0.05, 0.2), view.fwhm / 2.355)
    phase = (course.along(view) - rng.uniform(-0.3, 0.3) * view.size + period / 2) % period - period / 2
    flashes = rng.uniform(0, 0.05) + np.exp(-0.5 * (phase / duration) ** 2)
    return Damage(light=scale(course.light(view, width) * flashes, view, rng))


def aeroplane(view: View, rng: Generator) -> Damage:
    """Let an aeroplane cross: two parallel, blurred trails and, now and then, a strobe between them."""
    course = Course.draw(view, rng)
    gap = min(rng.uniform(4, 16), view.size / 2)
    width = view.fwhm * rng.uniform(1.2, 2.5)
    other = Course(course.angle, course.offset - np.copysign(gap, course.offset))
    middle = Course(course.angle, (course.offset + other.offset) / 2)
    period = draw_log(0.3 * view.size, 1.5 * view.size, rng)
    strobe = np.cos(np.pi * (course.along(view) / period + rng.random())) ** 40
    lights = course.light(view, width) + rng.uniform(0.4, 1) * other.light(view, width)
    return Damage(light=scale(lights + rng.uniform(0, 2) * strobe * middle.light(view, width), view, rng))


def _cross_section(distance: Array, fwhm: float, beta: float = 2.5) -> Array:
    """Cut through a Moffat smeared along a line, which is a Moffat with an exponent smaller by a half."""
    alpha = fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))
    return np.asarray((1 + (distance / alpha) ** 2) ** -beta)
