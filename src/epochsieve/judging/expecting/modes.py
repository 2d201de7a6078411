"""How the epochs of a series differ among themselves: principal components, none of an epoch's own making."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.robust import take_middle

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


def find_modes(residual: Array, good: NDArray[np.bool_], count: int) -> Array:
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
    ndarray, shape (folds, components, pixels)
        Those of each fold.
    """
    clipped = np.clip(residual, -CLIP, CLIP)
    power = (clipped**2).mean(axis=1)
    say = good / np.maximum(1, power / (take_middle(power[good]) or 1.0))
    weighted = clipped * say[:, None].astype(residual.dtype)
    products = (weighted @ weighted.T).astype(float)
    folds = deal_folds(len(residual))
    # Components are mixtures of epochs: pixels come in only when mixtures have been turned.
    mixtures = np.stack([_mix_epochs(products, folds != fold, count) for fold in range(FOLDS)])
    left, _, right = np.linalg.svd(mixtures[0] @ products @ mixtures.transpose(0, 2, 1))
    turned = (left @ right @ mixtures).reshape(FOLDS * count, -1)
    return np.asarray(turned.astype(residual.dtype) @ weighted).reshape(FOLDS, count, -1)


def _mix_epochs(products: Array, learnt: NDArray[np.bool_], count: int) -> Array:
    """Mix some epochs to their leading components, by the eigenvectors of their products, shape (count, epochs)."""
    values, vectors = np.linalg.eigh(products[np.ix_(learnt, learnt)])
    mixtures = np.zeros((count, len(learnt)))
    mixtures[:, learnt] = (vectors / np.sqrt(np.maximum(values, 1e-12)))[:, : -count - 1 : -1].T
    return mixtures
