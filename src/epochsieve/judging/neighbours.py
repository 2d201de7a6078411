"""Features to first-neighbour distances."""

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 1024
# Rounding errors of a squared distance from a Gram matrix stay below this share of the largest squared length.
_ROUNDING = 1e-12


def measure_first_neighbour_distances(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Measure how far each image is from the image most like it.

    Parameters
    ----------
    features : ndarray, shape (images, features)
        Finite.

    Returns
    -------
    ndarray of float64, shape (images,)
        Euclidean distance to the nearest other row; NaN where there is no other. Exact for near-duplicates too (0 for
        equal rows), and each row's own whatever the order of the rows.
    """
    rows = np.asarray(features, np.float64)
    if len(rows) < 2:  # noqa: PLR2004 - a neighbour needs two
        return np.full(len(rows), np.nan)
    # A common offset of all rows would only cost the products digits.
    centred = rows - rows.mean(0)
    lengths = (centred**2).sum(1)
    parts = [
        _measure_some(rows, centred, lengths, np.arange(start, min(start + _ROWS_AT_ONCE, len(rows))))
        for start in range(0, len(rows), _ROWS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _measure_some(
    rows: NDArray[np.float64], centred: NDArray[np.float64], lengths: NDArray[np.float64], chosen: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Measure the distances of some rows: candidates by products, then the candidates' differences themselves."""
    squares = lengths[chosen, None] + lengths - 2 * centred[chosen] @ centred.T
    squares[np.arange(len(chosen)), chosen] = np.inf
    candidates = squares <= squares.min(1, keepdims=True) + _ROUNDING * lengths.max()
    distances = np.sqrt(((rows[candidates.argmax(1)] - rows[chosen]) ** 2).sum(1))
    # Most rows have one candidate, and all of these are measured at once.
    for row in np.flatnonzero(candidates.sum(1) > 1):
        distances[row] = np.sqrt(((rows[candidates[row]] - rows[chosen[row]]) ** 2).sum(1)).min()
    return np.asarray(distances)
