"""Header cards that a cutout keeps of its chip."""

import re
from typing import Any

from epochsieve.reading.frames.chips import Chip

_KEPT = (
    "DATE-OBS",
    "MJD-OBS",
    "EXPTIME",
    "FILTER",
    "TELESCOP",
    "INSTRUME",
    "GAIN",
    "RDNOISE",
    "SATURATE",
    "BUNIT",
    "MAGZERO",
    "MAGZP",
    "ZEROPNT",
    "PHOTZP",
    "AIRMASS",
    "TIMESYS",
    "RADESYS",
    "EQUINOX",
    "LONPOLE",
    "LATPOLE",
)
_WCS = re.compile(
    r"(CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA)[12]|(CD|PC)[12]_[12]|PV[12]_\d+|(A|B|AP|BP)_(ORDER|\d_\d)|WAT[12]_\d{3}|WCSAXES"
)


def keep_cards(chip: Chip) -> dict[str, Any]:
    """Choose the cards that a cutout keeps: the WCS with its distortions, and what tells about the exposure.

    Parameters
    ----------
    chip : Chip
        The chip.

    Returns
    -------
    dict of str to number, str or bool
        By key; the WCS is still the chip's.
    """
    keys = [key for key in chip.header if _WCS.fullmatch(key)]
    found = {key: chip.header[key] for key in keys}
    found |= {key: card.value for key in _KEPT if (card := chip.look_up(key)).value is not None}
    return {key: value for key, value in found.items() if isinstance(value, int | float | str | bool)}
