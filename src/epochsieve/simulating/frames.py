"""Whole frames with a WCS: a small survey of two chips, dithered and distorted, and one satellite across both."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CENTRE = (150.1, 2.2)
"""Where the survey looks: right ascension and declination, degrees."""

SCALE = 0.3 / 3600
"""A pixel's side, degrees."""

SHAPE = (220, 260)
"""Height and width of a chip."""

_GAP = 24  # pixels between the chips
_DITHER = 9.0  # pixels
_REACH = 14  # pixels to which a star is drawn
_SKY, _NOISE, _GAIN = 300.0, 6.0, 8.0  # counts, counts, electrons per count
_TRAIL = 60.0  # counts in the middle of the satellite's trail
_FIRST_MJD = 60000.0


@dataclass(frozen=True)
class FrameSurvey:
    """What was written, and what is true of it.

    Attributes
    ----------
    frames : tuple of Path
        A FITS file per epoch, in time order.
    catalogue : Path
        CSV with id, ra and dec of all stars, one of them far off the frames.
    trailed : str
        Name of the frame with the satellite.
    crossed : frozenset of str
        Names of the stars that it came within a few pixels of.
    far : str
        The star that is on no frame.
    """

    frames: tuple[Path, ...]
    catalogue: Path
    trailed: str
    crossed: frozenset[str]
    far: str


def write_frames(
    root: Path, rng: np.random.Generator, epochs: int = 16, stars: int = 36, *, satellite: bool = True
) -> FrameSurvey:
    """Simulate a survey and write it.

    Every star is constant. Frames have their own pointing, seeing and sky; chips have a SIP distortion and are turned
    against each other.

    Parameters
    ----------
    root : Path
        A folder, which is made.
    rng : numpy.random.Generator
        Randomness.
    epochs, stars : int
        How many.
    satellite : bool
        Whether one crosses the frame in the middle of the series; nothing else depends on it.

    Returns
    -------
    FrameSurvey
        What was written.
    """
    root.mkdir(parents=True, exist_ok=True)
    sky = _draw_places(rng, stars)
    flux = 10 ** rng.uniform(3.3, 4.6, stars)
    trailed = epochs // 2
    frames = []
    crossed: set[int] = set()
    for epoch in range(epochs):
        chips = [_make_wcs(chip, rng.uniform(-_DITHER, _DITHER, 2)) for chip in (0, 1)]
        sigma = rng.uniform(1.4, 1.7)
        images = [_draw_chip(wcs, sky, flux, sigma, rng) for wcs in chips]
        if satellite and epoch == trailed:
            crossed = set().union(*(_cross(image, wcs, sky) for image, wcs in zip(images, chips, strict=True)))
        frames.append(root / f"night{epoch + 1:02d}.fits")
        _write_frame(frames[-1], images, chips, _FIRST_MJD + 1.3 * epoch, sigma)
    names = [f"star{number:02d}" for number in range(1, stars + 1)]
    catalogue = root / "catalogue.csv"
    with catalogue.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "ra", "dec"))
        writer.writerows((name, *place) for name, place in zip(names, sky.tolist(), strict=True))
        writer.writerow(("elsewhere", CENTRE[0] + 1, CENTRE[1]))
    return FrameSurvey(
        tuple(frames), catalogue, frames[trailed].name, frozenset(names[i] for i in crossed), "elsewhere"
    )


def _draw_places(rng: np.random.Generator, stars: int) -> NDArray[np.float64]:
    """Draw places that lie on a chip in every frame, and not on each other."""
    places: list[NDArray[np.float64]] = []
    undithered = [_make_wcs(chip, np.zeros(2)) for chip in (0, 1)]
    margin = _DITHER + 14
    while len(places) < stars:
        wcs = undithered[len(places) % 2]
        pixel = rng.uniform((margin, margin), (SHAPE[1] - margin, SHAPE[0] - margin))
        place = np.array(wcs.all_pix2world(*pixel, 0), float)
        if all(np.hypot(*(place - other)) > 18 * SCALE for other in places):
            places.append(place)
    return np.array(places)


def _make_wcs(chip: int, dither: NDArray[np.float64]) -> Any:
    """Make a chip's WCS: tangent plane with a cubic distortion about the frame's middle."""
    from astropy.wcs import WCS, Sip

    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN-SIP", "DEC--TAN-SIP"]
    wcs.wcs.crval = CENTRE
    middle = np.array([SHAPE[1] + _GAP / 2 if chip == 0 else -_GAP / 2, SHAPE[0] / 2])
    wcs.wcs.crpix = middle + dither
    turn = np.radians((0.0, 0.3)[chip])
    wcs.wcs.cd = SCALE * np.array([[-np.cos(turn), np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    a, b = np.zeros((4, 4)), np.zeros((4, 4))
    a[3, 0] = a[1, 2] = b[0, 3] = b[2, 1] = 6e-8  # a pixel or so at the far edge
    a[2, 0], b[0, 2] = 4e-6, -3e-6
    wcs.sip = Sip(a, b, None, None, wcs.wcs.crpix)
    wcs.array_shape = SHAPE
    wcs.wcs.set()
    return wcs


def _draw_chip(
    wcs: Any, sky: NDArray[Any], flux: NDArray[Any], sigma: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the stars on a chip, with sky and noise."""
    x, y = wcs.all_world2pix(sky[:, 0], sky[:, 1], 0, quiet=True)
    light = np.zeros(SHAPE)
    for column, row, brightness in zip(x, y, flux, strict=True):
        if not (-_REACH < column < SHAPE[1] + _REACH and -_REACH < row < SHAPE[0] + _REACH):
            continue
        rows, columns = (slice(max(int(at) - _REACH, 0), int(at) + _REACH) for at in (row, column))
        along_y, along_x = np.arange(SHAPE[0])[rows, None] - row, np.arange(SHAPE[1])[None, columns] - column
        profile = np.exp(-(along_x**2 + along_y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
        light[rows, columns] += brightness * profile
    noise = np.sqrt(_NOISE**2 + light / _GAIN)
    return np.asarray(light + _SKY * rng.uniform(0.9, 1.1) + rng.normal(size=SHAPE) * noise)


def _cross(image: NDArray[np.float64], wcs: Any, sky: NDArray[Any]) -> set[int]:
    """Draw the satellite's trail, a straight line in the sky, and tell which stars it came near."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    ra, dec = wcs.all_pix2world(columns.ravel(), rows.ravel(), 0)
    away = _measure_distance(ra, dec).reshape(SHAPE)
    image += _TRAIL * np.exp(-(away**2) / (2 * 1.8**2))
    x, y = wcs.all_world2pix(sky[:, 0], sky[:, 1], 0, quiet=True)
    on = (x > 0) & (x < SHAPE[1]) & (y > 0) & (y < SHAPE[0])
    return set(np.flatnonzero(on & (np.abs(_measure_distance(sky[:, 0], sky[:, 1])) < 8)).tolist())  # noqa: PLR2004 - pixels


def _measure_distance(ra: NDArray[Any], dec: NDArray[Any]) -> NDArray[np.float64]:
    """Measure how far places are from the satellite's way, pixels."""
    slope = 0.25
    east, north = (ra - CENTRE[0]) * np.cos(np.radians(CENTRE[1])), dec - CENTRE[1]
    return np.asarray((north - slope * east) / np.hypot(1, slope) / SCALE)


def _write_frame(path: Path, images: list[NDArray[np.float64]], chips: list[Any], mjd: float, sigma: float) -> None:
    """Write a frame as a mosaic: a primary HDU without data, and an HDU for each chip."""
    from astropy.io import fits

    primary = fits.PrimaryHDU()
    primary.header.update({"MJD-OBS": mjd, "EXPTIME": 60.0, "FILTER": "r", "GAIN": _GAIN})
    hdus = [primary]
    for number, (image, wcs) in enumerate(zip(images, chips, strict=True), 1):
        hdu = fits.ImageHDU(image.astype(np.float32), wcs.to_header(relax=True), name=f"CCD{number}")
        hdu.header["FWHM"] = (2.3548 * sigma, "[pix] of a point source")
        hdus.append(hdu)
    fits.HDUList(hdus).writeto(path)
