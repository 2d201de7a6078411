"""How strong defects are: drawn once for all kinds, so that each has its faint tail."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.damage import View
from epochsieve.simulating.draws import draw_log
from epochsieve.simulating.point_spread import Array


@dataclass(frozen=True)
class Powers:
    """Range from which powers are drawn, evenly in the logarithm.

    Attributes
    ----------
    weakest, strongest : float
        Root sum square of the change, in noise sigmas.
    """

    weakest: float = 15.0
    strongest: float = 1500.0

    def draw(self, rng: Generator) -> float:
        """Draw one power."""
        return draw_log(self.weakest, self.strongest, rng)


USUAL = Powers()
"""Six out of seven are above 29, where they stand out to the eye; the rest is the tail that gets lost."""

WIDE = Powers(25, 1500)
"""What stretches over all pixels stays far below the noise in each at the powers that other defects have."""


def scale(pattern: Array, view: View, rng: Generator, powers: Powers = USUAL) -> Array:
    """Scale a pattern of any height to a power drawn at random; a pattern of nothing stays nothing."""
    found = np.sqrt(np.sum((pattern / view.sigma) ** 2))
    return pattern * (powers.draw(rng) / found if found > 0 else 0.0)


def draw_position(view: View, rng: Generator, apart: float = 0.0) -> Array:
    """Draw a row and a column inside the cutout, at some distance from the central source where there is room."""
    apart = min(apart, 0.45 * view.size)
    while True:
        position = rng.uniform(0, view.size - 1, 2)
        if np.hypot(*(position - view.middle)) >= apart:
            return np.asarray(position)
