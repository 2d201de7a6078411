"""What the rest of this room asks of a header, wherever it comes from: a value and its comment under a key."""

from collections.abc import Callable, Mapping, Sequence
from math import nan
from typing import Any, NamedTuple, TypeAlias


class Card(NamedTuple):
    """One header entry.

    Attributes
    ----------
    value : bool, float, str or None
        Integers are floats here; None where the key is absent or has no plain value.
    comment : str
        What stands behind the value; often the unit.
    """

    value: bool | float | str | None
    comment: str


ABSENT = Card(None, "")
"""The card of a key that is not there."""

Lookup: TypeAlias = Callable[[str], Card]
"""Finds the first card with a key, `ABSENT` where there is none."""


def look_up_in(headers: Sequence[Mapping[str, Any]]) -> Lookup:
    """Look keys up in one header after the other.

    Parameters
    ----------
    headers : sequence of astropy.io.fits.Header, or of other mappings
        The image's own header first, then those it inherits from.

    Returns
    -------
    callable
        Key to `Card`; a card that can't be parsed counts as absent.
    """

    def look_up(key: str) -> Card:
        return next((_card(header, key) for header in headers if key in header), ABSENT)

    return look_up


def to_number(value: bool | float | str | None) -> float:
    """Convert a card's value to a number; text that spells one counts, anything else is NaN."""
    if value is None or isinstance(value, bool):
        return nan
    try:
        return float(value)
    except ValueError:
        return nan


def _card(header: Mapping[str, Any], key: str) -> Card:
    """Read one card of a mapping; astropy parses it only now, and may fail in its own ways."""
    try:
        value = header[key]
        comments = getattr(header, "comments", None)
        return Card(_plain(value), "" if comments is None else str(comments[key]))
    except Exception:  # noqa: BLE001 - a broken card that nobody needs must not cost the image
        return ABSENT


def _plain(value: Any) -> bool | float | str | None:
    """Keep booleans, numbers and text; nothing else that a header may hold is of use here."""
    if isinstance(value, bool | str):
        return value
    return float(value) if isinstance(value, int | float) else None
