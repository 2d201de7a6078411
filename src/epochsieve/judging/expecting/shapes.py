"""How an epoch's sources differ as a whole: brightness, place, size and elongation, all sources together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.fitting import Basis, downweight, solve_ridged
from epochsieve.judging.expecting.templates import SCENE, differentiate, make_tilts

Array = NDArray[Any]

BACKGROUND = frozenset({"level", "tilt_x", "tilt_y"})
"""Templates that are not the brighter the brighter the sources are."""

CAUTION = 2.0
"""Formal errors are multiplied by this: pixels are correlated and templates imperfect."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """Coefficients of the `SCENE` templates, drawn for each epoch with its own central source.

    Attributes
    ----------
    values, errors : ndarray, shape (epochs, 9)
        Scale relative to what is expected; level and tilts in image units; shifts in pixels; stretch, shear and size
        (half the change of second moments) in pixels squared.
    """

    values: Array
    errors: Array

    def take(self, *names: str) -> tuple[Array, Array]:
        """Look values and errors up by the templates' names, shape (epochs, names)."""
        columns = [SCENE.index(name) for name in names]
        return self.values[:, columns], self.errors[:, columns]


def measure_shapes(
    images: Array, weights: Array, scale: Array, reference: Array, change: Array, shape: tuple[int, int]
) -> Shapes:
    """Measure by how much each epoch's sources moved, grew and stretched.

    Without such a change, an epoch would be the scaled reference and what is added to it: its central source as bright
    as it is found to be.

    Parameters
    ----------
    images, weights : ndarray of float32, shape (epochs, pixels)
        Images, and inverse variances, both zero where data is missing.
    scale : ndarray, shape (epochs,)
        Brightness relative to the reference.
    reference : ndarray, shape (pixels,)
        The reference.
    change : ndarray of float32, shape (epochs, pixels)
        What is added to it.
    shape : tuple of int
        Height and width.

    Returns
    -------
    Shapes
        One row per epoch.
    """
    own = change.any(axis=1) | (scale == 0)
    expected = (scale[own, None] * reference + change[own]).astype(np.float32)
    templates, lengths = _make_unit_templates(expected.reshape(-1, *shape))
    common, length = _make_unit_templates(reference.reshape(1, *shape))
    basis = _SplitBasis(Basis(common[0]), templates, own)
    every = length * np.where([name in BACKGROUND for name in SCENE], 1, scale[:, None])
    every[own] = lengths
    current = weights
    for left in reversed(range(3)):
        normal, right = basis.multiply(images, current)
        values = solve_ridged(normal, right, 1e-5)
        if left:
            current = downweight(images - basis.draw(values), weights)
    return Shapes(values / every, CAUTION * _measure_errors(normal) / np.abs(every))


class _SplitBasis:
    """Templates of which some images have their own, and all others the same.

    Six epochs in ten share them: twice as fast as if none did.
    """

    def __init__(self, common: Basis, templates: Array, own: NDArray[np.bool_]) -> None:
        self.common, self.templates, self.own = common, templates, own

    def multiply(self, images: Array, weights: Array) -> tuple[Array, Array]:
        """Multiply templates by each other and by the images, weighted, for the normal equations."""
        normal, right = np.empty((len(images), len(SCENE), len(SCENE))), np.empty((len(images), len(SCENE)))
        normal[~self.own], right[~self.own] = self.common.multiply(images[~self.own], weights[~self.own])
        weighted = self.templates * weights[self.own, None]
        normal[self.own] = weighted @ self.templates.transpose(0, 2, 1)
        right[self.own] = (weighted @ images[self.own, :, None])[..., 0]
        return normal, right

    def draw(self, coefficients: Array) -> Array:
        """Sum the templates, shape (images, pixels)."""
        model = np.empty((len(coefficients), self.templates.shape[2]), np.float32)
        model[~self.own] = self.common.draw(coefficients[~self.own])
        model[self.own] = (coefficients[self.own, None].astype(np.float32) @ self.templates)[:, 0]
        return model


def _make_unit_templates(expected: Array) -> tuple[Array, Array]:
    """Make the `SCENE` templates of every epoch, of length one, shape (epochs, 9, pixels), and their lengths before."""
    count, height, width = expected.shape
    templates = _change_each(expected).reshape(count, len(SCENE), height * width)
    lengths = np.sqrt(np.einsum("nkp,nkp->nk", templates, templates)) + 1e-30
    return templates / lengths[..., None].astype(np.float32), lengths


def _change_each(expected: Array) -> Array:
    """Make the `SCENE` templates of every epoch, shape (epochs, 9, height, width)."""
    plane = np.ones_like(expected)
    tilt_x, tilt_y = make_tilts(expected.shape[1:])
    along_x, along_y = differentiate(expected, 0, 2), differentiate(expected, 2, 0)
    change = (expected, plane, plane * tilt_x, plane * tilt_y, differentiate(expected, 0, 1))
    more = (differentiate(expected, 1, 0), along_x - along_y, differentiate(expected, 1, 1), along_x + along_y)
    return np.stack([*change, *more], axis=1).astype(np.float32)


def _measure_errors(normal: Array) -> Array:
    """Measure formal errors, from the inverse of the normal equations."""
    scale = 1 / np.sqrt(np.einsum("nii->ni", normal) + 1e-30)
    scaled = normal * scale[:, :, None] * scale[:, None, :] + 1e-5 * np.eye(normal.shape[-1])
    return np.asarray(np.sqrt(np.maximum(np.einsum("nii->ni", np.linalg.inv(scaled)), 0)) * scale)
