"""Whether the reasons that a method gives fit what was really wrong."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from epochsieve.simulating.metrics import Share
from epochsieve.simulating.outcomes import Outcomes
from epochsieve.vocabulary.flags import Flag

NOT_FLAGGED = "-"
"""What stands in a confusion table for epochs that were not flagged."""

UNDISTURBED = "good"
"""What stands in a confusion table for epochs to which nothing was done."""

_LEVEL = Flag.BACKGROUND | Flag.SCALE
_BLUR = Flag.PSF | Flag.SEEING
_PLACE = Flag.REGISTRATION | Flag.PSF

FITTING: Mapping[str, Flag] = MappingProxyType(
    {
        "satellite_trail": Flag.TRAIL,
        "flashing_satellite": Flag.TRAIL | Flag.POINT,
        "aeroplane": Flag.TRAIL,
        "cosmic_rays": Flag.POINT | Flag.TRAIL,
        "cosmic_ray_on_source": Flag.POINT | Flag.TRAIL,
        "hot_pixels": Flag.POINT,
        "dead_pixels": Flag.POINT | Flag.MISSING,
        "bad_column": Flag.COLUMN,
        "bad_row": Flag.COLUMN,
        "frame_edge": Flag.MISSING | Flag.EDGE,
        "masked_block": Flag.MISSING | Flag.EDGE,
        "amplifier_step": Flag.EDGE | Flag.BACKGROUND,
        "background_gradient": Flag.BACKGROUND,
        "cloud": _LEVEL,
        "ghost_ring": Flag.BACKGROUND | Flag.EDGE,
        "bleed": Flag.TRAIL | Flag.COLUMN,
        "diffraction_spike": Flag.TRAIL,
        "asteroid": Flag.POINT | Flag.TRAIL,
        "slow_mover": Flag.POINT,
        "tracking_error": Flag.PSF,
        "defocus": _BLUR,
        "wrong_registration": _PLACE,
        "rotated": _PLACE,
        "wrong_field": Flag.REGISTRATION | Flag.BLANK,
        "moire": Flag.TEXTURE,
        "fringing": Flag.TEXTURE | Flag.BACKGROUND,
        "blank": Flag.BLANK | Flag.MISSING,
        "wrong_gain": Flag.SCALE | Flag.TEXTURE,
    }
)
"""For each defect, the reasons that an astronomer would accept; a defect that is not here is not counted."""


def tabulate_reasons(outcomes: Outcomes) -> dict[str, dict[str, int]]:
    """Count which reasons were given for what.

    Parameters
    ----------
    outcomes : Outcomes
        Of a method that decides.

    Returns
    -------
    dict of str to dict of str to int
        For each kind of epoch, how often each reason was given, the most frequent first; an epoch with several counts
        for each of them, one that was not flagged for `NOT_FLAGGED`.
    """
    table: dict[str, Counter[str]] = {}
    for kind, flagged, reasons in zip(outcomes.kind, outcomes.flagged, outcomes.reasons, strict=True):
        given = reasons.split(",") if flagged else [NOT_FLAGGED]
        table.setdefault(kind or UNDISTURBED, Counter()).update(given)
    return {kind: dict(table[kind].most_common()) for kind in sorted(table)}


def count_fitting(outcomes: Outcomes) -> dict[str, Share]:
    """Count the flagged defects of each kind of which at least one reason fits.

    Parameters
    ----------
    outcomes : Outcomes
        Of a method that decides.

    Returns
    -------
    dict of str to Share
        Of the flagged epochs of each kind in `FITTING`, those with a fitting reason.
    """
    shares = {}
    for kind in sorted(set(outcomes.kind[outcomes.bad]) & set(FITTING)):
        flagged = outcomes.bad & outcomes.flagged & (outcomes.kind == kind)
        given = [_parse(reasons) for reasons in outcomes.reasons[flagged]]
        shares[kind] = Share(sum(bool(flags & FITTING[kind]) for flags in given), len(given))
    return shares


def _parse(reasons: str) -> Flag:
    """Turn names of reasons back into flags."""
    flags = Flag(0)
    for name in filter(None, reasons.split(",")):
        flags |= Flag[name.upper()]
    return flags
