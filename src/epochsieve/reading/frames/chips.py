"""The chips of a frame: each image in it that has a celestial WCS, one at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.contents import read_contents, sum_up_error
from epochsieve.reading.files import LARGEST_BYTES, mind_errors
from epochsieve.reading.hdus import choose_name, get_stored, holds_image
from epochsieve.reading.headers import Lookup, look_up_in, to_number
from epochsieve.reading.pixels import describe_shape, to_physical_pixels
from epochsieve.reading.planes import check_shape
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import FloatImage
from epochsieve.vocabulary.settings import ReadSettings

LARGEST_CHIP = 2**28
"""Pixels of one chip: 16384 x 16384."""

_PLANES = frozenset({"ERR", "DQ", "MASK", "BPM", "FLAGS", "WHT", "WEIGHT", "IVAR", "VAR", "VARIANCE", "SIGMA", "WMAP"})
_AXES = 2


@dataclass(frozen=True, eq=False)
class Chip:
    """One chip of a frame, its pixels as they are stored.

    Attributes
    ----------
    name : str
        Name and number of the HDU.
    header : Mapping
        The chip's own.
    look_up : callable
        Header key to card, in the chip's header and then in the primary one.
    wcs : astropy.wcs.WCS
        From pixels to the sky, distortions included.
    stored : ndarray, shape (height, width)
        Unscaled.
    mask : ndarray, shape (height, width), or None
        Unscaled; bad pixels are not zero.
    weights : ndarray, shape (height, width), or None
        Unscaled inverse variances.
    """

    name: str
    header: Mapping[str, Any]
    look_up: Lookup
    wcs: Any
    stored: NDArray[Any]
    mask: NDArray[Any] | None
    weights: NDArray[Any] | None
    weights_header: Mapping[str, Any] = field(default_factory=dict)

    def take(self, rows: slice, columns: slice) -> FloatImage:
        """Take a piece of the image, scaled, NaN where data is missing or masked."""
        scale, zero, blank = (to_number(look_up_in([self.header])(key).value) for key in ("BSCALE", "BZERO", "BLANK"))
        piece = self.stored[rows, columns]
        pixels = to_physical_pixels(piece, 1.0 if np.isnan(scale) else scale, 0.0 if np.isnan(zero) else zero, blank)
        if self.mask is not None:
            pixels[self.mask[rows, columns] != 0] = np.nan
        if self.weights is not None:
            pixels[~(self.take_weights(rows, columns) > 0)] = np.nan
        return pixels

    def take_weights(self, rows: slice, columns: slice) -> FloatImage:
        """Take a piece of the weights, scaled; NaN where there are none."""
        if self.weights is None:
            return np.full((rows.stop - rows.start, columns.stop - columns.start), np.nan, np.float32)
        scale, zero = (float(self.weights_header.get(key, unit)) for key, unit in (("BSCALE", 1), ("BZERO", 0)))
        return to_physical_pixels(self.weights[rows, columns], scale, zero, np.nan)


@contextmanager
def open_frame(path: Path, complaints: Counter[str]) -> Iterator[Any]:
    """Open a frame so that an HDU is read when it is asked for, and not before.

    Parameters
    ----------
    path : Path
        FITS file, plain, gzipped or with tile-compressed images.
    complaints : Counter
        Takes in warnings.

    Yields
    ------
    astropy.io.fits.HDUList
        With its numbers unscaled.

    Raises
    ------
    ImageError
        Where it is no FITS file, or anything in it is broken that is asked for.
    """
    from astropy.io import fits

    if not path.is_file():
        raise ImageError("not a file" if path.exists() else "No such file or directory")
    with mind_errors(complaints), fits.open(path, memmap=True, do_not_scale_image_data=True) as hdus:
        yield hdus


def list_chips(hdus: Any, settings: ReadSettings) -> list[int]:
    """Find the HDUs that are chips.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        A frame.
    settings : ReadSettings
        `hdu` says which, by number or by name; several may share a name.

    Returns
    -------
    list of int
        Their numbers.

    Raises
    ------
    ImageError
        Where there is none.
    """
    planes = _PLANES | {settings.mask_hdu.upper(), settings.weight_hdu.upper()}
    found = []
    for number, hdu in enumerate(hdus):
        wanted = settings.hdu.upper() in {hdu.name.upper(), str(number)} if settings.hdu else hdu.name not in planes
        if wanted and holds_image(hdu) and len(hdu.shape) == _AXES and str(number) not in planes and _has_wcs(hdu):
            found.append(number)
    if not found:
        raise ImageError("no image with a celestial WCS" + (f" in HDU {settings.hdu}" if settings.hdu else ""))
    return found


def open_chip(hdus: Any, number: int, settings: ReadSettings, path: Path) -> Chip:
    """Open one chip with its planes.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        Its frame.
    number : int
        Number of its HDU.
    settings : ReadSettings
        Which HDUs hold its mask and weights.
    path : Path
        The frame's file.

    Returns
    -------
    Chip
        Its pixels are on disk until they are taken, where the file is not compressed.

    Raises
    ------
    ImageError
        Where anything about it is broken or too large.
    """
    from astropy.wcs import WCS

    hdu = hdus[number]
    label = f"{number} {hdu.name}".strip()
    try:
        stored = _load(hdus, hdu, path)
        mask, weights = (_find_plane(hdus, number, name) for name in (settings.mask_hdu, settings.weight_hdu))
        wcs = WCS(hdu.header, fobj=hdus, fix=True)
        planes = [None if plane is None else _load(hdus, plane, path) for plane in (mask, weights)]
        for what, plane in zip(("mask", "weight plane"), planes, strict=True):
            if plane is not None:
                check_shape(what, plane, stored)
        header = {} if weights is None else weights.header
        look_up = look_up_in([hdu.header, hdus[0].header])
        return Chip(label, hdu.header, look_up, wcs, stored, planes[0], planes[1], header)
    except ImageError as error:
        raise ImageError(f"HDU {label}: {error}") from error
    except Exception as error:  # a broken HDU raises anything
        raise ImageError(f"HDU {label}: {sum_up_error(error)}") from error


def forget_pixels(hdus: Any) -> None:
    """Let go of the pixels that were read, for astropy keeps those of every HDU until the file is closed.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        A frame; a chip of it that somebody still holds is kept by him alone.
    """
    for hdu in hdus:
        vars(hdu).pop("data", None)  # where its lazy properties are kept; deleting the attribute would read it first


def _has_wcs(hdu: Any) -> bool:
    """Tell by its keys whether an image has a celestial WCS."""
    kinds = [str(hdu.header.get(f"CTYPE{axis}", "")).upper()[:4] for axis in (1, 2)]
    return any(pair in kinds for pair in ("RA--", "DEC-", "GLON", "GLAT", "ELON", "ELAT"))


def _load(hdus: Any, hdu: Any, path: Path) -> NDArray[Any]:
    """Map an image's stored numbers into memory, or unpack them, of a sensible size only."""
    if not holds_image(hdu) or len(hdu.shape) != _AXES:
        raise ImageError("no 2-D image")
    if prod(hdu.shape) > LARGEST_CHIP:
        raise ImageError(f"too large: {describe_shape(hdu.shape)} pixels")
    packed = hdu.header.get("ZCMPTYPE") or getattr(hdu, "compression_type", "")
    contents = read_contents(path, LARGEST_BYTES) if packed == "HCOMPRESS_1" else b""
    stored = get_stored(hdus, hdu, contents)
    if stored is None or stored.shape != hdu.shape:
        raise ImageError("its data end early")
    return stored


def _find_plane(hdus: Any, number: int, name: str) -> Any:
    """Find the HDU of a chip's mask or weights; None where there is none."""
    found = choose_name(hdus, number, name)
    return None if found is None else hdus[found]
