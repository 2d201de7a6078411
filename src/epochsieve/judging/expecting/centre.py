"""A central source that brightens or fades, told apart from an epoch that is bad."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.fitting import Fit
from epochsieve.judging.expecting.scene import Scene
from epochsieve.judging.expecting.templates import VARYING, Templates, fall_off
from epochsieve.judging.robust import take_middle

Array = NDArray[Any]

HARDLY, SURELY = 0.1, 0.2
"""Relative changes of the central flux between which a change is more and more taken for a true one."""

MIXED, PURE = 0.6, 0.8
"""Coherence (net over absolute flux of the change) between which it is taken: light that comes or goes has one sign,
a star of another shape gains here what it loses there."""


def measure_change(fit: Fit, templates: Templates, scene: Scene, good: NDArray[np.bool_]) -> Array:
    """Measure by how much each epoch's central source differs from its usual self.

    Parameters
    ----------
    fit : Fit
        By the templates' `SCENE` and `VARYING` rows, in this order.
    templates : Templates
        All templates.
    scene : Scene
        What the series shows.
    good : ndarray of bool, shape (epochs,)
        Epochs that say what is usual.

    Returns
    -------
    ndarray, shape (epochs, VARYING)
        Coefficients of the change; zero where the flux changed by less than a tenth, or only moved from place to place:
        a trailed or blurred star is no variable.
    """
    varying, points = fit.coefficients[:, -len(VARYING) :], templates.images[templates.find(VARYING)]
    change = varying - take_middle(varying[good])
    scale = take_middle(fit.coefficients[good, 0]) / templates.lengths[0]
    usual = abs(scale * float((np.maximum(scene.reference, 0) * _window(scene)).sum())) + 1e-12
    net = np.abs(change @ points.sum(axis=1))
    taken = _rise(net / usual, HARDLY, SURELY)
    some = taken > 0
    coherence = net[some] / (np.abs(change[some] @ points).sum(axis=1) + 1e-30)
    taken[some] *= _rise(coherence, MIXED, PURE)
    return np.asarray(change * taken[:, None])


def _rise(values: Array, low: float, high: float) -> Array:
    """Rise from zero to one between two values."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1))


def _window(scene: Scene) -> Array:
    """Weigh pixels by whether they belong to the central source."""
    return fall_off(scene.measure_radii(), 1.5 * scene.width)
