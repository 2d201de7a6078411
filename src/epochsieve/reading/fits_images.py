"""One FITS image: which HDU, its scaling and missing pixels, its time and seeing."""

import io
import warnings
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochsieve.reading.checksums import check_datasum
from epochsieve.reading.contents import read_contents, sum_up_error
from epochsieve.reading.hdus import check_counts, choose_hdu, cut_out, get_plane, get_stored, has_hdu
from epochsieve.reading.headers import Lookup, look_up_in, to_number
from epochsieve.reading.pixels import to_physical_pixels
from epochsieve.reading.plain_fits import NotPlainError, parse_plain
from epochsieve.reading.planes import blank_masked, blank_unweighted, check_shape, to_noise
from epochsieve.reading.seeing import read_fwhm
from epochsieve.reading.times import read_times
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import FloatImage
from epochsieve.vocabulary.settings import ReadSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEFAULTS = ReadSettings()


@dataclass(frozen=True, eq=False)
class Image:
    """One image and what its header says of it.

    Attributes
    ----------
    pixels : ndarray of float32, shape (height, width)
        NaN where data is missing.
    mjd : float
        Mid-exposure time, modified Julian date in days; NaN where unknown.
    span_days : float
        From the beginning to the end of what went into it; NaN where unknown.
    fwhm : float
        Seeing, full width at half maximum in pixels; NaN where unknown.
    complaints : tuple of str
        Categories of the warnings that astropy gave, one for each; and which planes that were asked for are not there.
    noise : ndarray of float32, shape (height, width), or None
        One-sigma noise of each pixel, image units; NaN where unknown.
    """

    pixels: FloatImage
    mjd: float
    span_days: float
    fwhm: float
    complaints: tuple[str, ...] = ()
    noise: FloatImage | None = None


def read_image(path: str | Path, settings: ReadSettings = _DEFAULTS) -> Image:
    """Read one image.

    Parameters
    ----------
    path : str or Path
        FITS file, plain, gzipped or tile-compressed.
    settings : ReadSettings
        Which HDU holds the image, the mask and the weights, and which key the time, see
        `epochsieve.reading.times.read_times`.

    Returns
    -------
    Image
        Pixels, time and seeing.

    Raises
    ------
    ImageError
        Whatever is wrong with the file, in one line that does not repeat its name.
    """
    return parse_image(read_contents(Path(path)), settings)


def parse_image(contents: bytes, settings: ReadSettings = _DEFAULTS) -> Image:
    """Read one image from a file's contents.

    Parameters
    ----------
    contents : bytes
        The whole file, unpacked.
    settings : ReadSettings
        As for `read_image`.

    Returns
    -------
    Image
        Pixels, time and seeing.

    Raises
    ------
    ImageError
        Whatever is wrong with the file, in one line.
    """
    if settings.hdu in {"", "0"} and not (settings.mask_hdu or settings.weight_hdu):
        try:
            return _read_plain(contents, settings.time_key)
        except NotPlainError:
            pass
    return _read_with_astropy(contents, settings)


def _read_plain(contents: bytes, time_key: str) -> Image:
    """Read the simple case fast."""
    plain = parse_plain(contents)
    check_datasum(plain.header, plain.data)
    return _make_image(plain.stored, plain.look_up, plain.look_up, time_key)


def _read_with_astropy(contents: bytes, settings: ReadSettings) -> Image:
    """Read anything that astropy can, and make its warnings and errors ours."""
    from astropy.io import fits

    check_counts(contents)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            # Scaling is left to us, so that both paths round alike.
            with fits.open(io.BytesIO(contents), memmap=False, do_not_scale_image_data=True) as hdus:
                chosen = choose_hdu(hdus, settings.hdu)
                check_datasum(*cut_out(chosen, contents))
                inherited = look_up_in([chosen.header, hdus[0].header])
                stored = get_stored(hdus, chosen, contents)
                image = _make_image(stored, look_up_in([chosen.header]), inherited, settings.time_key)
                image = _lay_planes_on(image, hdus, contents, settings)
        except ImageError:
            raise
        except Exception as error:  # a broken file raises anything, from KeyError to struct.error
            raise ImageError(sum_up_error(error)) from error
    return replace(image, complaints=image.complaints + tuple(warning.category.__name__ for warning in caught))


def _lay_planes_on(image: Image, hdus: Any, contents: bytes, settings: ReadSettings) -> Image:
    """Make masked and weightless pixels missing, and weights noise, where the file has such planes."""
    absent = tuple(
        f"no HDU {name}" for name in (settings.mask_hdu, settings.weight_hdu) if name and not has_hdu(hdus, name)
    )
    pixels, noise = image.pixels, None
    if has_hdu(hdus, settings.mask_hdu):
        pixels = blank_masked(pixels, get_plane(hdus, settings.mask_hdu, contents))
    if has_hdu(hdus, settings.weight_hdu):
        weights = get_plane(hdus, settings.weight_hdu, contents)
        check_shape("weight plane", weights, pixels)
        pixels, noise = blank_unweighted(pixels, weights), to_noise(weights)
    return replace(image, pixels=pixels, noise=noise, complaints=absent)


def _make_image(stored: "NDArray[Any]", own: Lookup, inherited: Lookup, time_key: str) -> Image:
    """Scale the numbers by the image's own header; time and seeing may stand in the primary one."""
    scale, zero, blank = (to_number(own(key).value) for key in ("BSCALE", "BZERO", "BLANK"))
    pixels = to_physical_pixels(stored, 1.0 if isnan(scale) else scale, 0.0 if isnan(zero) else zero, blank)
    mjd, span_days = read_times(inherited, time_key)
    return Image(pixels, mjd, span_days, read_fwhm(inherited))
