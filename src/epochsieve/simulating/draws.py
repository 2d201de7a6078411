"""Small draws that scenes, conditions and defects share."""

import numpy as np
from numpy.random import Generator


def draw_log(smallest: float, largest: float, rng: Generator) -> float:
    """Draw a number between two positive ones, evenly in the logarithm."""
    return float(np.exp(rng.uniform(np.log(smallest), np.log(largest))))


def draw_sign(rng: Generator) -> float:
    """Draw plus or minus one."""
    return -1.0 if toss(rng) else 1.0


def toss(rng: Generator, probability: float = 0.5) -> bool:
    """Let chance decide."""
    return bool(rng.random() < probability)
