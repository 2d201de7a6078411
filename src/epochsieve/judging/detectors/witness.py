"""What a detector says."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.robust import measure_spread, take_middle

Array = NDArray[Any]

LARGEST_AMOUNT = 30.0
"""What is larger is as good as certain: scores stay finite."""


@dataclass(frozen=True, eq=False)
class Witness:
    """One detector's raw scores.

    Attributes
    ----------
    score : ndarray, shape (epochs,)
        Not negative; larger is worse. Only its order and its ratios within a series matter.
    x, y : ndarray of float, shape (epochs,), or None
        Column and row of what was seen, where the detector sees a place.
    """

    score: Array
    x: Array | None = None
    y: Array | None = None

    @property
    def places(self) -> Array:
        """Columns and rows, shape (2, epochs); NaN where the detector sees no place."""
        nowhere = np.full(len(self.score), np.nan)
        return np.stack([nowhere if where is None else where for where in (self.x, self.y)])


def raise_to_score(amounts: Array) -> Array:
    """Raise amounts, shape as given, to scores: those are compared by their logarithms, which are the amounts again."""
    return np.asarray(np.exp(np.minimum(amounts, LARGEST_AMOUNT)))


def point_at_largest(cube: Array) -> Witness:
    """Score each image of a cube by its largest value, at its place.

    Parameters
    ----------
    cube : ndarray, shape (epochs, height, width)
        Not negative.

    Returns
    -------
    Witness
        With places.
    """
    flat = cube.reshape(len(cube), -1)
    place = flat.argmax(axis=1)
    y, x = np.divmod(place, cube.shape[2])
    return Witness(flat[np.arange(len(cube)), place], x.astype(float), y.astype(float))


def measure_departure(values: Array, good: NDArray[np.bool_], errors: Array | None = None) -> Witness:
    """Score by how far numbers are from the good epochs' usual ones, in their own spreads.

    Parameters
    ----------
    values : ndarray, shape (epochs, numbers)
        What is compared.
    good : ndarray of bool, shape (epochs,)
        Epochs that say what is usual.
    errors : ndarray, shape (epochs, numbers), optional
        Formal errors: an epoch measured worse than the good ones may lie further off.

    Returns
    -------
    Witness
        Root mean square of the departures.
    """
    usual = take_middle(values[good])
    spread2 = (measure_spread(values[good]) + 1e-9) ** 2
    if errors is not None:
        spread2 = spread2 + np.maximum(errors**2 - take_middle(errors[good] ** 2), 0)
    return Witness(np.sqrt(((values - usual) ** 2 / spread2).mean(axis=1)))


def measure_distance(vectors: Array, good: NDArray[np.bool_], neighbours: int = 5) -> Witness:
    """Score by the mean distance to the nearest good epochs.

    Parameters
    ----------
    vectors : ndarray, shape (epochs, numbers)
        What is compared.
    good : ndarray of bool, shape (epochs,)
        Epochs that count as neighbours.
    neighbours : int, optional
        How many, or all other good ones where there are fewer.

    Returns
    -------
    Witness
        Euclidean distances; zero where there is no other good epoch.
    """
    # Images stay in single precision: twice as fast, and distances between them are no tinier than they are.
    rows = vectors - vectors.mean(axis=0)
    products = rows @ rows.T
    length = products.diagonal()
    squares = np.maximum(length[:, None] + length - 2 * products, 0)
    squares[:, ~good] = np.inf
    np.fill_diagonal(squares, np.inf)
    nearest = np.sort(squares, axis=1)[:, : max(1, min(neighbours, int(good.sum()) - 1))]
    return Witness(np.sqrt(np.where(np.isfinite(nearest), nearest, 0)).mean(axis=1))
