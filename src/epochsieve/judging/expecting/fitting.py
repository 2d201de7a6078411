"""Robust linear fits of many images by the same templates at once."""

from dataclasses import dataclass
from itertools import pairwise
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


@dataclass(frozen=True, eq=False)
class OwnTemplates:
    """Templates that images have beside those that all share, the same number for each.

    Attributes
    ----------
    images : ndarray, shape (groups, templates, pixels)
        The own templates of each group of images.
    groups : ndarray of int, shape (images,)
        Which group each image belongs to.
    """

    images: Array
    groups: NDArray[np.intp]


def fit_templates(
    images: Array,
    weights: Array,
    templates: "Array | Basis",
    rounds: int = 3,
    own: OwnTemplates | None = None,
    before: Array | None = None,
) -> Fit:
    """Fit images by templates, pixels that don't fit losing their weight (iteratively reweighted least squares).

    The weight function is Geman and McClure's, ``1 / (1 + (r / 3 sigma)^2)^2``.

    Parameters
    ----------
    images : ndarray of float32, shape (images, pixels)
        Zero where data is missing.
    weights : ndarray of float32, shape (images, pixels)
        Inverse variance; zero where data is missing.
    templates : ndarray, shape (templates, pixels), or Basis
        Not all zero.
    rounds : int, optional
        How often equations are solved; between them weights are adapted.
    own : OwnTemplates, optional
        Templates beside those, each image's own.
    before : ndarray of float32, shape (images, pixels), optional
        Residuals of an earlier fit, to which the first weights are adapted: that saves rounds.

    Returns
    -------
    Fit
        For every image by itself, but for what hardly any of its pixels shows (`UNSEEN`). Own templates come last.
    """
    common = templates if isinstance(templates, Basis) else Basis(templates)
    basis = common if own is None else _JoinedBasis(common, own)
    order = slice(None) if own is None else np.argsort(own.groups, kind="stable")
    back = order if isinstance(order, slice) else np.argsort(order)
    images, weights = images[order], weights[order]
    current = weights if before is None else downweight(before[order], weights)
    for left in reversed(range(rounds)):
        coefficients = basis.solve(images, current)
        model = basis.draw(coefficients)
        residual = images - model
        if left:
            current = downweight(residual, weights)
    return Fit(coefficients[back], model[back], residual[back])


class Basis:
    """Templates that all images have.

    They share the products of template pairs, so that the normal equations of all images are one matrix product:
    4 times faster than image by image for 54 images of 51 x 51 px and 22 templates.

    Parameters
    ----------
    templates : ndarray, shape (templates, pixels)
        Images.
    """

    def __init__(self, templates: Array) -> None:
        self.templates = templates.astype(np.float32)
        rows, columns = np.triu_indices(len(templates))
        self.pairs = np.empty((len(rows), templates.shape[1]), np.float32)
        for i, first in enumerate(np.flatnonzero(rows == columns)):
            np.multiply(self.templates[i], self.templates[i:], out=self.pairs[first : first + len(templates) - i])
        self.places = np.zeros((len(templates), len(templates)), int)
        self.places[rows, columns] = self.places[columns, rows] = np.arange(len(rows))

    def multiply(self, images: Array, weights: Array) -> tuple[Array, Array]:
        """Multiply templates by each other and by images, weighted.

        Parameters
        ----------
        images, weights : ndarray of float32, shape (images, pixels)
            What is fitted, and how much each pixel counts.

        Returns
        -------
        normal : ndarray, shape (images, templates, templates)
            Left-hand sides of the normal equations.
        right : ndarray, shape (images, templates)
            Right-hand sides.
        """
        normal = (self.pairs @ weights.T)[self.places]
        return normal.transpose(2, 0, 1).astype(float), ((weights * images) @ self.templates.T).astype(float)

    def solve(self, images: Array, weights: Array) -> Array:
        """Solve the normal equations, shape (images, templates)."""
        return solve_ridged(*self.multiply(images, weights))

    def draw(self, coefficients: Array) -> Array:
        """Sum the templates, shape (images, pixels)."""
        return np.asarray(coefficients.astype(np.float32) @ self.templates)


class _JoinedBasis:
    """Templates that all images have and templates of their own, for images in the order of their groups."""

    def __init__(self, common: Basis, own: OwnTemplates) -> None:
        self.common, self.own = common, own.images.astype(np.float32)
        self.every = [np.concatenate([common.templates, images]) for images in self.own]
        ends = np.searchsorted(np.sort(own.groups), np.arange(len(own.images) + 1))
        self.groups = [(group, slice(*part)) for group, part in enumerate(pairwise(ends)) if part[0] < part[1]]

    def solve(self, images: Array, weights: Array) -> Array:
        """Solve the normal equations, shape (images, templates)."""
        common, count = len(self.common.templates), len(self.common.templates) + self.own.shape[1]
        normal, right = np.empty((len(images), count, count)), np.empty((len(images), count))
        normal[:, :common, :common], right[:, :common] = self.common.multiply(images, weights)
        weighted, usual = weights * images, np.empty_like(right)
        for group, some in self.groups:
            right[some, common:] = weighted[some] @ self.own[group].T
            normal[some, common:] = self._multiply_own(group, weights[some])
            usual[some] = np.einsum("nii->ni", normal[some]).max(axis=0)
        normal[:, :common, common:] = normal[:, common:, :common].transpose(0, 2, 1)
        return _solve(normal, right, RIDGE, usual)

    def draw(self, coefficients: Array) -> Array:
        """Sum the templates, shape (images, pixels)."""
        common = len(self.common.templates)
        model = self.common.draw(coefficients[:, :common])
        for group, some in self.groups:
            model[some] += coefficients[some, common:].astype(np.float32) @ self.own[group]
        return model

    def _multiply_own(self, group: int, weights: Array) -> Array:
        """Multiply a group's own templates by all of its templates, shape (images, own, templates)."""
        # Image by image: 1.7 times faster than all of a group as one product, which has few columns.
        return np.asarray((weights[:, None] * self.own[group]) @ self.every[group].T)


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
    loss = residual * residual
    loss *= weights
    np.minimum(loss, FARTHEST, out=loss)
    loss /= TURNING_POINT**2
    loss += 1
    loss *= loss
    return np.asarray(np.divide(weights, loss, out=loss))


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
    return _solve(normal, right, ridge, np.einsum("nii->ni", normal).max(axis=0))


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
    return _solve(normal, right, ridge, np.einsum("...ii->...i", normal))


def _solve(normal: Array, right: Array, ridge: float, usual: Array) -> Array:
    """Solve normal equations whose diagonals have usual values."""
    scale = 1 / np.sqrt(np.einsum("...ii->...i", normal) + (UNSEEN * usual + 1e-30))
    scaled = normal * scale[..., :, None] * scale[..., None, :]
    diagonal = np.arange(normal.shape[-1])
    scaled[..., diagonal, diagonal] = 1 + ridge
    return np.asarray(np.linalg.solve(scaled, (right * scale)[..., None])[..., 0] * scale)
