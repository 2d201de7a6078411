"""What can happen to a frame on its way from the sky to the disk, in one record; and what a defect may know."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsieve.simulating.point_spread import Array, Grid, PointSpread, draw_points

Mask: TypeAlias = NDArray[np.bool_]
"""Which pixels, shape (size, size)."""


@dataclass(frozen=True, eq=False)
class Copies:
    """Displaced copies of the whole image, summed: how a shaking or unfocused telescope blurs.

    Attributes
    ----------
    rows, columns : ndarray, shape (copies,)
        Displacements, pixels.
    weights : ndarray, shape (copies,)
        Shares of the light; they sum to one.
    """

    rows: Array
    columns: Array
    weights: Array

    @classmethod
    def evenly(cls, rows: Array, columns: Array) -> "Copies":
        """Give every displacement the same share, and leave the light's centre where it is."""
        return cls(rows - rows.mean(), columns - columns.mean(), np.full(len(rows), 1 / len(rows)))


@dataclass(frozen=True, eq=False)
class Damage:
    """What went wrong with a frame, in the order in which an image comes about; the default is nothing.

    Attributes
    ----------
    other_field : bool
        The telescope looked elsewhere.
    turned : float
        Rotation of the sky, radians.
    shift_y, shift_x : float
        Displacement of the sky, pixels.
    copies : Copies or None
        Blur of the whole image.
    throughput : float or ndarray, shape (size, size)
        Share of the sky's light that arrives.
    light : float or ndarray, shape (size, size)
        Stray light, image units; it brings its own photon noise.
    noise_factor : float or ndarray, shape (size, size)
        Noise in units of what it would have been.
    gain : float
        Factor on everything, noise and sky included.
    offset : float or ndarray, shape (size, size)
        Added by the detector, image units, without noise of its own.
    replaced : ndarray of bool, shape (size, size), or None
        Pixels that lost their content.
    values : float or ndarray, shape (size, size)
        What stands in the replaced pixels instead, image units; NaN for none.
    """

    other_field: bool = False
    turned: float = 0.0
    shift_y: float = 0.0
    shift_x: float = 0.0
    copies: Copies | None = None
    throughput: float | Array = 1.0
    light: float | Array = 0.0
    noise_factor: float | Array = 1.0
    gain: float = 1.0
    offset: float | Array = 0.0
    replaced: Mask | None = None
    values: float | Array = np.nan


@dataclass(frozen=True, eq=False)
class View:
    """An undamaged frame as a defect sees it.

    Attributes
    ----------
    expected : ndarray, shape (size, size)
        The image without noise, image units.
    sigma : ndarray, shape (size, size)
        Its noise per pixel, image units.
    sky : float
        Level of the empty sky, image units.
    psf : Moffat or Airy
        Image of a point.
    grid : Grid
        Where light is drawn.
    tolerance : float
        By how many pixels good epochs of this survey are displaced at most.
    resampling : ndarray, shape (taps,)
        Kernel, along either axis, of the resampling that follows the detector; sums to one.
    saturation : float
        Largest value of a pixel, image units.
    """

    expected: Array
    sigma: Array
    sky: float
    psf: PointSpread
    grid: Grid
    tolerance: float = 0.1
    resampling: Array = field(default_factory=lambda: np.ones(1))
    saturation: float = np.inf

    @property
    def size(self) -> int:
        """Side of the image, pixels."""
        return int(self.expected.shape[0])

    @property
    def middle(self) -> float:
        """Row, and column, of the central source."""
        return (self.size - 1) / 2

    @property
    def fwhm(self) -> float:
        """Full width at half maximum of a point, on top of the pixel, pixels."""
        return self.psf.fwhm

    def axes(self) -> tuple[Array, Array]:
        """Give rows (as a column) and columns (as a row), pixels."""
        steps = np.arange(self.size, dtype=float)
        return steps[:, None], steps[None, :]

    def draw(self, positions: Array, fluxes: Array) -> Array:
        """Draw points of light, at positions of shape (points, 2) in pixels."""
        return draw_points(self.psf, self.grid, positions, fluxes)

    def resample(self, pattern: Array) -> Array:
        """Carry a pattern on the detector through the survey's resampling."""
        for axis in (0, 1):
            pattern = np.apply_along_axis(np.convolve, axis, pattern, self.resampling, mode="same")
        return pattern
