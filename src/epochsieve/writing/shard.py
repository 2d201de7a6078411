"""A share of the objects, for runs that divide them: which objects, and what its files are called."""

import re
import zlib
from dataclasses import dataclass

from epochsieve.vocabulary.errors import SettingError


@dataclass(frozen=True)
class Shard:
    """One of several shares of the objects; together they are all of them, and no object is in two.

    Attributes
    ----------
    number : int
        Which share, from 1.
    total : int
        Of how many; 1 means all objects.
    """

    number: int = 1
    total: int = 1

    @property
    def label(self) -> str:
        """What its files have in their names; empty where it is all there is."""
        return f"s{self.number:05d}of{self.total:05d}-" if self.total > 1 else ""

    def holds(self, name: str) -> bool:
        """Tell whether an object is in it: by its name alone, so that objects that are added move no others."""
        return zlib.crc32(name.encode(errors="surrogateescape")) % self.total == self.number - 1


WHOLE = Shard()
"""All objects."""


def parse_shard(text: str) -> Shard:
    """Read a share as ``I/N``.

    Parameters
    ----------
    text : str
        Such as ``3/8``; empty for all objects.

    Returns
    -------
    Shard
        The share.

    Raises
    ------
    SettingError
        Where it is not written so, or there is no such share.
    """
    match = re.fullmatch(r"(\d{1,5})/(\d{1,5})", text) if text else None
    if text and (match is None or not 1 <= int(match[1]) <= int(match[2])):
        raise SettingError(f"a shard is written I/N, from 1/N to N/N, not {text!r}")
    return WHOLE if match is None else Shard(int(match[1]), int(match[2]))
