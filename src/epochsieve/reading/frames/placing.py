"""Which objects lie on a chip, and where."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.frames.catalogue import Catalogue, to_directions

_FARTHEST = 1.0  # pixels by which a place may miss itself on the way to the sky and back


class Places(NamedTuple):
    """Objects on a chip.

    Attributes
    ----------
    numbers : ndarray of int, shape (n,)
        Their places in the catalogue, from 0.
    x, y : ndarray of float, shape (n,)
        0-based pixels, x along the columns.
    """

    numbers: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def place_objects(wcs: Any, shape: tuple[int, ...], catalogue: Catalogue) -> Places:
    """Find the objects whose centre lies on a chip.

    Parameters
    ----------
    wcs : astropy.wcs.WCS
        The chip's, distortions included.
    shape : tuple of int
        Its height and width.
    catalogue : Catalogue
        All objects.

    Returns
    -------
    Places
        By number. A place that does not come back to itself from the sky is none: polynomials of distortions mean
        nothing far from their chip.
    """
    near = _find_near(wcs, shape, catalogue)
    if not len(near):
        return Places(near, np.empty(0), np.empty(0))
    ra, dec = _to_frame(wcs, catalogue.ra[near], catalogue.dec[near])
    x, y = wcs.all_world2pix(ra, dec, 0, quiet=True)
    back = wcs.wcs_pix2world if not wcs.has_distortion else wcs.all_pix2world
    sky = to_directions(*back(np.nan_to_num(x), np.nan_to_num(y), 0))
    scale = _measure_scale(wcs, shape)
    missed = np.linalg.norm(sky - to_directions(ra, dec), axis=1) / scale
    with np.errstate(invalid="ignore"):
        on = (x >= -0.5) & (x < shape[1] - 0.5) & (y >= -0.5) & (y < shape[0] - 0.5) & (missed < _FARTHEST)  # noqa: PLR2004 - a pixel's half
    return Places(near[on], x[on], y[on])


def _find_near(wcs: Any, shape: tuple[int, ...], catalogue: Catalogue) -> NDArray[np.int64]:
    """Find the objects in the circle around a chip."""
    columns, rows = np.array([0.5, 0, 1, 0, 1]) * shape[1], np.array([0.5, 0, 0, 1, 1]) * shape[0]
    sky = to_directions(*_to_icrs(wcs, *wcs.all_pix2world(columns, rows, 0)))
    radius = 1.1 * np.linalg.norm(sky[1:] - sky[0], axis=1).max()
    return np.flatnonzero(np.linalg.norm(catalogue.directions - sky[0], axis=1) <= radius)


def _measure_scale(wcs: Any, shape: tuple[int, ...]) -> float:
    """Measure a pixel's side in the middle of a chip, radians."""
    x, y = shape[1] / 2, shape[0] / 2
    sky = to_directions(*wcs.all_pix2world([x, x + 1, x], [y, y, y + 1], 0))
    return float(np.linalg.norm(sky[1:] - sky[0], axis=1).mean())


def _to_frame(wcs: Any, ra: NDArray[np.float64], dec: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Convert ICRS to the coordinates of a WCS."""
    from astropy.coordinates import SkyCoord
    from astropy.wcs.utils import wcs_to_celestial_frame

    frame = wcs_to_celestial_frame(wcs)
    if frame.name == "icrs":
        return ra, dec
    there = SkyCoord(ra, dec, unit="deg").transform_to(frame)
    return there.spherical.lon.deg, there.spherical.lat.deg


def _to_icrs(wcs: Any, longitude: NDArray[Any], latitude: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Convert coordinates of a WCS to ICRS."""
    from astropy.coordinates import SkyCoord
    from astropy.wcs.utils import wcs_to_celestial_frame

    frame = wcs_to_celestial_frame(wcs)
    if frame.name == "icrs":
        return longitude, latitude
    there = SkyCoord(longitude, latitude, unit="deg", frame=frame).icrs
    return there.ra.deg, there.dec.deg
