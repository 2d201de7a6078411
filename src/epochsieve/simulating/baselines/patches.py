"""Two ways, known from industrial inspection, to look for what is odd in a network's feature maps."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from epochsieve.simulating.baselines.ranked import measure_against_typical
from epochsieve.simulating.baselines.stretched import stretch_for_network
from epochsieve.vocabulary.series import FloatImage

SIDE = 128
"""Pixels that images are resized to: 8 x 8 positions after stride 16, half the side and a tenth of the time of 224."""

_SIGMA_PER_MAD = 1.4826
_FLOOR = 0.05
_NEIGHBOURHOOD = 3


class MapEmbedder(Protocol):
    """A network that gives features at each position."""

    def embed_maps(self, images: FloatImage) -> NDArray[np.float32]:
        """Turn images of shape (n, height, width) into features of shape (n, features, rows, columns)."""


def score_against_memory(cube: FloatImage, embedder: MapEmbedder) -> NDArray[np.float64]:
    """Score by the patch that is farthest from every patch of the other epochs.

    After PatchCore (Roth et al. 2022, CVPR, 14318): features are averaged over 3 x 3 positions, and an epoch's memory
    is all other epochs, for there are no epochs known to be good.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing.
    embedder : MapEmbedder
        The network.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        In units of the series' median.
    """
    maps = uniform_filter(embedder.embed_maps(stretch_for_network(cube, SIDE)), (0, 0, _NEIGHBOURHOOD, _NEIGHBOURHOOD))
    patches = maps.reshape(*maps.shape[:2], -1).transpose(0, 2, 1)
    farthest = [_measure_farthest(patches, epoch) for epoch in range(len(patches))]
    return measure_against_typical(np.array(farthest, np.float64))


def score_against_positions(cube: FloatImage, embedder: MapEmbedder) -> NDArray[np.float64]:
    """Score by the position whose features are farthest from what the series shows there.

    After PaDiM (Defard et al. 2021, ICPR workshops, 475), with a diagonal covariance from median absolute deviations:
    there are fewer epochs than features, and some of them are bad.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing.
    embedder : MapEmbedder
        The network.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        In units of the series' median.
    """
    maps = embedder.embed_maps(stretch_for_network(cube, SIDE)).astype(np.float64)
    off = maps - np.median(maps, axis=0)
    spread = _SIGMA_PER_MAD * np.median(np.abs(off), axis=0)
    # A feature that hardly ever varies must not count without bound.
    spread += _FLOOR * np.mean(spread) + np.finfo(np.float64).tiny
    distances = np.sqrt(np.mean(np.square(off / spread), axis=1))
    return measure_against_typical(distances.reshape(len(cube), -1).max(axis=1))


def _measure_farthest(patches: NDArray[np.float32], epoch: int) -> float:
    """Measure how far an epoch's oddest patch is from the other epochs' patches; 0 for a lonely epoch."""
    own, others = patches[epoch], np.delete(patches, epoch, axis=0).reshape(-1, patches.shape[2])
    if not len(others):
        return 0.0
    squares = np.sum(own**2, axis=1)[:, None] + np.sum(others**2, axis=1) - 2 * own @ others.T
    return float(np.sqrt(max(squares.min(axis=1).max(), 0.0)))
