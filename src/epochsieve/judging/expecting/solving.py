"""Solutions of many small systems of normal equations, finite whatever templates see."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

RIDGE = 1e-4
"""Added to the diagonal of the normalised normal equations, so that nearly equal templates share what they explain."""

UNSEEN = 1e-5
"""Share of a template's largest diagonal element, over all images, that is added before: what hardly a pixel
shows, where data is missing, must not be made up."""


def solve_ridged(normal: Array, right: Array, ridge: float = RIDGE) -> Array:
    """Solve normal equations with a slight preference for small coefficients.

    Parameters
    ----------
    normal : ndarray, shape (systems, n, n)
        Symmetric, positive semidefinite.
    right : ndarray, shape (systems, n)
        Right-hand sides.
    ridge : float, optional
        Relative to the diagonal.

    Returns
    -------
    ndarray, shape (systems, n)
        Solutions; finite even where a diagonal element is zero.
    """
    return _solve(normal, right, _prefer_small(normal, ridge))


def step_on(coefficients: Array, normal: Array, right: Array, ridge: float = RIDGE) -> Array:
    """Go on from a solution by what is left, with normal equations that need not be quite those of its weights.

    Parameters
    ----------
    coefficients : ndarray, shape (systems, n)
        Where the step begins.
    normal : ndarray, shape (systems, n, n)
        As for `solve_ridged`.
    right : ndarray, shape (systems, n)
        Right-hand sides of the weighted residual.
    ridge : float, optional
        As for `solve_ridged`.

    Returns
    -------
    ndarray, shape (systems, n)
        Where it ends.
    """
    preference = _prefer_small(normal, ridge)
    return np.asarray(coefficients + _solve(normal, right - preference * coefficients, preference))


def solve_apart(normal: Array, right: Array, ridge: float = RIDGE) -> Array:
    """Solve normal equations like `solve_ridged`, but each as if it were alone.

    Parameters
    ----------
    normal : ndarray, shape (..., n, n)
        Symmetric, positive semidefinite.
    right : ndarray, shape (..., n)
        Right-hand sides.
    ridge : float, optional
        Relative to the diagonal.

    Returns
    -------
    ndarray, shape (..., n)
        Solutions.
    """
    return _solve(normal, right, _prefer_small(normal[..., None, :, :], ridge)[..., 0, :])


def _prefer_small(normal: Array, ridge: float) -> Array:
    """Say what is added to diagonals, given all systems that are compared with each other, shape (..., systems, n)."""
    diagonal = np.einsum("...ii->...i", normal)
    unseen = UNSEEN * diagonal.max(axis=-2, keepdims=True) + 1e-30
    return np.asarray(unseen + ridge * (diagonal + unseen))


def _solve(normal: Array, right: Array, preference: Array) -> Array:
    """Solve normal equations whose diagonals something is added to."""
    systems, diagonal = normal.copy(), np.arange(normal.shape[-1])
    systems[..., diagonal, diagonal] += preference
    return np.asarray(np.linalg.solve(systems, right[..., None])[..., 0])
