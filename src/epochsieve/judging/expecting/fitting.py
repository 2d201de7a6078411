"""Robust linear fits of many images by the same templates at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

TURNING_POINT = 3.0
"""Residual, in sigmas, from which a pixel loses its say in the fit."""

FARTHEST = 1e9
"""Squared sigmas beyond which a pixel can't lose more of its say; single precision ends soon after."""

RIDGE = 1e-4
"""Added to the diagonal of the normalised normal equations, so that nearly equal templates share what they explain."""

UNSEEN = 1e-5
"""Share of a template's largest diagonal element, over all images, that is added before: what hardly a pixel
shows, where data is missing, must not be made up."""


@dataclass(frozen=True, eq=False)
class Fit:
    """What templates explain of images.

    Attributes
    ----------
    coefficients : ndarray, shape (images, templates)
        In units of the templates as given.
    model : ndarray of float32, shape (images, pixels)
        The templates' sum.
    residual : ndarray of float32, shape (images, pixels)
        Image minus model; minus the model where data is missing.
    """

    coefficients: Array
    model: Array
    residual: Array


def fit_templates(images: Array, weights: Array, templates: Array, rounds: int = 4) -> Fit:
    """Fit images by templates, pixels that don't fit losing their weight (iteratively reweighted least squares).

    The weight function is Geman and McClure's, ``1 / (1 + (r / 3 sigma)^2)^2``. All images share the products of
    template pairs, so that the normal equations of all of them are one matrix product: 20 times faster than image by
    image for 54 images of 51 x 51 px and 24 templates.

    Parameters
    ----------
    images : ndarray of float32, shape (images, pixels)
        Zero where data is missing.
    weights : ndarray of float32, shape (images, pixels)
        Inverse variance; zero where data is missing.
    templates : ndarray, shape (templates, pixels)
        Not all zero.
    rounds : int, optional
        How often weights are adapted.

    Returns
    -------
    Fit
        For every image by itself, but for what hardly any of its pixels shows (`UNSEEN`).
    """
    count = len(templates)
    rows, columns = np.triu_indices(count)
    pairs = (templates[rows] * templates[columns]).astype(np.float32)
    single = templates.astype(np.float32)
    current = weights
    for _ in range(rounds):
        normal = np.empty((len(images), count, count))
        normal[:, rows, columns] = normal[:, columns, rows] = current @ pairs.T
        coefficients = solve_ridged(normal, (current * images) @ single.T)
        model = coefficients.astype(np.float32) @ single
        residual = images - model
        current = downweight(residual, weights)
    return Fit(coefficients, model, residual)


def downweight(residual: Array, weights: Array) -> Array:
    """Lower the weight of pixels that don't fit.

    Parameters
    ----------
    residual, weights : ndarray, shape (images, pixels)
        Residuals, and inverse variances.

    Returns
    -------
    ndarray, shape (images, pixels)
        New weights.
    """
    departure = np.minimum(residual * residual * weights, FARTHEST)
    return np.asarray(weights / (1 + departure / TURNING_POINT**2) ** 2)


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
    diagonal = np.einsum("nii->ni", normal)
    floor = UNSEEN * diagonal.max(axis=0) + 1e-30
    scale = 1 / np.sqrt(diagonal + floor)
    scaled = normal * scale[:, :, None] * scale[:, None, :]
    scaled[:, np.arange(normal.shape[1]), np.arange(normal.shape[1])] = 1 + ridge
    return np.asarray(np.linalg.solve(scaled, (right * scale)[..., None])[..., 0] * scale)
