"""Pieces of a chip around objects: on the chip's own pixels, or on a grid of their own."""

from typing import Any, NamedTuple

import numpy as np

from epochsieve.reading.frames.chips import Chip
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.series import FloatImage

_MARGIN = 4  # pixels that interpolation reaches beyond a cutout
_TOUCHED = 0.01  # share of a missing pixel from which what is interpolated is missing, too
_TURNED = 1.5  # a square that is turned by 45 degrees needs as many times its side


class Cutout(NamedTuple):
    """A piece of a chip.

    Attributes
    ----------
    pixels, weights : ndarray of float32, shape (size, size)
        NaN off the chip, and where data is missing or masked.
    x, y : int
        0-based pixel of the chip at the cutout's first; on a grid of its own, at the first that was looked at.
    """

    pixels: FloatImage
    weights: FloatImage
    x: int
    y: int


def cut_piece(chip: Chip, x: float, y: float, size: int) -> Cutout:
    """Cut a square out on the chip's own pixels, as `astropy.nddata.Cutout2D` does in its mode ``"partial"``.

    Parameters
    ----------
    chip : Chip
        The chip.
    x, y : float
        Where its middle is, 0-based pixels.
    size : int
        Its side in pixels.

    Returns
    -------
    Cutout
        NaN off the chip.
    """
    from astropy.nddata.utils import overlap_slices

    (rows, columns), inside = overlap_slices(chip.stored.shape, (size, size), (y, x), mode="partial")
    pixels, weights = (np.full((size, size), np.nan, np.float32) for _ in range(2))
    pixels[inside] = chip.take(rows, columns)
    weights[inside] = chip.take_weights(rows, columns)
    return Cutout(pixels, weights, columns.start - inside[1].start, rows.start - inside[0].start)


def align_piece(chip: Chip, x: float, y: float, target: Any, size: int) -> Cutout:
    """Cut a square out and put it on a grid of its own, by bicubic interpolation; weights by their nearest pixel.

    Parameters
    ----------
    chip : Chip
        The chip.
    x, y : float
        Where the object is, 0-based pixels.
    target : astropy.wcs.WCS
        The grid, see `make_grid`.
    size : int
        Its side in pixels.

    Returns
    -------
    Cutout
        NaN off the chip, and near missing pixels.

    Raises
    ------
    SettingError
        Where reproject is missing.
    """
    reproject = import_reproject()
    wide = cut_piece(chip, x, y, int(_TURNED * size) + 2 * _MARGIN)
    here = shift_wcs(chip.wcs, wide.x, wide.y)

    def move(plane: FloatImage, order: str) -> FloatImage:
        moved = reproject((plane, here), target, shape_out=(size, size), order=order, return_footprint=False)
        return np.asarray(moved, np.float32)

    missing = ~np.isfinite(wide.pixels)
    if missing.all():
        nothing = np.full((size, size), np.nan, np.float32)
        return Cutout(nothing, nothing, wide.x, wide.y)
    filled = np.where(missing, np.nanmedian(wide.pixels), wide.pixels)  # a spline through NaN is NaN everywhere
    pixels = move(filled, "bicubic")
    if missing.any():
        pixels[~(move(missing.astype(np.float32), "bilinear") < _TOUCHED)] = np.nan
    weights = wide.weights[:size, :size] if chip.weights is None else move(wide.weights, "nearest-neighbor")
    return Cutout(pixels, weights, wide.x, wide.y)


def shift_wcs(wcs: Any, x: int, y: int) -> Any:
    """Move a WCS to a piece of its image, as `astropy.nddata.Cutout2D` does.

    Parameters
    ----------
    wcs : astropy.wcs.WCS
        The image's.
    x, y : int
        0-based pixel of the image at the piece's first.

    Returns
    -------
    astropy.wcs.WCS
        The piece's.
    """
    from astropy.wcs import Sip

    moved = wcs.deepcopy()
    moved.wcs.crpix = np.asarray(wcs.wcs.crpix) - [x, y]
    if wcs.sip is not None:
        moved.sip = Sip(wcs.sip.a, wcs.sip.b, wcs.sip.ap, wcs.sip.bp, np.asarray(wcs.sip.crpix) - [x, y])
    return moved


def make_grid(ra: float, dec: float, scale: float, size: int) -> Any:
    """Make the grid that an object's cutouts are put on: a tangent plane, north up, the object in the middle.

    Parameters
    ----------
    ra, dec : float
        ICRS, degrees.
    scale : float
        A pixel's side, degrees.
    size : int
        Pixels.

    Returns
    -------
    astropy.wcs.WCS
        Of `size` x `size` pixels.
    """
    from astropy.wcs import WCS

    grid = WCS(naxis=2)
    grid.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    grid.wcs.crval, grid.wcs.crpix = [ra, dec], [size // 2 + 1] * 2
    grid.wcs.cdelt, grid.wcs.radesys = [-scale, scale], "ICRS"
    grid.wcs.set()
    return grid


def import_reproject() -> Any:
    """Import the library that puts images on another grid.

    Raises
    ------
    SettingError
        Where it is missing.
    """
    try:
        from reproject import reproject_interp
    except ImportError as error:
        raise SettingError("--align needs reproject: python -m pip install 'epochsieve[align]'") from error
    return reproject_interp
