"""The stack that a survey gives along with its epochs."""

from collections.abc import Sequence

import numpy as np

from epochsieve.reading.stacks import make_median
from epochsieve.simulating.point_spread import Array

_BEST, _CLIP = 0.7, 3.0


def stack_epochs(images: Sequence[Array], seeing: Array) -> Array:
    """Average the epochs of the best seeing, without what stands out by three sigmas in a pixel.

    Parameters
    ----------
    images : sequence of ndarray, each of shape (size, size)
        All epochs; NaN where there is no data.
    seeing : ndarray, shape (epochs,)
        Their full widths at half maximum; only the order counts.

    Returns
    -------
    ndarray, shape (size, size)
        The stack; NaN where no epoch has data.
    """
    best = np.argsort(seeing)[: max(int(_BEST * len(seeing)), 1)]
    cube = np.stack([images[i] for i in best])
    distance = np.abs(cube - make_median(list(cube.astype(np.float32))))
    kept = distance <= _CLIP * 1.4826 * make_median(list(distance.astype(np.float32)))
    number = kept.sum(axis=0)
    return np.where(number, np.where(kept, cube, 0).sum(axis=0) / np.maximum(number, 1), np.nan)
