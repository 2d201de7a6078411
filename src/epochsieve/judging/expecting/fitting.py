"""Robust linear fits of many images by the same templates at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.solving import solve_ridged, step_on

Array = NDArray[Any]

TURNING_POINT = 3.0
"""Residual, in sigmas, from which a pixel loses its say in the fit."""

FARTHEST = 1e9
"""Squared sigmas beyond which a pixel can't lose more of its say; single precision ends soon after."""


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

    The weight function is Geman and McClure's, ``1 / (1 + (r / 3 sigma)^2)^2``. The last of several rounds takes its
    step with the normal equations of the round before, for only their right-hand sides decide where steps lead (Huber
    1981, Robust Statistics, section 7.8, modified residuals): 4 times faster than a whole round by 30 templates.

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
    current = weights if before is None else downweight(before, weights)
    for left in reversed(range(max(1, rounds - 1))):
        normal = basis.multiply_pairs(current)
        coefficients = solve_ridged(normal, basis.project(current * images))
        model = basis.draw(coefficients)
        residual = images - model
        if left:
            current = downweight(residual, weights)
    if rounds > 1:
        coefficients = step_on(coefficients, normal, basis.project(downweight(residual, weights) * residual))
        model = basis.draw(coefficients)
        residual = images - model
    return Fit(coefficients, model, residual)


def fit_alike(images: Array, valid: NDArray[np.bool_], weights: Array, basis: "Basis") -> Array:
    """Fit images by templates once, all with the same weights, to begin with.

    Where no data is missing, all have the same normal equations: 2.5 times faster than a round with their own.

    Parameters
    ----------
    images : ndarray of float32, shape (images, pixels)
        Zero where data is missing.
    valid : ndarray of bool, shape (images, pixels)
        Pixels with data.
    weights : ndarray of float32, shape (pixels,)
        Usual inverse variance.
    basis : Basis
        Templates.

    Returns
    -------
    ndarray of float32, shape (images, pixels)
        Residuals.
    """
    holes = ~valid.all(axis=1)
    each = np.concatenate([weights[None], weights * valid[holes]])
    which = np.where(holes, np.cumsum(holes), 0)
    return images - basis.draw(solve_ridged(basis.multiply_pairs(each)[which], basis.project(images * weights)))


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

    def multiply_pairs(self, weights: Array) -> Array:
        """Multiply templates by each other.

        Parameters
        ----------
        weights : ndarray of float32, shape (images, pixels)
            How much each pixel counts.

        Returns
        -------
        ndarray, shape (images, templates, templates)
            Left-hand sides of the normal equations.
        """
        return (self.pairs @ weights.T)[self.places].transpose(2, 0, 1).astype(float)

    def project(self, weighted: Array) -> Array:
        """Multiply templates by weighted images: right-hand sides of the equations, shape (images, templates)."""
        return (weighted @ self.templates.T).astype(float)

    def draw(self, coefficients: Array) -> Array:
        """Sum the templates, shape (images, pixels)."""
        return np.asarray(coefficients.astype(np.float32) @ self.templates)


class _JoinedBasis:
    """Templates that all images have, and after them templates of their own."""

    def __init__(self, common: Basis, own: OwnTemplates) -> None:
        self.common, self.own = common, own.images.astype(np.float32)
        self.count = len(common.templates) + self.own.shape[1]
        self.groups = [(int(group), _find_even(own.groups == group)) for group in np.unique(own.groups)]
        self.every = {group: np.concatenate([common.templates, self.own[group]]) for group, _ in self.groups}

    def multiply_pairs(self, weights: Array) -> Array:
        """Multiply templates by each other, weighted, shape (images, templates, templates)."""
        common = len(self.common.templates)
        normal = np.empty((len(weights), self.count, self.count))
        normal[:, :common, :common] = self.common.multiply_pairs(weights)
        for group, some in self.groups:
            # Image by image: 1.7 times faster than all of a group as one product, which has few columns.
            normal[some, common:] = (weights[some][:, None] * self.own[group]) @ self.every[group].T
        normal[:, :common, common:] = normal[:, common:, :common].transpose(0, 2, 1)
        return normal

    def project(self, weighted: Array) -> Array:
        """Multiply templates by weighted images, shape (images, templates)."""
        right = np.empty((len(weighted), self.count))
        for group, some in self.groups:
            right[some] = weighted[some] @ self.every[group].T
        return right

    def draw(self, coefficients: Array) -> Array:
        """Sum the templates, shape (images, pixels)."""
        model = np.empty((len(coefficients), self.own.shape[2]), np.float32)
        for group, some in self.groups:
            model[some] = coefficients[some].astype(np.float32) @ self.every[group]
        return model


def _find_even(chosen: NDArray[np.bool_]) -> "slice | NDArray[np.intp]":
    """Find what is chosen, as a slice where it lies at equal steps, as dealt folds do: that copies nothing."""
    places = np.flatnonzero(chosen)
    steps = np.unique(np.diff(places))
    return slice(places[0], places[-1] + 1, steps[0]) if len(steps) == 1 else places


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
