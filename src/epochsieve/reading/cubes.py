"""A cube in one FITS file: two axes of the sky and one of time, a plane per epoch."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isnan, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.places.place import Place
from epochsieve.reading.contents import read_contents
from epochsieve.reading.cube_times import PlaneFacts, read_plane_facts
from epochsieve.reading.files import LARGEST_BYTES, FileReader, FileSource, make_series
from epochsieve.reading.hdus import check_counts, find_hdu, get_plane, get_stored, has_hdu, holds_image, scale_plane
from epochsieve.reading.headers import look_up_in, to_number
from epochsieve.reading.heads import Head
from epochsieve.reading.pixels import describe_shape, to_physical_pixels, to_pixels
from epochsieve.reading.planes import cover_epoch
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import ReadSettings

STACK_HDU = "STACK"
"""Name of an HDU that holds the stacked image, in a cube's file."""

_AXES = 3
_SPECTRAL = ("FREQ", "WAVE", "VELO", "VRAD", "VOPT", "AWAV", "ENER", "LAMB", "ZOPT", "STOK")


def is_cube(head: Head) -> bool:
    """Tell a cube by its header.

    Parameters
    ----------
    head : Head
        A file's beginning.

    Returns
    -------
    bool
        Whether the first HDU with data is an image with three axes longer than one pixel.
    """
    return bool(head.headers) and _is_cube_header(head.headers[-1])


def read_cube(path: Place, settings: ReadSettings, complaints: Counter[str]) -> CutoutSeries:
    """Read a cube.

    Parameters
    ----------
    path : Path or RemotePath
        FITS file, plain, gzipped or tile-compressed.
    settings : ReadSettings
        Which HDU holds the cube, the masks and the weights (one plane for all epochs, or one for each), which column or
        key the times; which plane is the stack: ``"auto"`` means the HDU of that name, else the median.
    complaints : Counter
        Takes in which planes that were asked for are not there.

    Returns
    -------
    CutoutSeries
        Every plane is an epoch.

    Raises
    ------
    ImageError
        Where it is none, or broken.
    """
    with _open_cube(path, settings) as (hdus, hdu, contents):
        planes = _scale_planes(get_stored(hdus, hdu, contents), hdu.header)
        epochs = _make_epochs(planes, read_plane_facts(hdus, hdu, len(planes), settings.time_key))
        epochs = _lay_planes_on(epochs, hdus, contents, settings, complaints)
        given = _read_stack(hdus, contents) if settings.stack == "auto" else None
    name = FileSource(path, settings, READER).parts[-1]
    return make_series(name, epochs, settings.stack, given, str(path))


def list_planes(path: Place, settings: ReadSettings) -> list[str]:
    """Name the planes of a cube.

    Parameters
    ----------
    path : Path or RemotePath
        The file.
    settings : ReadSettings
        Which HDU holds the cube.

    Returns
    -------
    list of str
        As the epochs are called.

    Raises
    ------
    ImageError
        Where it is none, or broken.
    """
    with _open_cube(path, settings) as (hdus, hdu, _):
        return read_plane_facts(hdus, hdu, _measure_axes(hdu)[0], settings.time_key).files


READER = FileReader(read_cube, list_planes)
"""Reads them."""


@contextmanager
def _open_cube(path: Place, settings: ReadSettings) -> Iterator[tuple[Any, Any, bytes]]:
    """Open a file: its HDUs, the one with the cube, and its bytes."""
    from astropy.io import fits

    contents = read_contents(path, LARGEST_BYTES)
    check_counts(contents)
    with fits.open(io.BytesIO(contents), memmap=False, do_not_scale_image_data=True) as hdus:
        yield hdus, _find_cube(hdus, settings.hdu), contents


def _find_cube(hdus: Any, wanted: str) -> Any:
    """Find the HDU asked for, else the first that is a cube, and refuse what its header can't mean."""
    candidates = [find_hdu(hdus, wanted)] if wanted else list(hdus)
    hdu = next((hdu for hdu in candidates if _is_cube_hdu(hdu)), None)
    if hdu is None:
        raise ImageError("no cube: no image with three axes" + (f" in HDU {wanted}" if wanted else ""))
    axis = str(hdu.header.get("CTYPE3", "")).strip().upper()[:4]
    if axis in _SPECTRAL:
        raise ImageError(f"not a cube of epochs: its third axis is {hdu.header['CTYPE3'].strip()}")
    if prod(hdu.shape) * 4 > LARGEST_BYTES:
        raise ImageError(f"too large: {describe_shape(hdu.shape)} pixels")
    return hdu


def _is_cube_hdu(hdu: Any) -> bool:
    """Tell an image with three axes that are longer than one pixel."""
    return holds_image(hdu) and len(_measure_axes(hdu)) == _AXES


def _is_cube_header(header: Any) -> bool:
    """Tell the header of one, compressed or not."""
    prefix = "Z" if header.get("ZIMAGE") else ""
    if header.get("XTENSION", "IMAGE") != "IMAGE" and not prefix:
        return False
    axes = [header.get(f"{prefix}NAXIS{n}", 0) for n in range(1, int(header.get(f"{prefix}NAXIS", 0)) + 1)]
    return len([length for length in axes if length > 1]) == _AXES


def _measure_axes(hdu: Any) -> list[int]:
    """List the axes that are longer than one pixel, the last of the header first."""
    return [length for length in hdu.shape if length > 1]


def _scale_planes(stored: NDArray[Any], header: Any) -> list[FloatImage]:
    """Convert the stored numbers plane by plane."""
    scale, zero, blank = (to_number(look_up_in([header])(key).value) for key in ("BSCALE", "BZERO", "BLANK"))
    scale, zero = 1.0 if isnan(scale) else scale, 0.0 if isnan(zero) else zero
    return [to_physical_pixels(plane, scale, zero, blank) for plane in np.squeeze(stored)]


def _make_epochs(planes: Sequence[FloatImage], facts: PlaneFacts) -> list[Epoch]:
    """Make an epoch of each plane."""
    known = zip(facts.files, planes, facts.mjd, facts.quality, strict=True)
    return [Epoch(file, plane, mjd, quality=quality) for file, plane, mjd, quality in known]


def _lay_planes_on(
    epochs: list[Epoch], hdus: Any, contents: bytes, settings: ReadSettings, complaints: Counter[str]
) -> list[Epoch]:
    """Make masked and weightless pixels missing, and weights noise, where the file has them."""
    for name in filter(None, (settings.mask_hdu, settings.weight_hdu)):
        complaints.update([] if has_hdu(hdus, name) else [f"no HDU {name}"])
    masks = _list_planes_of(hdus, settings.mask_hdu, contents, len(epochs))
    weights = _list_planes_of(hdus, settings.weight_hdu, contents, len(epochs))
    return [cover_epoch(*each) for each in zip(epochs, masks, weights, strict=True)]


def _list_planes_of(hdus: Any, name: str, contents: bytes, count: int) -> list[NDArray[Any] | None]:
    """List masks or weights, one for each epoch, the same for all where there is but one."""
    if not has_hdu(hdus, name):
        return [None] * count
    hdu = find_hdu(hdus, name)
    if not holds_image(hdu) or prod(hdu.shape) * 4 > LARGEST_BYTES:
        raise ImageError(f"HDU {name} holds no image of a sensible size")
    planes = np.squeeze(scale_plane(get_stored(hdus, hdu, contents), hdu.header))
    listed = list(planes) if planes.ndim == _AXES else [planes] * count
    if len(listed) != count:
        raise ImageError(f"HDU {name} has {len(listed)} planes for {count} epochs")
    return list(listed)


def _read_stack(hdus: Any, contents: bytes) -> FloatImage | None:
    """Read the stacked image, where the file has one."""
    return to_pixels(get_plane(hdus, STACK_HDU, contents)) if has_hdu(hdus, STACK_HDU) else None
