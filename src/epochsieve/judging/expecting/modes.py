"""How the epochs of a series differ among themselves: principal components, none of an epoch's own making."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FOLDS = 6
"""Into so many parts the epochs are dealt; each part's components come from the others."""

MOST_MODES = 8
"""Components at most; and no more than one per six good epochs and one per 25 pixels."""

CLIP = 4.0
"""Residuals beyond so many sigmas don't pull a component towards them."""


def count_modes(good_epochs: int, pixels: int) -> int:
    """Decide how many components a series can bear."""
    return int(min(MOST_MODES, max(0, (good_epochs - 4) // 6), pixels // 25))


def deal_folds(epochs: int) -> Array:
    """Deal epochs into folds, neighbours in time into different ones."""
    return np.arange(epochs) % FOLDS


def find_modes(residual: Array, good: NDArray[np.bool_], count: int) -> list[Array]:
    """Find the common patterns in residuals, for each fold from the good epochs of all the other folds.

    An outlying epoch cannot shape the components that it is then fitted by (cross-validation); nor do the others'
    bright spots (clipping) or epochs that are off as a whole (weights). The components of every fold are turned to the
    first fold's, so that coefficients mean the same in all (orthogonal Procrustes; Schoenemann 1966, Psychometrika
    31, 1).

    Parameters
    ----------
    residual : ndarray, shape (epochs, pixels)
        In sigmas; zero where data is missing.
    good : ndarray of bool, shape (epochs,)
        Epochs to learn from.
    count : int
        Components wanted.

    Returns
    -------
    list of ndarray, shape (components, pixels)
        One for each fold.
    """
    clipped = np.clip(residual, -CLIP, CLIP)
    power = (clipped**2).mean(axis=1)
    weighted = clipped * (good / np.maximum(1, power / (np.median(power[good]) or 1.0)))[:, None]
    products = (weighted @ weighted.T).astype(float)
    folds = deal_folds(len(residual))
    found = [_find_components(weighted, products, folds != fold, count) for fold in range(FOLDS)]
    return [_turn_to(found[0], components) for components in found]


def _find_components(weighted: Array, products: Array, learnt: NDArray[np.bool_], count: int) -> Array:
    """Find the leading components of some rows, by the eigenvectors of their small matrix of products."""
    values, vectors = np.linalg.eigh(products[np.ix_(learnt, learnt)])
    leading = vectors[:, ::-1][:, :count]
    return np.asarray(leading.T @ weighted[learnt] / np.sqrt(np.maximum(values[::-1][:count], 1e-12))[:, None])


def _turn_to(wanted: Array, components: Array) -> Array:
    """Turn components among themselves until they are as near to the wanted ones as they can be."""
    left, _, right = np.linalg.svd(wanted @ components.T)
    return np.asarray(left @ right @ components)
