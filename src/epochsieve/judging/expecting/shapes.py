"""How an epoch's sources differ as a whole: brightness, place, size and elongation, all sources together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.fitting import downweight, solve_ridged
from epochsieve.judging.expecting.templates import SCENE, differentiate, make_tilts

Array = NDArray[Any]

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


def measure_shapes(images: Array, weights: Array, expected: Array, shape: tuple[int, int]) -> Shapes:
    """Measure by how much each epoch's sources moved, grew and stretched.

    Parameters
    ----------
    images, weights : ndarray of float32, shape (epochs, pixels)
        Images, and inverse variances, both zero where data is missing.
    expected : ndarray, shape (epochs, pixels)
        What the epoch would be without such a change: its central source as bright as it is found to be.
    shape : tuple of int
        Height and width.

    Returns
    -------
    Shapes
        One row per epoch.
    """
    templates = _change_each(expected.reshape(-1, *shape)).reshape(len(images), len(SCENE), -1)
    lengths = np.sqrt((templates.astype(float) ** 2).sum(axis=2)) + 1e-30
    templates = (templates / lengths[..., None]).astype(np.float32)
    current = weights
    for _ in range(3):
        weighted = templates * current[:, None]
        normal = (weighted @ templates.transpose(0, 2, 1)).astype(float)
        values = solve_ridged(normal, (weighted @ images[..., None])[..., 0].astype(float), 1e-5)
        model = (values[:, None].astype(np.float32) @ templates)[:, 0]
        current = downweight(images - model, weights)
    return Shapes(values / lengths, CAUTION * _measure_errors(normal) / lengths)


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
