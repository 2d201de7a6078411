"""The published idea on stretched images: first neighbours among a network's averaged features."""

import numpy as np
from numpy.typing import NDArray

from epochsieve.simulating.baselines.ranked import find_nearest, measure_against_typical
from epochsieve.simulating.baselines.stretched import stretch_for_network
from epochsieve.vocabulary.contracts import Embedder
from epochsieve.vocabulary.series import FloatImage

SIDE = 224


def score_features(cube: FloatImage, embedder: Embedder) -> NDArray[np.float64]:
    """Score by the distance to the first neighbour among the averaged features of asinh-stretched images.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        NaN where data is missing.
    embedder : Embedder
        The network; with the last layer of EfficientNet-Lite0 this is the published method on better input.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        In units of the series' median distance.
    """
    features = embedder.embed(stretch_for_network(cube, SIDE))
    return measure_against_typical(find_nearest(features.astype(np.float64), 1))
