"""Arrays in memory as a series: NumPy cubes, lists of arrays, and astropy's CCDData and NDData."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochsieve.reading.headers import look_up_in
from epochsieve.reading.pixels import to_pixels
from epochsieve.reading.planes import check_shape, to_noise
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
        CCDData is NDData. Masked pixels are missing data, those of masked arrays as well; an uncertainty says how noisy
        pixels are; units are left aside.
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
    arrays, headers, noises = _split_images(images)
    mjds = np.asarray([_header_time(header) for header in headers] if times is None else times, np.float64)
    names = _number_epochs(len(arrays)) if files is None else [str(file) for file in files]
    if not arrays:
        raise NoSeriesError(f"{name}: a series needs at least one image")
    if mjds.shape != (len(arrays),) or len(names) != len(arrays):
        raise SettingError(f"{name}: {len(arrays)} images, but {mjds.size} times and {len(names)} files")
    epochs = tuple(map(_make_epoch, names, arrays, mjds.tolist(), noises))
    if stack is None:
        median = make_median([epoch.pixels for epoch in epochs if epoch.pixels is not None])
        return CutoutSeries(name, median, epochs)
    try:
        return CutoutSeries(name, to_pixels(_fill_mask(stack)), epochs)
    except ImageError as error:
        raise SettingError(f"{name}: the stack is {error}") from error


class _Noise(NamedTuple):
    """An uncertainty of an image: its values and their kind, as astropy calls it; None and empty without."""

    values: NDArray[Any] | None = None
    kind: str = ""


def _split_images(images: Any) -> tuple[list[NDArray[Any]], list[Mapping[str, Any]], list[_Noise]]:
    """Take images apart into one array, one header and one uncertainty for each."""
    if isinstance(images, np.ndarray) or _is_nddata(images):
        cube, noise = _fill_mask(images), _take_noise(images)
        if cube.ndim < 3:  # noqa: PLR2004 - a single image
            return [cube], [getattr(images, "meta", {})], [noise]
        planes = [noise] * len(cube) if noise.values is None else [_Noise(plane, noise.kind) for plane in noise.values]
        return list(cube), [{}] * len(cube), planes
    listed = list(images)
    headers = [getattr(image, "meta", {}) for image in listed]
    return [_fill_mask(image) for image in listed], headers, [_take_noise(image) for image in listed]


def _take_noise(image: Any) -> _Noise:
    """Take an image's uncertainty, where it has one of a known kind."""
    uncertainty = getattr(image, "uncertainty", None)
    array = getattr(uncertainty, "array", None)
    return _Noise() if array is None else _Noise(np.asarray(array), str(getattr(uncertainty, "uncertainty_type", "")))


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


def _make_epoch(file: str, array: NDArray[Any], mjd: float, noise: _Noise) -> Epoch:
    """Make an epoch, with a status where the array is no image."""
    try:
        pixels = to_pixels(array)
        if noise.values is None or noise.kind == "unknown":  # astropy: it says nothing of what it means
            return Epoch(file, pixels, mjd)
        check_shape("uncertainty", noise.values, pixels)
        return Epoch(file, pixels, mjd, noise=to_noise(noise.values, noise.kind))
    except ImageError as error:
        return Epoch(file, None, mjd, status=f"unreadable: {error}")
