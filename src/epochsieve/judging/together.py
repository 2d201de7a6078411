"""Several series' images shown to a network at once: a graphics card is idle while it is given few."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def run_together(run: Callable[[Array], Array], images: Sequence[Array]) -> list[Array]:
    """Run a network once for all series whose images have one size.

    Parameters
    ----------
    run : callable
        From images, shape (n, ...), to values, shape (n, ...), each image's own whatever stands beside it.
    images : sequence of ndarray, shape (epochs, ...)
        Each series' images; those of one size are brought together, so that all of them are in memory twice.

    Returns
    -------
    list of ndarray, shape (epochs, ...)
        Each series' values.
    """
    places: dict[tuple[int, ...], list[int]] = {}
    for place, own in enumerate(images):
        places.setdefault(own.shape[1:], []).append(place)
    found: dict[int, Array] = {}
    for alike in places.values():
        values = run(images[alike[0]] if len(alike) == 1 else np.concatenate([images[place] for place in alike]))
        ends = np.cumsum([len(images[place]) for place in alike])
        found |= zip(alike, np.split(values, ends[:-1]), strict=True)
    return [found[place] for place in range(len(images))]
