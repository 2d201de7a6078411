"""What detectors say together: neither by itself is sure of it, but that both speak of one epoch is no chance."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.detectors.witness import raise_to_score
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import compare_logarithms

Array = NDArray[Any]

ACCORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "drag": ("appearance", "stretch"),
        "distortion": ("appearance", "mismatch"),
        "smear": ("appearance", "stretch", "mismatch"),
    }
)
"""Detectors that must agree, by the name of what they see together.

Poor seeing and a variable source change how an image looks, and noise makes one source or another look stretched; what
does both is a trailed or distorted point spread.
"""

APPEARANCE = "appearance"
"""The detector that a variable source rouses."""

GRANTED = 0.03
"""Light that was granted to new stars and to the central source's change, relative to the reference's (root mean
squares), from which how an image looks says nothing about its point spread: no such change fits to the last sigma."""


def measure_accords(raw: Array, good: NDArray[np.bool_], names: tuple[str, ...], granted: Array) -> Array:
    """Measure how much detectors agree that an epoch is unusual.

    Parameters
    ----------
    raw : ndarray, shape (epochs, detectors)
        Raw scores.
    good : ndarray of bool, shape (epochs,)
        Epochs that say what is usual.
    names : tuple of str
        The detectors, in the order of the columns.
    granted : ndarray, shape (epochs,)
        What `measure_granted` gives.

    Returns
    -------
    ndarray, shape (epochs, accords)
        In the order of `ACCORDS`: the exponential, for scores are compared by their logarithms, of the geometric mean
        of departures above what is usual, each in the good epochs' spread. One where any of them is below.
    """
    above = {
        name: np.maximum(compare_logarithms(raw[:, names.index(name)], good), 0)
        for name in dict.fromkeys(name for together in ACCORDS.values() for name in together)
    }
    above[APPEARANCE] *= 1 - np.clip(granted / GRANTED, 0, 1)
    means = [
        np.prod([above[name] for name in together], axis=0) ** (1 / len(together)) for together in ACCORDS.values()
    ]
    return raise_to_score(np.stack(means, axis=1))


def measure_granted(comparison: Comparison) -> Array:
    """Measure the light of new stars and of the central source's change, relative to the reference's.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.

    Returns
    -------
    ndarray, shape (epochs,)
        Ratio of root mean squares, the light that was granted being in units of the background's noise.
    """
    reference = float(np.sqrt((comparison.scene.reference**2).sum())) or 1.0
    granted = np.sqrt(np.einsum("nij,nij->n", comparison.granted, comparison.granted))
    return np.asarray(granted * comparison.noise / reference)
