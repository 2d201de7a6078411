"""The objects to cut out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Objects with a place in the sky.

    Attributes
    ----------
    names : tuple of str
        Each once.
    ra, dec : ndarray of float64, shape (objects,)
        ICRS, degrees.
    """

    names: tuple[str, ...]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the objects."""
        return len(self.names)

    @property
    def directions(self) -> NDArray[np.float64]:
        """Unit vectors, shape (objects, 3)."""
        return to_directions(self.ra, self.dec)


def to_directions(ra: Any, dec: Any) -> NDArray[np.float64]:
    """Convert places in the sky to unit vectors.

    Parameters
    ----------
    ra, dec : array_like of float, shape (n,)
        Degrees.

    Returns
    -------
    ndarray, shape (n, 3)
        Of length one.
    """
    a, d = np.radians(np.asarray(ra, float)), np.radians(np.asarray(dec, float))
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=1)
