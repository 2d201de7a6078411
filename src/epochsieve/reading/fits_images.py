"""One FITS image: which HDU, its scaling and missing pixels, its time and seeing."""

import io
import stat
import warnings
import zlib
from dataclasses import dataclass, replace
from math import isnan, prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochsieve.reading.hcompress import unpack_apart
from epochsieve.reading.headers import Lookup, look_up_in, to_number
from epochsieve.reading.pixels import describe_shape, to_physical_pixels
from epochsieve.reading.plain_fits import NotPlainError, parse_plain
from epochsieve.reading.seeing import read_fwhm
from epochsieve.reading.times import read_times
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import FloatImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LARGEST_BYTES = 2**28  # of a file, unpacked: a cutout of 8192 x 8192 px; what asks for more is broken or a bomb
_LARGEST_PIXELS = _LARGEST_BYTES // 4
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's number for "the largest window, with a gzip header"
_UNTRUSTED = b"HCOMPRESS_1"  # wherever a file with compressed images says it: a header may be damaged, too
_LONGEST_MESSAGE = 200


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
        Categories of the warnings that astropy gave, one for each.
    """

    pixels: FloatImage
    mjd: float
    span_days: float
    fwhm: float
    complaints: tuple[str, ...] = ()


def read_image(path: str | Path, hdu: str = "", time_key: str = "") -> Image:
    """Read one image.

    Parameters
    ----------
    path : str or Path
        FITS file, plain, gzipped or tile-compressed.
    hdu : str
        Name or number of the HDU; empty for the first with a 2-D image.
    time_key : str
        Key of the mid-exposure time; empty for the usual ones, see `epochsieve.reading.times.read_times`.

    Returns
    -------
    Image
        Pixels, time and seeing.

    Raises
    ------
    ImageError
        Whatever is wrong with the file, in one line that does not repeat its name.
    """
    contents = _read_contents(Path(path))
    if hdu in {"", "0"}:
        try:
            return _read_plain(contents, time_key)
        except NotPlainError:
            pass
    return _read_with_astropy(contents, hdu, time_key)


def _read_plain(contents: bytes, time_key: str) -> Image:
    """Read the simple case fast."""
    plain = parse_plain(contents)
    return _make_image(plain.stored, plain.look_up, plain.look_up, time_key)


def _read_with_astropy(contents: bytes, hdu: str, time_key: str) -> Image:
    """Read anything that astropy can, and make its warnings and errors ours."""
    from astropy.io import fits

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            # Scaling is left to us, so that both paths round alike.
            with fits.open(io.BytesIO(contents), memmap=False, do_not_scale_image_data=True) as hdus:
                chosen = _choose_hdu(hdus, hdu)
                inherited = look_up_in([chosen.header, hdus[0].header])
                stored = _get_stored(hdus, chosen, contents)
                image = _make_image(stored, look_up_in([chosen.header]), inherited, time_key)
        except ImageError:
            raise
        except Exception as error:  # a broken file raises anything, from KeyError to struct.error
            raise ImageError(_one_line(error)) from error
    return replace(image, complaints=tuple(warning.category.__name__ for warning in caught))


def _get_stored(hdus: Any, chosen: Any, contents: bytes) -> "NDArray[Any]":
    """Get the stored numbers; those of a kind whose decoder can't be trusted from another process."""
    from astropy.io import fits

    if isinstance(chosen, fits.CompImageHDU) and _UNTRUSTED in contents:
        return unpack_apart(contents, hdus.index_of(chosen))
    return chosen.data  # type: ignore[no-any-return]


def _make_image(stored: "NDArray[Any]", own: Lookup, inherited: Lookup, time_key: str) -> Image:
    """Scale the numbers by the image's own header; time and seeing may stand in the primary one."""
    scale, zero, blank = (to_number(own(key).value) for key in ("BSCALE", "BZERO", "BLANK"))
    pixels = to_physical_pixels(stored, 1.0 if isnan(scale) else scale, 0.0 if isnan(zero) else zero, blank)
    mjd, span_days = read_times(inherited, time_key)
    return Image(pixels, mjd, span_days, read_fwhm(inherited))


def _choose_hdu(hdus: Any, wanted: str) -> Any:
    """Find the HDU asked for, else the first with a 2-D image, else the first with any image."""
    if wanted:
        return _check_hdu(_find_hdu(hdus, wanted))
    images = [hdu for hdu in hdus if _holds_image(hdu)]
    if not images:
        raise ImageError("no HDU holds an image")
    return _check_hdu(next((hdu for hdu in images if _count_axes(hdu) == 2), images[0]))  # noqa: PLR2004 - height, width


def _find_hdu(hdus: Any, wanted: str) -> Any:
    """Find an HDU by number or name."""
    try:
        return hdus[int(wanted) if wanted.isdecimal() else wanted]
    except (IndexError, KeyError) as error:
        raise ImageError(f"there is no HDU {wanted}") from error


def _check_hdu(hdu: Any) -> Any:
    """Refuse what is no 2-D image of a sensible size, before any memory is spent on it."""
    if not _holds_image(hdu):
        raise ImageError(f"HDU {hdu.name} holds no image")
    if _count_axes(hdu) != 2:  # noqa: PLR2004 - height, width
        raise ImageError(f"not a 2-D image: its shape is {describe_shape(hdu.shape)}")
    if prod(hdu.shape) > _LARGEST_PIXELS:
        raise ImageError(f"too large for a cutout: {describe_shape(hdu.shape)} pixels")
    return hdu


def _holds_image(hdu: Any) -> bool:
    """Tell whether an HDU is of an image's kind and has pixels."""
    from astropy.io import fits

    return isinstance(hdu, fits.PrimaryHDU | fits.ImageHDU | fits.CompImageHDU) and prod(hdu.shape or (0,)) > 0


def _count_axes(hdu: Any) -> int:
    """Count the axes of an image, those of length one beyond the second left out."""
    longer = [length for length in hdu.shape if length > 1]
    return len(longer) if len(hdu.shape) > 2 else len(hdu.shape)  # noqa: PLR2004 - height, width


def _read_contents(path: Path) -> bytes:
    """Read a file whole, unpacked if it is gzipped, within limits."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # opening a FIFO would wait for ever
            raise ImageError("not a file, but a folder" if stat.S_ISDIR(facts.st_mode) else "not a regular file")
        if facts.st_size > _LARGEST_BYTES:
            raise ImageError(f"too large for a cutout: {facts.st_size} bytes")
        contents = path.read_bytes()
    except OSError as error:
        raise ImageError(error.strerror or _one_line(error)) from error
    if not contents:
        raise ImageError("the file is empty")
    return _unpack(contents) if contents.startswith(_GZIP_MAGIC) else contents


def _unpack(packed: bytes) -> bytes:
    """Unpack gzip members, each verified by its checksum, but never more than the limit."""
    unpacked = b""
    while packed.startswith(_GZIP_MAGIC):
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            unpacked += member.decompress(packed, _LARGEST_BYTES + 1 - len(unpacked))
        except zlib.error as error:
            raise ImageError(f"broken gzip: {error}") from error
        if len(unpacked) > _LARGEST_BYTES:
            raise ImageError(f"too large for a cutout: more than {_LARGEST_BYTES} bytes unpacked")
        if not member.eof:
            raise ImageError("broken gzip: it ends early")
        packed = member.unused_data
    return unpacked


def _one_line(error: Exception) -> str:
    """Sum an exception up for a status."""
    return " ".join(str(error).split())[:_LONGEST_MESSAGE] or type(error).__name__
