"""The images whose sum an epoch may be: the reference, small changes of it, and a central source that varies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.scene import Scene
from epochsieve.judging.smoothing import smooth

Array = NDArray[Any]

SCENE = ("scale", "level", "tilt_x", "tilt_y", "shift_x", "shift_y", "stretch", "shear", "size")
"""Templates for the whole scene, to second order in position: a change of the point spread's second moments is a sum of
the reference's second derivatives."""

VARYING = ("centre", "core", "psf_1", "psf_2", "psf_3", "psf_4")
"""Templates for light that comes and goes in the central source: its image with and without wings, and concentric
Gaussians (a multi-Gaussian expansion, Emsellem, Monnet & Bacon 1994, A&A 285, 723) where it is a point in a galaxy."""

PSF_WIDTHS = (1.0, 1.7, 3.0, 6.0)
"""Their standard deviations in units of the point spread's."""

SMOOTHING = 0.7
"""Standard deviation in pixels of the Gaussian whose derivatives differentiate images."""


@dataclass(frozen=True, eq=False)
class Templates:
    """Named images.

    Attributes
    ----------
    names : tuple of str
        What each is for.
    images : ndarray, shape (templates, pixels)
        Of length one.
    lengths : ndarray, shape (templates,)
        Lengths before that.
    """

    names: tuple[str, ...]
    images: Array
    lengths: Array

    def find(self, names: Sequence[str]) -> list[int]:
        """Look up rows by name."""
        return [self.names.index(name) for name in names]


def differentiate(images: Array, order_y: int, order_x: int) -> Array:
    """Differentiate an image, or a cube of images one by one, by Gaussian derivatives."""
    return smooth(images, SMOOTHING, "nearest", (order_y, order_x))


def make_templates(scene: Scene) -> Templates:
    """Make the templates of a scene.

    Parameters
    ----------
    scene : Scene
        What the series shows.

    Returns
    -------
    Templates
        Those for the whole scene, for blurring, and for the central source alone.
    """
    changed = change_scene(scene.reference[None])[:, 0]
    images = {**dict(zip(SCENE, changed, strict=True)), **_blur_scene(scene), **_vary_centre(scene)}
    flat = np.stack([image.ravel() for image in images.values()]).astype(float)
    lengths = np.sqrt((flat**2).sum(axis=1)) + 1e-30
    return Templates(tuple(images), flat / lengths[:, None], lengths)


def make_tilts(shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Make planes that rise from -1 to 1 along columns and along rows."""
    height, width = shape
    along_x, along_y = ((np.arange(side) - (side - 1) / 2) / (side / 2) for side in (width, height))
    return np.tile(along_x, (height, 1)), np.repeat(along_y[:, None], width, axis=1)


def change_scene(images: Array) -> Array:
    """Let all sources of images move, grow and stretch together, on a background with a slope.

    Parameters
    ----------
    images : ndarray of float, shape (images, height, width)
        References, or parts of them.

    Returns
    -------
    ndarray, shape (9, images, height, width)
        The `SCENE` templates of each, of the images' type.
    """
    along_x, along_y = differentiate(images, 0, 2), differentiate(images, 2, 0)
    changes = np.empty((len(SCENE), *images.shape), images.dtype)
    changes[0], changes[1] = images, 1
    changes[2], changes[3] = make_tilts(images.shape[1:])
    changes[4], changes[5] = differentiate(images, 0, 1), differentiate(images, 1, 0)
    changes[6], changes[7], changes[8] = along_x - along_y, differentiate(images, 1, 1), along_x + along_y
    return changes


def _blur_scene(scene: Scene) -> dict[str, Array]:
    """Let the seeing change by more than a derivative can say."""
    return {"blur": smooth(scene.reference, scene.blur) - scene.reference}


def _vary_centre(scene: Scene) -> dict[str, Array]:
    """Let the central source change by itself: in brightness, and in shape, for it may be a point in a galaxy."""
    radius = scene.measure_radii()
    whole = _isolate_centre(scene) * fall_off(radius, max(2.5 * scene.width, 3 * scene.psf_fwhm))
    core = np.maximum(scene.reference, 0) * fall_off(radius, 1.3 * scene.width)
    points = [np.exp(-((radius / (factor * scene.psf_sigma)) ** 2) / 2) for factor in PSF_WIDTHS]
    return {
        **dict(zip(VARYING, (whole, core, *points), strict=True)),
        "core_blur": smooth(core, max(0.7, 0.4 * scene.width)) - core,
        "core_x": differentiate(core, 0, 1),
        "core_y": differentiate(core, 1, 0),
        "core_stretch": differentiate(core, 0, 2) - differentiate(core, 2, 0),
        "core_shear": differentiate(core, 1, 1),
        "psf_size": smooth(points[0], SMOOTHING, orders=(2, 0)) + smooth(points[0], SMOOTHING, orders=(0, 2)),
    }


def _isolate_centre(scene: Scene) -> Array:
    """Rid the central source of its neighbours: the smaller of each pixel and its opposite (as the SDSS deblender)."""
    down, across = (_draw_turn(side, middle) for side, middle in zip(scene.reference.shape, scene.centre, strict=True))
    return np.asarray(np.maximum(np.minimum(scene.reference, down @ scene.reference @ across.T), 0))


def _draw_turn(side: int, middle: float) -> Array:
    """Draw the matrix that turns a column of pixels around a place, interpolating linearly; zero beyond the borders."""
    opposite = 2 * middle - np.arange(side)[:, None]
    inside = (opposite >= 0) & (opposite <= side - 1)
    return np.asarray(np.maximum(1 - np.abs(opposite - np.arange(side)), 0) * inside)


def fall_off(radius: Array, limit: float) -> Array:
    """Fall from one to zero around a radius, shape as given."""
    return np.asarray(1 / (1 + (radius / limit) ** 6))
