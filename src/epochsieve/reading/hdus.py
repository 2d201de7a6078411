"""The HDUs of a FITS file: the one with the image that is meant, checked before memory is spent on it."""

import re
from collections.abc import Mapping
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from epochsieve.reading.contents import LARGEST_BYTES
from epochsieve.reading.hcompress import unpack_apart
from epochsieve.reading.pixels import describe_shape
from epochsieve.vocabulary.errors import ImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_PIXELS = LARGEST_BYTES // 4
"""Of one image."""

_CARD = 80
# One for each word: a pattern that begins with no fixed letters is looked for 50 times as long.
_COUNTS = (re.compile(rb"(NAXIS) *= *\+?(\d{4,70})"), re.compile(rb"(TFIELDS) *= *\+?(\d{4,70})"))
_MOST = 999  # FITS standard 4.0, sections 4.4.1 and 7.3.1
_UNTRUSTED = b"HCOMPRESS_1"  # wherever a file with compressed images says it: a header may be damaged, too


def check_counts(contents: bytes) -> None:
    """Refuse a file whose headers count more axes or columns than the standard allows: astropy would list them all.

    Parameters
    ----------
    contents : bytes
        The file.

    Raises
    ------
    ImageError
        Where there are too many: 10^12 axes would take for ever, and all memory.
    """
    for match in chain.from_iterable(pattern.finditer(contents) for pattern in _COUNTS):
        start = match.start()
        is_compressed = start % _CARD == 1 and contents[start - 1] == ord("Z")  # ZNAXIS
        if (start % _CARD == 0 or is_compressed) and int(match[2]) > _MOST:
            raise ImageError(f"broken header: {match[1].decode()} = {match[2][:20].decode()}")


def choose_hdu(hdus: Any, wanted: str) -> Any:
    """Find the HDU asked for, else the first with a 2-D image, else the first with any image.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        An open file, whose numbers are left unscaled.
    wanted : str
        Name or number; empty for none in particular.

    Returns
    -------
    HDU
        It holds a 2-D image of a sensible size.

    Raises
    ------
    ImageError
        Where there is none.
    """
    if wanted:
        return check_hdu(find_hdu(hdus, wanted))
    images = [hdu for hdu in hdus if holds_image(hdu)]
    if not images:
        raise ImageError("no HDU holds an image")
    return check_hdu(next((hdu for hdu in images if _count_axes(hdu) == 2), images[0]))  # noqa: PLR2004 - height, width


def find_hdu(hdus: Any, wanted: str) -> Any:
    """Find an HDU by number or name.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        An open file, whose numbers are left unscaled.
    wanted : str
        Name or number.

    Returns
    -------
    HDU
        Of any kind.

    Raises
    ------
    ImageError
        Where there is none.
    """
    try:
        return hdus[int(wanted) if wanted.isdecimal() else wanted]
    except (IndexError, KeyError) as error:
        raise ImageError(f"there is no HDU {wanted}") from error


def cut_out(hdu: Any, contents: bytes) -> tuple[bytes, bytes]:
    """Cut an HDU's header and data out of the file that it is in, as they stand there."""
    places = hdu.fileinfo()
    begin = places["datLoc"]
    return contents[places["hdrLoc"] : begin], contents[begin : begin + places["datSpan"]]


def has_hdu(hdus: Any, wanted: str) -> bool:
    """Tell whether there is an HDU of a name or number; there is none without."""
    try:
        return bool(wanted) and find_hdu(hdus, wanted) is not None
    except ImageError:
        return False


def choose_name(hdus: Any, number: int, name: str) -> int | None:
    """Find the plane that belongs to one image of a file with several.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        An open file.
    number : int
        Number of the image's HDU.
    name : str
        Name of the planes' HDUs, or number of the only one; empty for none.

    Returns
    -------
    int or None
        The number of the HDU of that name and the image's EXTVER; else of that which joins both names (``CCD1_MASK``);
        else the only one of that name. None where there is none.
    """
    if not name:
        return None
    if name.isdecimal():
        return int(name) if int(name) < len(hdus) else None
    image, wanted = hdus[number], name.upper()
    named = [i for i, hdu in enumerate(hdus) if hdu.name.upper() == wanted]
    joined = {f"{image.name}_{wanted}".upper(), f"{wanted}_{image.name}".upper()}
    same = [i for i in named if len(named) > 1 and hdus[i].ver == image.ver]
    together = [i for i, hdu in enumerate(hdus) if hdu.name.upper() in joined]
    return next(iter(same or together or (named if len(named) == 1 else [])), None)


def check_hdu(hdu: Any) -> Any:
    """Refuse what is no 2-D image of a sensible size, before any memory is spent on it.

    Parameters
    ----------
    hdu : HDU
        Of any kind.

    Returns
    -------
    HDU
        The same.

    Raises
    ------
    ImageError
        Where it is none.
    """
    if not holds_image(hdu):
        raise ImageError(f"HDU {hdu.name} holds no image")
    if _count_axes(hdu) != 2:  # noqa: PLR2004 - height, width
        raise ImageError(f"not a 2-D image: its shape is {describe_shape(hdu.shape)}")
    if prod(hdu.shape) > LARGEST_PIXELS:
        raise ImageError(f"too large for a cutout: {describe_shape(hdu.shape)} pixels")
    return hdu


def holds_image(hdu: Any) -> bool:
    """Tell whether an HDU is of an image's kind and has pixels.

    Parameters
    ----------
    hdu : HDU
        Of any kind.

    Returns
    -------
    bool
        Of however many axes.
    """
    from astropy.io import fits

    return isinstance(hdu, fits.PrimaryHDU | fits.ImageHDU | fits.CompImageHDU) and prod(hdu.shape or (0,)) > 0


def _count_axes(hdu: Any) -> int:
    """Count the axes of an image, those of length one beyond the second left out."""
    longer = [length for length in hdu.shape if length > 1]
    return len(longer) if len(hdu.shape) > 2 else len(hdu.shape)  # noqa: PLR2004 - height, width


def get_stored(hdus: Any, chosen: Any, contents: bytes) -> "NDArray[Any]":
    """Get the stored numbers; those of a kind whose decoder can't be trusted from another process.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        An open file, whose numbers are left unscaled.
    chosen : HDU
        One of them.
    contents : bytes
        What they were opened from.

    Returns
    -------
    ndarray
        As in the file, unscaled.
    """
    from astropy.io import fits

    if isinstance(chosen, fits.CompImageHDU) and _UNTRUSTED in contents:
        return unpack_apart(contents, hdus.index_of(chosen))
    return chosen.data  # type: ignore[no-any-return]


def get_plane(hdus: Any, name: str, contents: bytes) -> "NDArray[Any]":
    """Get the numbers of a mask or of weights, scaled.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
        An open file, whose numbers are left unscaled.
    name : str
        Name or number of the plane's HDU.
    contents : bytes
        What they were opened from.

    Returns
    -------
    ndarray, shape (height, width)
        As it says.

    Raises
    ------
    ImageError
        Where it is no 2-D image of a sensible size.
    """
    hdu = check_hdu(find_hdu(hdus, name))
    return scale_plane(get_stored(hdus, hdu, contents), hdu.header)


def scale_plane(stored: "NDArray[Any]", header: Mapping[str, Any]) -> "NDArray[np.float64]":
    """Scale the stored numbers of a mask or of weights.

    Parameters
    ----------
    stored : ndarray
        As in the file.
    header : astropy.io.fits.Header
        Theirs.

    Returns
    -------
    ndarray of float64
        By BSCALE and BZERO.
    """
    scale, zero = (float(header.get(key, default)) for key, default in (("BSCALE", 1), ("BZERO", 0)))
    return np.asarray(np.asarray(stored, np.float64) * scale + zero)
