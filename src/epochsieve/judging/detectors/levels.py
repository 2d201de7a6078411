"""An epoch's noise, its misfit, its background and its brightness, as a whole."""

import numpy as np

from epochsieve.judging.detectors.witness import Array, Witness, measure_departure, raise_to_score
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import compare_logarithms, measure_steady_ratio, take_middle


def measure_excess(comparison: Comparison) -> Witness:
    """Score by the mean square of the residual, in sigmas."""
    return Witness((comparison.residual**2).mean(axis=(1, 2)))


def measure_misfit(comparison: Comparison) -> Witness:
    """Score by how much bright pixels scatter more than usual."""
    return Witness(comparison.misfit)


def measure_noise(comparison: Comparison) -> Witness:
    """Score by the ratio of the noise to the usual noise, or its inverse."""
    return Witness(_fold(comparison.noise / (float(take_middle(comparison.noise[comparison.good])) or 1.0)))


def measure_scale(comparison: Comparison) -> Witness:
    """Score by the ratio of all sources' brightness to the usual brightness, or its inverse."""
    return Witness(_fold(measure_steady_ratio(np.abs(comparison.coefficients[:, 0]), comparison.good)))


def measure_gain(comparison: Comparison) -> Witness:
    """Score by how much noise and brightness are both above what is usual, or both below: a cloud dims, no more.

    By the geometric mean of both departures; nothing where the one is above and the other below.
    """
    noisier, brighter = compare_levels(comparison)
    return Witness(raise_to_score(np.sqrt(np.maximum(noisier * brighter, 0))))


def compare_levels(comparison: Comparison) -> tuple[Array, Array]:
    """Compare epochs' noise and brightness with the usual ones.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.

    Returns
    -------
    noisier, brighter : ndarray, shape (epochs,)
        As `compare_logarithms` measures them.
    """
    levels = comparison.noise, comparison.shapes.take("scale")[0][:, 0]
    noisier, brighter = (compare_logarithms(level, comparison.good) for level in levels)
    return noisier, brighter


def measure_brightness(comparison: Comparison) -> Witness:
    """Score by the departure of all sources' brightness from the usual brightness, errors considered."""
    return measure_departure(*_order(comparison, "scale"))


def measure_level(comparison: Comparison) -> Witness:
    """Score by the departure of the background from its median."""
    return measure_departure(*_order(comparison, "level"))


def measure_slope(comparison: Comparison) -> Witness:
    """Score by the departure of the background's slope, beside the scene alone."""
    return measure_departure(*_order(comparison, "tilt_x", "tilt_y"))


def measure_tilt(comparison: Comparison) -> Witness:
    """Score by the departure of the background's slope, beside everything that was fitted."""
    columns = comparison.templates.find(("tilt_x", "tilt_y"))
    return measure_departure(comparison.coefficients[:, columns], comparison.good)


def _order(comparison: Comparison, *names: str) -> tuple[Array, Array, Array]:
    """Put named coefficients, the good epochs and the errors into the order of `measure_departure`."""
    values, errors = comparison.shapes.take(*names)
    return values, comparison.good, errors


def _fold(ratios: Array) -> Array:
    """Take ratios or their inverses, whichever are not below one."""
    return np.asarray(np.exp(np.abs(np.log(np.clip(ratios, 1e-3, 1e3)))))
