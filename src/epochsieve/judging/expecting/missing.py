"""Which pixels hold no data, whether the file says so or not."""

import numpy as np
import scipy
from numpy.typing import NDArray

from epochsieve.vocabulary.series import FloatImage

SMALLEST_BLOCK = 6
"""Cores (pixels equal to all eight neighbours) that a block of one value must have: noise makes none."""


COMMON = 0.2
"""Share of the other pixels with a block's value from which the block is data."""


def find_missing(cube: FloatImage) -> NDArray[np.bool_]:
    """Find pixels without data: not finite, or in a block of one and the same value.

    Resampling, masking and frame edges leave blocks of zeros (or of another constant) in files that know no NaN.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        Images; NaN or infinite where the file says that data is missing.

    Returns
    -------
    ndarray of bool, shape (epochs, height, width)
        True where there is no data.
    """
    missing = ~np.isfinite(cube)
    filled = np.where(missing, np.float32(0), cube)
    # Where hardly a pixel is as its neighbour there are no blocks: 2 times faster than looking for them everywhere.
    alike = filled[:, :, 1:] == filled[:, :, :-1]
    suspected = np.flatnonzero(np.count_nonzero(alike, axis=(1, 2)) >= SMALLEST_BLOCK // 2)
    cores = _find_flat_cores(filled[suspected])
    large = cores.sum(axis=(1, 2)) >= SMALLEST_BLOCK
    for i, some in zip(suspected[large], cores[large], strict=True):
        blocks = _grow_blocks(some)
        if not _are_common(filled[i], blocks, blocks | missing[i]):
            missing[i] |= blocks
    return missing


def _find_flat_cores(cube: FloatImage) -> NDArray[np.bool_]:
    """Mark pixels that equal all their neighbours: 16 times faster than filters for the largest and the smallest."""
    across, down = (np.pad(cube, [(0, 0), *edge], mode="edge") for edge in (((0, 0), (1, 1)), ((1, 1), (0, 0))))
    same = across[:, :, 1:] == across[:, :, :-1]
    rows = np.pad(same[:, :, 1:] & same[:, :, :-1], ((0, 0), (1, 1), (0, 0)), mode="edge")
    same = down[:, 1:] == down[:, :-1]
    return np.asarray(rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:] & same[:, 1:] & same[:, :-1])


def _are_common(image: FloatImage, blocks: NDArray[np.bool_], known: NDArray[np.bool_]) -> bool:
    """Tell whether the blocks' value is so common elsewhere that blocks arise by chance: few photons, coarse steps."""
    if known.all() or not blocks.any():
        return False
    return bool((image[~known] == np.median(image[blocks])).mean() > COMMON)


def _grow_blocks(cores: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Widen cores to the blocks that they stand for, and leave out those that are too small."""
    labels, count = scipy.ndimage.label(cores)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    large = (sizes >= SMALLEST_BLOCK)[labels]
    return np.asarray(scipy.ndimage.binary_dilation(large, np.ones((3, 3), bool)))
