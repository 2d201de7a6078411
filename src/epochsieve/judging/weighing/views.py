"""What the eye is shown of each epoch: images in sigmas, compressed so that faint and bright can both be seen."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import take_middle

CHANNELS = ("residual", "departure", "epoch", "reference", "granted", "missing", "usual")
"""The images of a view, in their order."""

NEIGHBOURHOOD = 3
"""Side, in pixels, of the square over which the usual departure is averaged: few epochs make it noisy."""

BRIGHTEST = 1000.0
"""Sigmas beyond which the eye sees no difference."""


def prepare_views(comparison: Comparison) -> NDArray[np.float32]:
    """Prepare what the eye is shown.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.

    Returns
    -------
    ndarray of float32, shape (epochs, channels, height, width)
        `CHANNELS`; what is dim comes in sigmas, what is bright as the root of them. The last, the median of good
        epochs' absolute departures, is the same for all: what is usual in this series is not wrong.
    """
    noise = np.asarray(comparison.noise, np.float32)[:, None, None]
    reference = comparison.scene.reference.astype(np.float32)
    views = np.empty((len(noise), len(CHANNELS), *reference.shape), np.float32)
    images = (
        comparison.residual,
        comparison.departure,
        comparison.images / noise,
        reference / noise,
        comparison.granted,
    )
    for channel, image in enumerate(images):
        views[:, channel] = _compress(image)
    views[:, -2] = comparison.scene.missing
    usual = take_middle(np.abs(comparison.departure[comparison.good]).reshape(-1, reference.size))
    views[:, -1] = _compress(uniform_filter(usual.reshape(reference.shape), NEIGHBOURHOOD, mode="nearest"))
    return views


def _compress(sigmas: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compress sigmas: linear near zero, a square root far from it."""
    held = np.clip(sigmas, -BRIGHTEST, BRIGHTEST)
    return np.asarray(held / np.sqrt(1 + np.abs(held)) / 4, np.float32)
