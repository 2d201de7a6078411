"""A place: a path of this machine, or an address such as s3://bucket/survey that can be asked the same things."""

import re
from pathlib import Path
from typing import TypeAlias

from epochsieve.places.remote import RemotePath
from epochsieve.vocabulary.errors import InputError

Place: TypeAlias = Path | RemotePath
"""What rooms that read and write are given: both answer to the same names, and raise OSError where they can't."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]+://")
_LOCAL = re.compile(r"(file|local)://")


def find_place(text: str | Place) -> Place:
    """Find the place that a path or an address means.

    Parameters
    ----------
    text : str, Path or RemotePath
        A path, or an address: ``PROTOCOL://...``, of any protocol that fsspec knows.

    Returns
    -------
    Path or RemotePath
        Nothing is looked up yet; ``file://`` is a path of this machine.
    """
    if not isinstance(text, str):
        return text
    if _ADDRESS.match(text) is None:
        return Path(text)
    local = _LOCAL.match(text)
    return Path(text[local.end() :]) if local else RemotePath(text)


def find_local(text: str | Place, what: str) -> Path:
    """Find the path that is meant, where an address would be of no use.

    Parameters
    ----------
    text : str, Path or RemotePath
        A path.
    what : str
        What is there, for the error's words.

    Returns
    -------
    Path
        Nothing is looked up yet.

    Raises
    ------
    InputError
        Where it is an address.
    """
    place = find_place(text)
    if isinstance(place, RemotePath):
        raise InputError(f"{place}: {what} must be on this machine: copy what is there, and name the copy")
    return place
