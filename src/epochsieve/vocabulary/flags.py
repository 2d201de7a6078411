"""Why an epoch is flagged: the one place where a flag's bit, name and meaning are defined."""

from enum import IntFlag
from functools import lru_cache
from typing import Self


class Flag(IntFlag):
    """One reason for which an epoch is not to be trusted; reasons add up to a bit mask, 0 is a good epoch.

    Each member's name, in lower case, is what users see; ``meaning`` explains it in a sentence.
    """

    meaning: str

    def __new__(cls, bit: int, meaning: str = "") -> Self:
        """Make a member of its bit and its meaning."""
        member = int.__new__(cls, bit)
        member._value_ = bit
        member.meaning = meaning
        return member

    UNREADABLE = 1, "the file could not be read, or its image has another shape than the series"
    MISSING = 2, "pixels without data: off the detector's edge, masked, or the whole image"
    BLANK = 4, "an image without content: constant, or without the sources that every other epoch shows"
    TRAIL = 8, "a long narrow streak: satellite, aeroplane, diffraction spike or bleed"
    POINT = 16, "something compact that is not shaped like this epoch's stars: cosmic ray, hot pixel, asteroid"
    COLUMN = 32, "a detector column or row out of line"
    EDGE = 64, "a straight step in level: amplifier boundary, frame edge, mask"
    BACKGROUND = 128, "a background that is tilted, patchy or of another level: cloud, moonlight, scattered light"
    PSF = 256, "stars of another shape than in the other epochs: tracking, focus, vibration"
    REGISTRATION = 512, "sources in other places than in the other epochs: shifted, rotated or another field"
    TEXTURE = 1024, "noise or pattern unlike the other epochs: resampling, fringes, read-out"
    SCALE = 2048, "all sources brighter or fainter together: transparency, gain or exposure"
    SEEING = 4096, "poor seeing: round stars, but much wider than in the other epochs"
    NEIGHBOUR = 8192, "far from every other image of the series in the network's feature space"


@lru_cache(maxsize=1024)
def decode_flags(mask: int) -> str:
    """Name the reasons in a bit mask.

    Parameters
    ----------
    mask : int
        Sum of `Flag` bits.

    Returns
    -------
    str
        Lower-case names, comma-separated, lowest bit first; empty for 0.
    """
    return ",".join(flag.name.lower() for flag in Flag if flag & mask and flag.name)
