"""World coordinates of an epoch's image, for what is drawn on its pixels."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from epochsieve.places.place import Place
from epochsieve.reading.hdus import choose_hdu

if TYPE_CHECKING:
    from astropy.io.fits import Header


def read_world(path: Place, hdu: str = "") -> "Header | None":
    """Read the cards that tie an image's pixels to the sky.

    Parameters
    ----------
    path : Path or RemotePath
        FITS file.
    hdu : str
        Name or number of the HDU; empty for the first with a 2-D image.

    Returns
    -------
    astropy.io.fits.Header or None
        None where the file has none, or is no longer there.
    """
    from astropy.io import fits
    from astropy.wcs import WCS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what stands in headers; it was counted when the image was read
        try:
            with fits.open(path if isinstance(path, Path) else BytesIO(path.read_bytes())) as hdus:
                world = WCS(choose_hdu(hdus, hdu).header)
                return world.celestial.to_header(relax=True) if world.has_celestial else None
        except Exception:  # noqa: BLE001 - a mask without a sky is still a mask
            return None
