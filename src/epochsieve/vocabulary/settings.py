"""One frozen dataclass of settings per stage, and the false-alarm rates that have names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from epochsieve.vocabulary.errors import SettingError

RATES: Mapping[str, float] = MappingProxyType({"none": 0.0, "default": 0.01, "hard": 0.05})
"""False-alarm rates that have names."""


SMALLEST_CUTOUT, LARGEST_CUTOUT = 5, 1024
"""Sides of cutouts that can be asked for, pixels."""


@dataclass(frozen=True)
class ReadSettings:
    """How files become a series; what names HDUs and keys of FITS files names columns of Parquet tables.

    Attributes
    ----------
    stack : str
        ``"auto"``, ``"first"`` (by name), ``"median"`` (none is given: made from the epochs) or a glob pattern.
    hdu : str
        Name or number of the HDU with the image; empty for the first that holds one.
    time_key : str
        Header key of the mid-exposure time (MJD in days, or ISO 8601); empty for the usual ones.
    mask_hdu : str
        Name or number of the HDU with a mask, where bad pixels are not zero; empty for none.
    weight_hdu : str
        Name or number of the HDU with weights, the inverse variances of the pixels; empty for none.
    """

    stack: str = "auto"
    hdu: str = ""
    time_key: str = ""
    mask_hdu: str = ""
    weight_hdu: str = ""


@dataclass(frozen=True)
class CutSettings:
    """How frames become cutouts.

    Attributes
    ----------
    size : int
        Side of the cutouts, pixels.
    align : bool
        Whether each object's cutouts are put on one grid of pixels, north up; else they stay on the frames' own.
    reading : ReadSettings
        Which HDUs are chips, masks and weights, and which key is the time.
    """

    size: int
    align: bool = False
    reading: ReadSettings = field(default_factory=ReadSettings)

    def __post_init__(self) -> None:
        """Refuse sizes without a meaning."""
        if not SMALLEST_CUTOUT <= self.size <= LARGEST_CUTOUT:
            raise SettingError(
                f"a cutout has from {SMALLEST_CUTOUT} to {LARGEST_CUTOUT} pixels a side, not {self.size}"
            )


@dataclass(frozen=True)
class PaperSettings:
    """The published method (Cavuoti, De Cicco et al. 2024, A&A 687, A246) and its notebook's options.

    Attributes
    ----------
    size : int
        Side in pixels to which cutouts are cropped from their first pixel; 0 for the whole of them.
    rescale : bool
        The notebook's ``doScale``: scale every image, column by column, by the stack's range, times 256.
    """

    size: int = 0
    rescale: bool = False


@dataclass(frozen=True)
class SieveSettings:
    """The default method.

    Attributes
    ----------
    false_alarm : float
        Share of good epochs that may be flagged, from 0 (none is flagged for its score) to below 1.
    flag_seeing : bool
        Whether poor seeing alone is a reason to flag an epoch.
    """

    false_alarm: float = RATES["default"]
    flag_seeing: bool = False


def read_rate(given: str | float) -> float:
    """Read a false-alarm rate.

    Parameters
    ----------
    given : str or float
        A name out of `RATES`, or a number.

    Returns
    -------
    float
        At least 0, below 1.

    Raises
    ------
    SettingError
        Where it is neither.
    """
    try:
        rate = RATES[given] if isinstance(given, str) and given in RATES else float(given)
    except (TypeError, ValueError):
        rate = float("nan")
    if not 0 <= rate < 1:
        raise SettingError(f"a false-alarm rate is a number between 0 and 1, or {', '.join(RATES)}; not {given}")
    return rate
