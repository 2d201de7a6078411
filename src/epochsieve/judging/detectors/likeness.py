"""How unlike the others an epoch is as a whole: in its pixels, in its residual, in what was fitted, to a network."""

import numpy as np

from epochsieve.judging.detectors.witness import Array, Witness, measure_distance
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import measure_spread, measure_steady_ratio, take_middle

CLIP = 4.0
"""Residuals count at most so many sigmas in a distance."""

MOST = 8.0
"""So do the sigmas that a match leaves: it is on the sources, which are bright, that point spreads differ."""

STATE = ("shift_x", "shift_y", "stretch", "shear", "size", "blur")
"""Templates whose coefficients describe the state of the telescope and the sky."""

MODES_IN_STATE = 4
"""Principal components that do too."""


def measure_appearance(comparison: Comparison) -> Witness:
    """Score by the distance between whole images, each stretched from its faintest to its brightest pixel."""
    flat = comparison.images.reshape(len(comparison.images), -1)
    low, high = flat.min(axis=1, keepdims=True), flat.max(axis=1, keepdims=True)
    return measure_distance((flat - low) / (high - low + 1e-9), comparison.good)


def measure_residual(comparison: Comparison) -> Witness:
    """Score by the distance between residuals."""
    return _measure_apart(comparison.residual, CLIP, comparison)


def measure_mismatch(comparison: Comparison) -> Witness:
    """Score by the distance between what is left where place, seeing and brightness were matched."""
    return _measure_apart(comparison.matched, MOST, comparison)


def measure_state(comparison: Comparison) -> Witness:
    """Score by the distance between fits: seeing, place, elongation and principal components together."""
    count = len(comparison.templates.names)
    columns = [*comparison.templates.find(STATE), *range(count, comparison.coefficients.shape[1])][
        : len(STATE) + MODES_IN_STATE
    ]
    scale = measure_steady_ratio(np.abs(comparison.coefficients[:, 0]), comparison.good)
    relative = comparison.coefficients[:, columns] / np.maximum(scale, 0.1)[:, None]
    usual, spread = take_middle(relative[comparison.good]), measure_spread(relative[comparison.good])
    return measure_distance((relative - usual) / (spread + 1e-9), comparison.good)


def measure_likeness(comparison: Comparison) -> Witness:
    """Score by the loss of correlation with the reference, on Fisher's scale."""
    flat = comparison.images.reshape(len(comparison.images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    reference = comparison.scene.reference.ravel() - comparison.scene.reference.mean()
    power = (flat**2).sum(axis=1) * (reference**2).sum() + 1e-30
    correlation = np.arctanh(np.clip(flat @ reference / np.sqrt(power), -0.999, 0.999))
    return Witness(np.exp(take_middle(correlation[comparison.good]) - correlation))


def measure_network(features: Array, good: Array) -> Witness:
    """Score by the distance between the network's features of the residuals.

    Parameters
    ----------
    features : ndarray, shape (epochs, features)
        Of the residual images.
    good : ndarray of bool, shape (epochs,)
        Epochs that say what is usual.

    Returns
    -------
    Witness
        In spreads of the good epochs' features.
    """
    return measure_distance(standardise_features(features, good), good)


def standardise_features(features: Array, good: Array) -> Array:
    """Measure features in spreads of the good epochs, each within eight of them."""
    usual, spread = take_middle(features[good]), measure_spread(features[good])
    return np.asarray(np.clip((features - usual) / (spread + 0.05 * float(take_middle(spread)) + 1e-6), -8, 8))


def _measure_apart(sigmas: Array, most: float, comparison: Comparison) -> Witness:
    """Score by the distance between images in sigmas, which count at most so many."""
    return measure_distance(np.clip(sigmas, -most, most).reshape(len(sigmas), -1), comparison.good)
