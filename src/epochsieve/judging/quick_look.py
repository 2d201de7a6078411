"""Background, noise and flux of every epoch, for a method that does not need them itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import build_scene
from epochsieve.judging.photometry import measure_flux
from epochsieve.judging.sieve import find_empty
from epochsieve.judging.units import choose_unit, rescale
from epochsieve.vocabulary.series import FloatImage

Array = NDArray[Any]


def measure_light(cube: FloatImage, stack: FloatImage) -> dict[str, Array]:
    """Measure the light in every image.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        Any images; NaN is missing data.
    stack : ndarray of float32, shape (height, width)
        The series' stack.

    Returns
    -------
    dict of str to ndarray, shape (epochs,)
        `background`, `noise`, `flux` and `flux_error`, image units; NaN for images without content.
    """
    light = {name: np.full(len(cube), np.nan) for name in ("background", "noise", "flux", "flux_error")}
    shown = ~find_empty(cube)
    if not shown.any():
        return light
    unit = choose_unit(cube[shown])
    scaled = rescale(cube[shown], unit)
    scene = build_scene(scaled, find_missing(scaled), rescale(stack, unit))
    flux, error = measure_flux(scaled, scene.missing, scene.background, scene.noise, scene)
    measured = (scene.background, scene.noise, flux, error)
    for name, values in zip(light, measured, strict=True):
        light[name][shown] = values * unit
    return light
