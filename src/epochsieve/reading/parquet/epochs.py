"""Rows as epochs: times, images, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf, isnan, nan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.fits_images import Image
from epochsieve.reading.headers import to_number
from epochsieve.reading.parquet.images import Cell, Shape, read_images
from epochsieve.reading.parquet.numbers import view_numbers
from epochsieve.reading.parquet.spreading import Columns
from epochsieve.reading.pixels import to_pixels
from epochsieve.reading.planes import check_shape, cover_epoch, to_noise
from epochsieve.reading.times import to_mjd
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import OK, Epoch, FloatImage

_MJD_OF_1970 = 40587.0
_MICROSECONDS_PER_DAY = 86400e6
_LARGEST_FLAGS = 2**31 - 1
_PLANES = ("image", "noise", "mask", "weight")


def make_epochs(columns: Columns, files: Sequence[str]) -> Iterator[Epoch]:
    """Make epochs of rows.

    Parameters
    ----------
    columns : mapping of str to pyarrow.Array
        What they say, by role.
    files : sequence of str
        The epochs' names.

    Yields
    ------
    Epoch
        With a status where there is no image, or one that can't be used.
    """
    count = len(files)
    shapes = list(map(_make_shape, _list(columns, "height", count), _list(columns, "width", count)))
    cells = {role: read_images(columns[role], shapes) for role in _PLANES if role in columns}
    facts = zip(
        files,
        _list_times(columns["mjd"]) if "mjd" in columns else [nan] * count,
        map(to_number, _list(columns, "fwhm", count)),
        _list(columns, "quality", count),
        strict=True,
    )
    statuses = _list(columns, "status", count)
    for place, (file, mjd, fwhm, flags) in enumerate(facts):
        quality = flags & _LARGEST_FLAGS if isinstance(flags, int) else 0
        known = _Known(file, mjd, fwhm if 0 < fwhm < inf else nan, quality)
        yield _make_epoch(known, {role: each[place] for role, each in cells.items()}, statuses[place])


class _Known(NamedTuple):
    """What is known of an epoch besides its image."""

    file: str
    mjd: float
    fwhm: float
    quality: int

    def fill(self, pixels: FloatImage | None, status: str = OK, noise: FloatImage | None = None) -> Epoch:
        """Make the epoch."""
        return Epoch(self.file, pixels, self.mjd, self.fwhm, status, noise, self.quality)


def _make_epoch(known: _Known, cells: Mapping[str, Cell], status: Any) -> Epoch:
    """Make an epoch with its image, or a status."""
    image, noise, mask, weights = (cells.get(role) for role in _PLANES)
    if image is None:
        said = status.strip() if isinstance(status, str) else ""
        return known.fill(None, said if said not in {"", OK} else "missing: no image in its row")
    try:
        if isinstance(image, Image):
            return _take_over(known, image)
        pixels = to_pixels(_take_plane(image))
        epoch = known.fill(pixels, noise=None if noise is None else _take_noise(noise, pixels))
        if mask is None and weights is None:
            return epoch
        return cover_epoch(
            epoch, None if mask is None else _take_plane(mask), None if weights is None else _take_plane(weights)
        )
    except ImageError as error:
        return known.fill(None, f"unreadable: {error}")


def _take_over(known: _Known, image: Image) -> Epoch:
    """Take what a FITS file in a row says, its time and seeing where the row has none."""
    mjd = image.mjd if isnan(known.mjd) else known.mjd
    fwhm = image.fwhm if isnan(known.fwhm) else known.fwhm
    return Epoch(known.file, image.pixels, mjd, fwhm, noise=image.noise, quality=known.quality)


def _take_plane(cell: Cell) -> NDArray[Any]:
    """Take the numbers of a cell; what is wrong with it is an error."""
    if isinstance(cell, ImageError):
        raise cell
    if isinstance(cell, Image):
        return cell.pixels
    if cell is None:
        raise ImageError("no image in its row")
    return cell


def _take_noise(cell: Cell, pixels: FloatImage) -> FloatImage:
    """Take the noise of an image."""
    noise = _take_plane(cell)
    check_shape("noise", noise, pixels)
    return to_noise(noise, "std")


def _make_shape(height: Any, width: Any) -> Shape:
    """Take an image's shape, where both of its sides are given."""
    return (int(height), int(width)) if isinstance(height, int) and isinstance(width, int) else None


def _list_times(column: Any) -> list[float]:
    """List times as MJD: days as numbers or as ISO 8601 text, or Arrow's timestamps; NaN for anything else."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        microseconds = pc.cast(pc.cast(column, pa.timestamp("us"), safe=False), pa.int64())
        days = np.asarray(view_numbers(microseconds), np.float64) / _MICROSECONDS_PER_DAY
        return [float(day) for day in days + _MJD_OF_1970]
    return [to_mjd(value) if isinstance(value, int | float | str) else nan for value in column.to_pylist()]


def _list(columns: Columns, role: str, count: int) -> list[Any]:
    """List a column's values; None where there is none."""
    return columns[role].to_pylist() if role in columns else [None] * count
