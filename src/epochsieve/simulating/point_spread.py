"""What a telescope makes of a point, drawn on a fine grid, and the way from there to pixels."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
"""Real numbers of any shape."""
Transfer: TypeAlias = NDArray[np.complex128]
"""Fourier transform of a real image on a `Grid`, as `scipy.fft.rfft2` gives it."""

_WAVELENGTHS = (0.88, 1.0, 1.12)
_OBSCURATION, _VANE_WIDTH = 0.3, 0.03


@dataclass(frozen=True)
class Grid:
    """A fine periodic grid around a square cutout, on which light is drawn before it falls on pixels.

    Attributes
    ----------
    size : int
        Side of the cutout, pixels.
    margin : int
        Pixels added on each side, for sources off the edge and against wrap-around.
    oversampling : int
        Grid points per pixel, along each axis; odd, so that a pixel's middle falls on a point.
    """

    size: int
    margin: int
    oversampling: int

    @property
    def points(self) -> int:
        """Grid points along a side."""
        return int(scipy.fft.next_fast_len((self.size + 2 * self.margin) * self.oversampling, real=True))

    def from_first_point(self, pixels: Array) -> Array:
        """Convert positions in the cutout (0 is the first pixel's middle) to pixels from the first grid point."""
        return pixels + self.margin + 0.5 - 0.5 / self.oversampling

    def pixel_offsets(self) -> tuple[Array, Array]:
        """Measure every grid point's wrapped distance from the first one: rows and columns, in pixels."""
        steps = scipy.fft.fftfreq(self.points, 1 / self.points) / self.oversampling
        return steps[:, None], steps[None, :]

    def phases(self, rows: Array, columns: Array) -> tuple[Transfer, Transfer]:
        """Shift by pixels in Fourier space: factors of shape (shifts, points) and (shifts, points // 2 + 1)."""
        scale = -2j * np.pi * self.oversampling
        down = np.exp(scale * np.outer(rows, scipy.fft.fftfreq(self.points)))
        right = np.exp(scale * np.outer(columns, scipy.fft.rfftfreq(self.points)))
        return down, right

    def scatter(self, rows: Array, columns: Array, weights: Array) -> Transfer:
        """Transform a sum of weighted points, given in pixels from the first grid point."""
        down, right = self.phases(rows, columns)
        return (down * weights[:, None]).T @ right

    def to_pixels(self, transfer: Transfer) -> Array:
        """Transform back and read the cutout's pixels, each the sum over its area."""
        fine = scipy.fft.irfft2(transfer * _pixel_transfer(self), s=(self.points, self.points))
        first = self.margin * self.oversampling + self.oversampling // 2
        chosen = slice(first, first + self.size * self.oversampling, self.oversampling)
        return np.asarray(fine[chosen, chosen])


@lru_cache(maxsize=16)
def _pixel_transfer(grid: Grid) -> Array:
    """Transform the square pixel, as a sum over its grid points."""
    box = np.zeros(grid.points)
    box[np.arange(grid.oversampling) - grid.oversampling // 2] = 1
    side = scipy.fft.fft(box).real
    return np.outer(side, side[: grid.points // 2 + 1])


@dataclass(frozen=True)
class Moffat:
    """A star seen through the air: wide wings, a little elongated, a little lopsided.

    Attributes
    ----------
    fwhm : float
        Full width at half maximum, pixels.
    beta : float
        Exponent of the wings; 2.5 to 4.5 is usual, and 50 is as good as a Gaussian.
    e1, e2 : float
        Ellipticity along the axes and along the diagonals, (a - b) / (a + b).
    coma_y, coma_x : float
        Shift of the faint outskirts against the core, in units of the FWHM.
    """

    fwhm: float
    beta: float = 3.0
    e1: float = 0.0
    e2: float = 0.0
    coma_y: float = 0.0
    coma_x: float = 0.0

    def transfer(self, grid: Grid) -> Transfer:
        """Transform the point's image (of unit flux) on a grid."""
        y, x = grid.pixel_offsets()
        radius = np.hypot(y, x) / self.fwhm
        bend = radius / (1 + radius**2)
        y, x = y - self.coma_y * self.fwhm * bend, x - self.coma_x * self.fwhm * bend
        alpha = self.fwhm / (2 * np.sqrt(2 ** (1 / self.beta) - 1))
        square = ((1 - self.e1) * x - self.e2 * y) ** 2 + ((1 + self.e1) * y - self.e2 * x) ** 2
        profile = (1 + square / alpha**2) ** -self.beta
        return np.asarray(scipy.fft.rfft2(profile / profile.sum()))


@dataclass(frozen=True)
class Airy:
    """A star seen from space: diffraction by an obscured mirror with four vanes, over a broad band.

    Attributes
    ----------
    fwhm : float
        Full width at half maximum of the core, pixels.
    roll : float
        Angle of the vanes, radians; their spikes stand across them.
    focus : float
        Defocus over the pupil, radians of phase from its middle to its rim.
    jitter : float
        Gaussian standard deviation of the pointing during the exposure, pixels.
    """

    fwhm: float
    roll: float = np.pi / 4
    focus: float = 0.0
    jitter: float = 0.1

    def transfer(self, grid: Grid) -> Transfer:
        """Transform the point's image (of unit flux) on a grid."""
        image = sum(self._monochromatic(grid, wavelength) for wavelength in _WAVELENGTHS)
        frequency = 2 * np.pi * grid.oversampling
        down, right = scipy.fft.fftfreq(grid.points), scipy.fft.rfftfreq(grid.points)
        shake = np.exp(-0.5 * (frequency * self.jitter) ** 2 * (down[:, None] ** 2 + right[None, :] ** 2))
        return np.asarray(scipy.fft.rfft2(image / np.sum(image)) * shake)

    def _monochromatic(self, grid: Grid, wavelength: float) -> Array:
        """Draw the diffraction pattern at one wavelength, relative to the band's middle."""
        diameter = grid.points / (self.fwhm / 1.03 * wavelength * grid.oversampling)
        pupil = _draw_pupil(grid.points, diameter, self.roll)
        steps = scipy.fft.fftfreq(grid.points, 1 / grid.points) * 2 / diameter
        phase = self.focus / wavelength * (steps[:, None] ** 2 + steps[None, :] ** 2)
        return np.asarray(np.abs(scipy.fft.fft2(pupil * np.exp(1j * phase))) ** 2)


@lru_cache(maxsize=32)
def _draw_pupil(points: int, diameter: float, roll: float) -> Array:
    """Draw the mirror with its soft rim, the secondary's shadow and the vanes."""
    steps = scipy.fft.fftfreq(points, 1 / points) * 2 / diameter
    y, x = steps[:, None], steps[None, :]
    radius, softness = np.hypot(y, x), 1 / diameter
    pupil = np.clip((1 - radius) / softness + 0.5, 0, 1) * np.clip((radius - _OBSCURATION) / softness + 0.5, 0, 1)
    for angle in (roll, roll + np.pi / 2):
        across = np.abs(y * np.cos(angle) - x * np.sin(angle))
        pupil *= np.clip((across - _VANE_WIDTH) / softness + 0.5, 0, 1)
    return np.asarray(pupil)


PointSpread: TypeAlias = Moffat | Airy
"""The image of a point, in one exposure."""


@lru_cache(maxsize=8)
def transfer_point(psf: PointSpread, grid: Grid) -> Transfer:
    """Transform the image of a point, once for each exposure."""
    return psf.transfer(grid)


def draw_points(psf: PointSpread, grid: Grid, positions: Array, fluxes: Array) -> Array:
    """Draw point sources.

    Parameters
    ----------
    psf : Moffat or Airy
        The exposure's point spread.
    grid : Grid
        Where to draw.
    positions : ndarray, shape (points, 2)
        Rows and columns in the cutout, pixels.
    fluxes : ndarray, shape (points,)
        Total fluxes, image units.

    Returns
    -------
    ndarray, shape (size, size)
        Noiseless image, image units.
    """
    rows, columns = grid.from_first_point(positions).T
    return grid.to_pixels(grid.scatter(rows, columns, fluxes) * transfer_point(psf, grid))
