"""Mask images: which pixels of a flagged epoch are spoilt, and by what, in bits that MaxiMask's users know."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from epochsieve.vocabulary.flags import Flag

if TYPE_CHECKING:
    from astropy.io.fits import Header, PrimaryHDU

Mask = NDArray[np.int32]

COSMIC_RAY, HOT_COLUMN, DEAD_COLUMN, DEAD_PIXEL, TRAIL = 1, 2, 4, 16, 64
"""MaxiMask's values (Paillassa et al. 2020, A&A 634, A48) for the kinds that both of us know."""

OWN_SHIFT = 13
"""Our other kinds are our flags moved up by so many bits: from 8192, above MaxiMask's highest, 4096."""

BRIGHT = {Flag.TRAIL: TRAIL, Flag.POINT: COSMIC_RAY, Flag.COLUMN: HOT_COLUMN}
DARK = {Flag.TRAIL: Flag.TRAIL << OWN_SHIFT, Flag.POINT: DEAD_PIXEL, Flag.COLUMN: DEAD_COLUMN}
"""Values for pixels that are too bright and too dark; a dark trail is none that MaxiMask knows."""

LOCAL = Flag.TRAIL | Flag.POINT | Flag.COLUMN | Flag.EDGE | Flag.BACKGROUND
"""Reasons that are somewhere in the image; any other spoils all of it."""

SEED_SIGMAS, GROWN_SIGMAS = 5.0, 2.5
"""A defect is where the residual exceeds the first, and what hangs together with that and exceeds the second."""

FAINTEST = 0.3
"""Of the strongest pixel: a group without one so strong is no part of what the epoch is flagged for."""

SMOOTHING = 1.0
"""Faint trails are seen in the residual smoothed with a Gaussian of this sigma, pixels, as well as in itself."""


@dataclass(frozen=True)
class MaskKind:
    """One value of a mask.

    Attributes
    ----------
    value : int
        A power of two.
    name : str
        What it stands for, in our words, with MaxiMask's in brackets where it is theirs.
    """

    value: int
    name: str


def list_kinds() -> list[MaskKind]:
    """List the values that masks may have, the lowest first."""
    theirs = [
        MaskKind(COSMIC_RAY, "point, too bright (MaxiMask CR)"),
        MaskKind(HOT_COLUMN, "column, too bright (MaxiMask HCL)"),
        MaskKind(DEAD_COLUMN, "column, too dark (MaxiMask DCL)"),
        MaskKind(DEAD_PIXEL, "point, too dark (MaxiMask DP)"),
        MaskKind(TRAIL, "trail (MaxiMask TRL)"),
    ]
    ours = [
        MaskKind(int(flag) << OWN_SHIFT, "trail, too dark" if flag is Flag.TRAIL else (flag.name or "").lower())
        for flag in Flag
        if flag not in {Flag.POINT, Flag.COLUMN}
    ]
    return theirs + ours


def draw_mask(residual: NDArray[Any], reasons: Flag, x: float, y: float) -> Mask:
    """Draw which pixels of an epoch are spoilt.

    Parameters
    ----------
    residual : ndarray, shape (height, width)
        Epoch minus what it should look like, in sigmas; NaN where data is missing.
    reasons : Flag
        Why the epoch is flagged.
    x, y : float
        Where the worst of it is, 0-based pixel; NaN for nowhere.

    Returns
    -------
    ndarray of int32, shape (height, width)
        Sums of the values that `list_kinds` lists; 0 is a good pixel.
    """
    mask = np.where(~np.isfinite(residual), int(Flag.MISSING) << OWN_SHIFT, 0).astype(np.int32)
    bright, dark = find_spoilt(residual, x, y)
    for flag in Flag:
        if flag & reasons & LOCAL:
            own = int(flag) << OWN_SHIFT
            mask[bright] |= BRIGHT.get(flag, own)
            mask[dark] |= int(DARK.get(flag, own))
        elif flag & reasons and flag is not Flag.MISSING:
            mask |= int(flag) << OWN_SHIFT
    return mask


def find_spoilt(residual: NDArray[Any], x: float, y: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find the pixels that stand out, or those around a place where none does.

    Parameters
    ----------
    residual : ndarray, shape (height, width)
        In sigmas; NaN where data is missing.
    x, y : float
        Where the worst of it is, 0-based pixel; NaN for nowhere.

    Returns
    -------
    bright, dark : ndarray of bool, shape (height, width)
        Groups of pixels that are too bright, or too dark, by more than `GROWN_SIGMAS` and hang together; each has one
        beyond `SEED_SIGMAS` and beyond `FAINTEST` of the strongest.
    """
    there = np.isfinite(residual)
    plain = np.where(there, residual, 0.0)
    smooth = (
        ndimage.gaussian_filter(plain, SMOOTHING) * 2 * np.sqrt(np.pi) * SMOOTHING
    )  # white noise of one sigma again
    least = max(SEED_SIGMAS, FAINTEST * float(np.maximum(np.abs(plain), np.abs(smooth)).max(initial=0)))
    bright, dark = (there & _grow(np.maximum(sign * plain, sign * smooth), least) for sign in (1, -1))
    if not (bright | dark).any() and np.isfinite([x, y]).all():
        row, column = (min(max(round(place), 0), n - 1) for place, n in zip((y, x), residual.shape, strict=True))
        around = np.zeros(residual.shape, bool)
        around[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
        bright, dark = there & around & (plain >= 0), there & around & (plain < 0)
    return np.asarray(bright & ~(dark & (plain < 0))), np.asarray(dark & ~(bright & (plain >= 0)))


def _grow(strength: NDArray[Any], least: float) -> NDArray[np.bool_]:
    """Find groups of pixels above `GROWN_SIGMAS` of which one reaches the least that counts."""
    groups, _ = ndimage.label(strength > GROWN_SIGMAS, np.ones((3, 3)))
    seeds = np.unique(groups[(strength >= least) & (groups > 0)])
    return np.asarray(np.isin(groups, seeds) & (groups > 0))


def make_mask_hdu(mask: Mask, header: "Header | None", facts: dict[str, str]) -> "PrimaryHDU":
    """Make a FITS image of a mask, which says what its values mean.

    Parameters
    ----------
    mask : ndarray of int32, shape (height, width)
        The mask.
    header : astropy.io.fits.Header or None
        World coordinates of the epoch.
    facts : dict of str to str
        Further cards.

    Returns
    -------
    astropy.io.fits.PrimaryHDU
        With a card ``MASKn`` for every value n that occurs in it, and a comment for every value there is.
    """
    from astropy.io import fits

    hdu = fits.PrimaryHDU(mask, header)
    for key, value in facts.items():
        hdu.header[key] = value
    hdu.header.add_comment("Values add up; 0 is a good pixel. Kinds:")
    for kind in list_kinds():
        hdu.header.add_comment(f"{kind.value}: {kind.name}")
        if (mask & kind.value).any():
            hdu.header[f"MASK{kind.value.bit_length() - 1}"] = (kind.value, kind.name[:45])
    return hdu
