"""The place, size and elongation of an epoch's sources."""

from epochsieve.judging.detectors.witness import Witness, measure_departure
from epochsieve.judging.expecting.comparison import Comparison


def measure_shift(comparison: Comparison) -> Witness:
    """Score by the departure of the sources' places."""
    return _measure(comparison, "shift_x", "shift_y")


def measure_stretch(comparison: Comparison) -> Witness:
    """Score by the departure of the sources' elongation."""
    return _measure(comparison, "stretch", "shear")


def measure_size(comparison: Comparison) -> Witness:
    """Score by the departure of the sources' size."""
    return _measure(comparison, "size")


def _measure(comparison: Comparison, *names: str) -> Witness:
    """Score by some coefficients, errors considered."""
    values, errors = comparison.shapes.take(*names)
    return measure_departure(values, comparison.good, errors)
