"""Arrays in memory as a series: NumPy cubes, lists of arrays, and astropy's CCDData and NDData."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochsieve.reading.headers import look_up_in
from epochsieve.reading.pixels import to_pixels
from epochsieve.reading.stacks import make_median
from epochsieve.reading.times import read_times
from epochsieve.vocabulary.errors import ImageError, NoSeriesError, SettingError
from epochsieve.vocabulary.series import CutoutSeries, Epoch


def as_series(
    images: Any,
    *,
    stack: Any = None,
    name: str = "series",
    times: ArrayLike | None = None,
    files: Sequence[str] | None = None,
) -> CutoutSeries:
    """Make a series of images that are in memory already.

    Parameters
    ----------
    images : ndarray or NDData of shape (epochs, height, width), or an iterable of them of shape (height, width)
        CCDData is NDData. Masked pixels are missing data, those of masked arrays as well; units are left aside.
    stack : ndarray or NDData, shape (height, width), optional
        The stacked image; the median of the epochs where there is none.
    name : str
        The object's name.
    times : array_like of float, shape (epochs,), optional
        Mid-exposure times, MJD in days; from the headers of CCDData where they are not given.
    files : sequence of str, optional
        The epochs' names; ``epoch_1`` and so on where they are not given, with leading zeros.

    Returns
    -------
    CutoutSeries
        An image that is not two-dimensional or has another shape than the stack is an epoch with a status.

    Raises
    ------
    NoSeriesError
        Where there is no image.
    SettingError
        Where the stack is no image, or there are more or fewer times or files than images.
    """
    arrays, headers = _split_images(images)
    mjds = np.asarray([_header_time(header) for header in headers] if times is None else times, np.float64)
    names = _number_epochs(len(arrays)) if files is None else [str(file) for file in files]
    if not arrays:
        raise NoSeriesError(f"{name}: a series needs at least one image")
    if mjds.shape != (len(arrays),) or len(names) != len(arrays):
        raise SettingError(f"{name}: {len(arrays)} images, but {mjds.size} times and {len(names)} files")
    epochs = tuple(map(_make_epoch, names, arrays, mjds.tolist()))
    if stack is None:
        median = make_median([epoch.pixels for epoch in epochs if epoch.pixels is not None])
        return CutoutSeries(name, median, epochs)
    try:
        return CutoutSeries(name, to_pixels(_fill_mask(stack)), epochs)
    except ImageError as error:
        raise SettingError(f"{name}: the stack is {error}") from error


def _split_images(images: Any) -> tuple[list[NDArray[Any]], list[Mapping[str, Any]]]:
    """Take images apart into one array and one header for each."""
    if isinstance(images, np.ndarray) or _is_nddata(images):
        cube = _fill_mask(images)
        if cube.ndim < 3:  # noqa: PLR2004 - a single image
            return [cube], [getattr(images, "meta", {})]
        return list(cube), [{}] * len(cube)
    listed = list(images)
    return [_fill_mask(image) for image in listed], [getattr(image, "meta", {}) for image in listed]


def _is_nddata(image: Any) -> bool:
    """Recognise NDData by what it offers, without importing astropy."""
    return all(hasattr(image, attribute) for attribute in ("data", "mask", "unit"))


def _fill_mask(image: Any) -> NDArray[Any]:
    """Give an image's values as a plain array, NaN where it is masked."""
    is_masked_array = isinstance(image, np.ma.MaskedArray)
    if is_masked_array or (_is_nddata(image) and not isinstance(image, np.ndarray)):
        values, mask = np.asarray(image.data), image.mask
        return values if mask is None else np.where(np.asarray(mask, bool), np.nan, values)
    return np.asarray(image)


def _header_time(header: Mapping[str, Any]) -> float:
    """Read the mid-exposure time from an image's own header, NaN where it has none."""
    return read_times(look_up_in([header]))[0]


def _number_epochs(count: int) -> list[str]:
    """Name epochs so that the order of the names is theirs."""
    return [f"epoch_{number:0{len(str(count))}d}" for number in range(1, count + 1)]


def _make_epoch(file: str, array: NDArray[Any], mjd: float) -> Epoch:
    """Make an epoch, with a status where the array is no image."""
    try:
        return Epoch(file, to_pixels(array), mjd)
    except ImageError as error:
        return Epoch(file, None, mjd, status=f"unreadable: {error}")
