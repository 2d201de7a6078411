"""Target pixel files of Kepler, K2 and TESS: a table with an image of the target in each row, a row per cadence."""

import io
from collections import Counter
from typing import Any

import numpy as np

from epochsieve.places.place import Place
from epochsieve.reading.contents import read_contents
from epochsieve.reading.files import LARGEST_BYTES, FileReader, FileSource, make_series
from epochsieve.reading.hdus import check_counts
from epochsieve.reading.heads import Head
from epochsieve.reading.pixels import to_pixels
from epochsieve.reading.planes import to_noise
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.vocabulary.settings import ReadSettings

_JD_OF_MJD_ZERO = 2400000.5
_LARGEST_FLAGS = 2**31 - 1
_NEEDED = ("TIME", "FLUX")


def is_target_pixel_file(head: Head) -> bool:
    """Tell a table with a column of images by its header.

    Parameters
    ----------
    head : Head
        A file's beginning.

    Returns
    -------
    bool
        Whether a table with TIME and, in two dimensions, FLUX comes first.
    """
    return any(_is_pixel_table(header) for header in head.headers[1:2])


def read_target_pixels(
    path: Place,
    settings: ReadSettings,
    complaints: Counter[str],  # noqa: ARG001 - as of all readers
) -> CutoutSeries:
    """Read a target pixel file.

    Parameters
    ----------
    path : Path or RemotePath
        FITS file, plain or gzipped.
    settings : ReadSettings
        Which cadence is the stack; ``"auto"`` means the median.
    complaints : Counter
        Warnings are counted by whoever calls.

    Returns
    -------
    CutoutSeries
        Every cadence is an epoch, those without data as well, and in the file's order, for a cadence without data has
        no time. Times are TIME plus the header's BJDREF as MJD, that is barycentric and TDB; noise is FLUX_ERR.

    Raises
    ------
    ImageError
        Where it is none, or broken.
    """
    header, table = _open_table(path)
    files, flux = _name_cadences(table), table["FLUX"]
    mjd = np.asarray(table["TIME"], np.float64) + _find_zero(header)
    errors = table["FLUX_ERR"] if _has_images(table, "FLUX_ERR", flux.shape) else [None] * len(flux)
    quality = _read_quality(table)
    epochs = [
        Epoch(file, to_pixels(image), time, noise=None if error is None else to_noise(error, "std"), quality=flags)
        for file, image, time, error, flags in zip(files, flux, mjd.tolist(), errors, quality, strict=True)
    ]
    return make_series(FileSource(path, settings, READER).parts[-1], epochs, settings.stack, None, str(path))


def list_cadences(path: Place, settings: ReadSettings) -> list[str]:  # noqa: ARG001 - as of all readers
    """Name the cadences of a target pixel file.

    Parameters
    ----------
    path : Path or RemotePath
        The file.
    settings : ReadSettings
        Not needed for it.

    Returns
    -------
    list of str
        As the epochs are called.

    Raises
    ------
    ImageError
        Where it is none, or broken.
    """
    return _name_cadences(_open_table(path)[1])


READER = FileReader(read_target_pixels, list_cadences)
"""Reads them."""


def _open_table(path: Place) -> tuple[Any, Any]:
    """Open the table of pixels, and make sure that the file holds all that its header speaks of."""
    from astropy.io import fits

    contents = read_contents(path, LARGEST_BYTES)
    check_counts(contents)
    with fits.open(io.BytesIO(contents), memmap=False) as hdus:
        hdu = hdus[1] if len(hdus) > 1 else hdus[0]
        if not _is_pixel_table(hdu.header):
            raise ImageError("no target pixel file: no table with TIME and images in FLUX")
        header = hdu.header
        if header["NAXIS1"] * header["NAXIS2"] > len(contents) or header["NAXIS2"] < 1:
            raise ImageError(f"the table has {header['NAXIS2']} rows, and the file no room for them")
        return header, hdu.data


def _is_pixel_table(header: Any) -> bool:
    """Tell a table with images by its header."""
    if header.get("XTENSION") != "BINTABLE":
        return False
    names = {str(header.get(f"TTYPE{n}", "")).strip().upper(): n for n in range(1, int(header.get("TFIELDS", 0)) + 1)}
    dimensions = str(header.get(f"TDIM{names.get('FLUX', 0)}", ""))
    return all(name in names for name in _NEEDED) and dimensions.count(",") == 1


def _has_images(table: Any, name: str, shape: tuple[int, ...]) -> bool:
    """Tell whether there is a column of images of the right shape."""
    return name in table.names and table[name].shape == shape


def _name_cadences(table: Any) -> list[str]:
    """Name each cadence by its number, so that the order of the names is theirs."""
    rows = len(table)
    numbers = table["CADENCENO"].tolist() if "CADENCENO" in table.names else range(rows)
    distinct = numbers if len(set(numbers)) == rows and min(numbers) >= 0 else range(rows)
    return [f"cadence_{number:07d}" for number in distinct]


def _find_zero(header: Any) -> float:
    """Find what to add to TIME so that it is an MJD."""
    zero = float(header.get("BJDREFI", 0)) + float(header.get("BJDREFF", 0))
    return zero - _JD_OF_MJD_ZERO if zero else 0.0


def _read_quality(table: Any) -> list[int]:
    """Read the mission's flags, as far as 31 bits hold them."""
    if "QUALITY" not in table.names:
        return [0] * len(table)
    return [int(mask) & _LARGEST_FLAGS for mask in table["QUALITY"]]
