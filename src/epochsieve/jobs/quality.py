"""Findings beside the flags that a mission itself gave to its cadences."""

import re

import numpy as np

from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings

HEAD = ("mission's flags", "epochs", "flagged", "share")
"""What the columns of the comparison are."""

_ALL = 2**31 - 1


def read_bits(given: str) -> int:
    """Read which of a mission's flags count.

    Parameters
    ----------
    given : str
        A bit mask, decimal or hexadecimal, or several joined by commas or +; or ``"any"``.

    Returns
    -------
    int
        The mask.

    Raises
    ------
    SettingError
        Where it is none.
    """
    if given == "any":
        return _ALL
    try:
        masks = [int(part, 0) for part in re.split(r"[,+]", given)]
    except ValueError:
        masks = [0]
    if not all(0 < mask <= _ALL for mask in masks):
        raise SettingError(f"quality bits are a bit mask such as 1130799, 32+128 or any; not {given}")
    return int(np.bitwise_or.reduce(masks))


def compare_with_quality(findings: Findings, bits: int) -> list[tuple[str, str, str, str]]:
    """Count how many epochs with and without a mission's flags were flagged here.

    Parameters
    ----------
    findings : Findings
        Of any number of objects.
    bits : int
        The mission's flags that count.

    Returns
    -------
    list of tuple of str
        A row for each of these bits that an epoch has; one for any of them; one for none of them.
    """
    quality, flagged = findings["quality"].astype(np.int64), findings["flagged"]
    present = [bit for bit in (1 << place for place in range(31)) if bit & bits and (quality & bit).any()]
    groups = [(str(bit), (quality & bit) > 0) for bit in present]
    groups += [("any of them", (quality & bits) > 0), ("none of them", (quality & bits) == 0)]
    return [
        (name, str(chosen.sum()), str(flagged[chosen].sum()), f"{flagged[chosen].mean():.3f}" if chosen.any() else "")
        for name, chosen in groups
    ]
