"""The images of objects that are looked at: read once, explained once, a few objects at a time."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from epochsieve.showing.stretch import fit_residual_limit, fit_stretch, measure_level
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.series import CutoutSeries, FloatImage

Kept = TypeVar("Kept")

SERIES_KEPT = 12
"""Objects whose images stay in memory."""


@dataclass(frozen=True)
class Limits:
    """How the page draws an object's images, the same for all of its epochs; image units.

    Attributes
    ----------
    low, high : float
        Values above an image's own level that are drawn as white and black.
    softening : float
        Where an asinh stretch turns from linear to logarithmic.
    z_low, z_high : float
        The same limits as IRAF's zscale would choose them.
    """

    low: float
    high: float
    softening: float
    z_low: float
    z_high: float


@dataclass(frozen=True, eq=False)
class Shots:
    """An object's images, ready to be sent.

    Attributes
    ----------
    series : CutoutSeries
        As it was read again.
    cube : ndarray of float32, shape (usable epochs, height, width)
        Its images.
    places : dict of str to int
        Where each usable epoch stands among the usable ones, by its file.
    levels : dict of str to float
        Each usable epoch's own level: the median of its pixels.
    limits : Limits
        How to draw them.
    """

    series: CutoutSeries
    cube: FloatImage
    places: dict[str, int]
    levels: dict[str, float]
    limits: Limits


@dataclass(frozen=True, eq=False)
class Compared:
    """What was expected of an object's epochs, and how far they are from it.

    Attributes
    ----------
    explanation : Explanation
        For the usable epochs, in the series' order.
    limit : float
        Half-width of a colour scale that all residuals share, sigmas.
    """

    explanation: Explanation
    limit: float


class Album:
    """Reads and explains objects as they are asked for, and keeps the last few.

    Parameters
    ----------
    read : callable
        Reads the images of an object, by its number.
    explain : callable
        Says what was expected of a series, as `Method.explain` does.
    kept : int, optional
        How many objects to keep.
    """

    def __init__(
        self,
        read: Callable[[int], CutoutSeries],
        explain: Callable[[CutoutSeries], Explanation],
        kept: int = SERIES_KEPT,
    ) -> None:
        self._shots = _Shelf(lambda number: develop(read(number)), kept)
        self._compared = _Shelf(lambda number: _compare(explain(self._shots.take(number).series)), kept)

    def take_shots(self, number: int) -> Shots:
        """Give an object's images; EpochsieveError where they can't be read."""
        return self._shots.take(number)

    def take_compared(self, number: int) -> Compared:
        """Give what was expected of an object's epochs; EpochsieveError where that can't be said."""
        return self._compared.take(number)


def develop(series: CutoutSeries) -> Shots:
    """Find each usable epoch's place and level, and the limits to draw all of them in."""
    usable = [epoch for epoch in series.epochs if epoch.usable and epoch.pixels is not None]
    return Shots(
        series,
        series.cube,
        {epoch.file: place for place, epoch in enumerate(usable)},
        {epoch.file: measure_level(epoch.pixels) for epoch in usable if epoch.pixels is not None},
        _fit_limits(series),
    )


def _compare(explanation: Explanation) -> Compared:
    """Choose the scale of the residuals."""
    return Compared(explanation, fit_residual_limit(explanation.residual))


def _fit_limits(series: CutoutSeries) -> Limits:
    """Choose the limits that suit a series' images."""
    from astropy.visualization import ZScaleInterval

    stretch = fit_stretch(series)
    images = list(series.cube) or [series.stack]
    above = np.concatenate([(image - measure_level(image))[np.isfinite(image)] for image in images])
    z_low, z_high = ZScaleInterval(n_samples=10_000).get_limits(above) if above.size else (-1.0, 1.0)
    return Limits(stretch.low, stretch.high, stretch.softening, float(z_low), float(z_high))


class _Shelf(Generic[Kept]):
    """Things made once and kept while they are used; whoever wants what is being made waits for it."""

    def __init__(self, make: Callable[[int], Kept], most: int) -> None:
        self._make = make
        self._most = most
        self._things: OrderedDict[int, tuple[Lock, list[Kept]]] = OrderedDict()
        self._lock = Lock()

    def take(self, number: int) -> Kept:
        """Give the thing of this number."""
        with self._lock:
            lock, made = self._things.setdefault(number, (Lock(), []))
            self._things.move_to_end(number)
            while len(self._things) > self._most:
                self._things.popitem(last=False)
        with lock:
            if not made:
                made.append(self._make(number))
            return made[0]
