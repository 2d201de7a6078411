"""Stripes over the whole image: of light (fringes), and of noise, where resampling smoothed some of it (moire)."""

from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

from epochsieve.judging.detectors.witness import Array, Witness, raise_to_score
from epochsieve.judging.expecting.comparison import Comparison

CLIP = 3.0
"""A pixel counts at most so many sigmas: stripes are in all of them."""

FEWEST_FRINGES, FEWEST_MOIRE = 0.8, 2.0
"""Stripes that fit into an image's shorter side at least; fewer in the noise are what a bright source leaves."""

FINEST = 0.45
"""Waves per pixel; nearer to half a wave neighbouring pixels tell nothing but noise."""


def measure_fringes(comparison: Comparison) -> Witness:
    """Score by the strongest wave in the residual."""
    return _find_wave(np.clip(comparison.residual, -CLIP, CLIP), comparison.scene.missing, FEWEST_FRINGES)


def measure_moire(comparison: Comparison) -> Witness:
    """Score by the strongest wave in the residual's square."""
    power = np.minimum(comparison.residual**2, np.float32(CLIP**2))
    return _find_wave(power, comparison.scene.missing, FEWEST_MOIRE)


def _find_wave(cube: Array, missing: NDArray[np.bool_], fewest: float) -> Witness:
    """Find the wave with the largest amplitude, in units of what white noise of the same variance has on average."""
    centred = _centre(cube, missing)
    variance = np.einsum("nij,nij->n", centred, centred)
    chosen = _choose_waves(*cube.shape[1:], fewest)
    if not chosen.any():
        return Witness(np.ones(len(cube)))
    waves = scipy.fft.rfft2(centred)
    power = (waves.real**2 + waves.imag**2) * chosen
    return Witness(raise_to_score(np.sqrt(power.max(axis=(1, 2)) / np.maximum(variance, 1e-6))))


def _centre(cube: Array, missing: NDArray[np.bool_]) -> Array:
    """Subtract each image's mean, and put zeros where data is missing: few images have missing pixels."""
    centred = cube - cube.mean(axis=(1, 2), keepdims=True)
    holed = missing.any(axis=(1, 2))
    seen = ~missing[holed]
    count = np.maximum(seen.sum(axis=(1, 2), keepdims=True), 1)
    mean = np.sum(cube[holed], axis=(1, 2), where=seen, keepdims=True) / count
    centred[holed] = np.where(seen, cube[holed] - mean.astype(cube.dtype), 0)
    return np.asarray(centred)


@lru_cache(maxsize=16)
def _choose_waves(height: int, width: int, fewest: float) -> NDArray[np.bool_]:
    """Choose waves that are long enough to be seen, and short enough to be no slope."""
    waves = np.hypot(scipy.fft.fftfreq(height)[:, None], scipy.fft.rfftfreq(width))
    return np.asarray((waves > fewest / min(height, width)) & (waves < FINEST))
