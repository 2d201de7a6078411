"""Why an epoch is flagged: from which detectors spoke, and from the shape of what they saw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.detectors.lines import sum_lines
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import take_middle
from epochsieve.judging.smoothing import smooth
from epochsieve.judging.weighing.accords import ACCORDS
from epochsieve.judging.weighing.sights import name_sight, name_wash
from epochsieve.judging.weighing.standards import measure_ratios
from epochsieve.judging.weighing.testimony import EYE, NAMES, Testimony
from epochsieve.vocabulary.flags import Flag

Array = NDArray[Any]

LOUD = 0.5
"""A detector is heard if it adds at least this share of what the loudest adds."""

BRIGHTEST = 20.0
"""A pixel counts at most so many sigmas when a place is looked for."""

FAINTEST = 0.2
"""Of the usual brightness: an image with less, and unlike the others, is blank."""

PRESENT, MUCH = 0.7, 1.5
"""An epoch shows the scene elsewhere if less than this share of its light is in place, and if, compared with the other
epochs, it is unlike the reference and its residual in excess by this factor or more. Noise in excess by as much is a
texture, where there is no other reason."""

EVEN = 1.5
"""A pixel counts at most so many sigmas when a line is named: a line is bright all along, or it is a spot."""

STRIPES = frozenset({"fringes", "moire"})
"""Detectors of what is all over the image; a trail or a bad column rouses them, too, and has a better name."""

SIGHTS = STRIPES | {"pixel", "blob_1", "blob_2", "blob_4", "line", "excess", "residual", "network", "noise", "eye"}
"""Detectors that look at the residual: its shape says what they saw, where the eye doesn't."""

WASHES = frozenset({"tilt", "slope", "level"})
"""Detectors that look at the background."""

FLAG_OF = {
    "missing": Flag.MISSING,
    "scale": Flag.SCALE,
    "gain": Flag.SCALE,
    "brightness": Flag.SCALE,
    "shift": Flag.REGISTRATION,
    "stretch": Flag.PSF,
    "misfit": Flag.PSF,
}
"""What the other detectors mean by themselves; size, state, appearance and likeness are told apart below."""

SIZE = "size"
"""The detector of poor seeing."""

BLURRED = frozenset({"size", "state", "appearance", "likeness", "misfit", "brightness", *ACCORDS})
"""Detectors that poor seeing may rouse."""

ROUND = 0.5
"""Poor seeing changes second moments' difference by less than this share of what it changes their sum by; a trail that
is much longer than wide, by as much."""


def find_reasons(comparison: Comparison, testimony: Testimony, shares: Array, chosen: NDArray[np.intp]) -> list[Flag]:
    """Say why some epochs stand out.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.
    testimony : Testimony
        What the detectors said.
    shares : ndarray, shape (epochs, detectors)
        What each adds to the sum.
    chosen : ndarray of int
        Which epochs.

    Returns
    -------
    list of Flag
        One per chosen epoch, never empty of reasons.
    """
    reasons = {i: _trust_eye(testimony, shares[i], i) for i in chosen.tolist()}
    unsure = [i for i, flag in reasons.items() if not flag]
    if unsure:
        lines = sum_lines(comparison.residual[unsure], comparison.scene.missing[unsure], EVEN)
        ratios = np.exp(measure_ratios(testimony.raw, comparison.good))
        for i, seen in zip(unsure, lines, strict=True):
            reasons[i] = _find_reason(comparison, ratios[i], shares[i], seen, i)
    return list(reasons.values())


def find_places(testimony: Testimony, shares: Array, comparison: Comparison) -> tuple[Array, Array]:
    """Say where the worst of each epoch is.

    Parameters
    ----------
    testimony : Testimony
        What the detectors said.
    shares : ndarray, shape (epochs, detectors)
        What each adds to the sum.
    comparison : Comparison
        Epochs and what they should look like.

    Returns
    -------
    x, y : ndarray, shape (epochs,)
        Place of the loudest detector that sees one, if it is heard; else of the largest smooth residual, pixels that
        are missing in few epochs counting as much as any.
    """
    rows = np.arange(len(shares))
    loudest = np.where(np.isnan(testimony.x), -1, shares).argmax(axis=1)
    x, y = testimony.x[rows, loudest], testimony.y[rows, loudest]
    silent = (shares[rows, loudest] < LOUD * shares.max(axis=1)) | np.isnan(x)
    x[silent], y[silent] = _find_brightest(comparison, silent)
    return x, y


def _find_brightest(comparison: Comparison, chosen: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Find the largest smooth residual of some epochs."""
    missing = comparison.scene.missing
    lost = missing[chosen] & (missing.mean(axis=0) < LOUD)
    clipped = np.clip(comparison.residual[chosen], -BRIGHTEST, BRIGHTEST)
    smoothed = np.abs(smooth(np.where(lost, np.float32(BRIGHTEST), clipped), 1.5))
    row, column = np.divmod(smoothed.reshape(len(lost), missing[0].size).argmax(axis=1), smoothed.shape[2])
    return column, row


def _trust_eye(testimony: Testimony, shares: Array, i: int) -> Flag:
    """Take what the eye says of one epoch, where it is heard and sure; missing pixels besides, if they are heard."""
    loud = LOUD * shares.max()
    guess = testimony.guesses[i] if shares[NAMES.index(EYE)] >= loud > 0 else Flag(0)
    missing = shares[NAMES.index("missing")] >= loud > 0
    return guess | Flag.MISSING if guess and missing else guess


def _find_reason(comparison: Comparison, ratios: Array, shares: Array, lines: Array, i: int) -> Flag:
    """Say why one epoch stands out."""
    heard = {name for name, share in zip(NAMES, shares, strict=True) if share > 0 and share >= LOUD * shares.max()}
    if _is_blank(comparison, heard, i):
        return Flag.BLANK
    reasons = Flag(0)
    for name in (heard - {"brightness"} if "size" in heard else heard) & FLAG_OF.keys():
        reasons |= FLAG_OF[name]
    if _is_elsewhere(comparison, ratios, i):
        return reasons & Flag.MISSING | Flag.REGISTRATION
    residual, missing = comparison.residual[i], comparison.scene.missing[i]
    if heard & SIGHTS:
        reasons |= name_sight(residual, missing, lines)
    if heard & WASHES:
        reasons |= name_wash(residual + _draw_tilt(comparison, i), missing) & ~Flag.TEXTURE or Flag.BACKGROUND
    if not reasons and (heard & STRIPES or ratios[NAMES.index("noise")] > MUCH):
        return Flag.TEXTURE
    if not reasons or heard & {"size", "state"}:
        reasons |= _name_blur(comparison, heard, i)
    return reasons


def _is_elsewhere(comparison: Comparison, ratios: Array, i: int) -> bool:
    """Tell sources in other places: the known ones are hardly there, and much is left that they don't explain."""
    values, _ = comparison.shapes.take("scale")
    unlike, left = ratios[NAMES.index("likeness")], ratios[NAMES.index("excess")]
    return bool(values[i, 0] < PRESENT and unlike > MUCH and left > MUCH)


def _is_blank(comparison: Comparison, heard: set[str], i: int) -> bool:
    """Tell an image without the sources that the others show."""
    values, _ = comparison.shapes.take("scale")
    return bool(heard & {"scale", "likeness", "appearance", "brightness"}) and values[i, 0] < FAINTEST


def _name_blur(comparison: Comparison, heard: set[str], i: int) -> Flag:
    """Tell poor seeing (wider, round, and well fitted) from a wrong point spread and from a wrong place."""
    shift, shift_error = comparison.shapes.take("shift_x", "shift_y")
    size, size_error = comparison.shapes.take("size")
    moved = float(np.abs(shift[i] / shift_error[i]).max())
    grown = float(size[i, 0] / size_error[i, 0])
    if "likeness" in heard and moved > abs(grown):
        return Flag.REGISTRATION
    if heard & ACCORDS.keys() and not find_wider(comparison)[i]:
        return Flag.PSF
    return Flag.SEEING if grown > 0 and heard <= BLURRED else Flag.PSF


def find_wider(comparison: Comparison) -> NDArray[np.bool_]:
    """Find epochs whose point spread grew in all directions alike.

    Parameters
    ----------
    comparison : Comparison
        Epochs and what they should look like.

    Returns
    -------
    ndarray of bool, shape (epochs,)
        Not those where it grew in one direction, or shrank.
    """
    values, _ = comparison.shapes.take("size", "stretch", "shear")
    grown, *stretched = (values - take_middle(values[comparison.good])).T
    return np.asarray(np.hypot(*stretched) < ROUND * grown)


def _draw_tilt(comparison: Comparison, i: int) -> Array:
    """Draw the slope that was fitted to an epoch's background, in sigmas."""
    rows = comparison.templates.find(("tilt_x", "tilt_y"))
    plane = comparison.coefficients[i, rows] @ comparison.templates.images[rows]
    return np.asarray(plane.reshape(comparison.residual.shape[1:]) / comparison.noise[i])
