"""The beginning of a file: enough to tell what it is, whatever it is called."""

import io
import re
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from epochsieve.places.place import Place
from epochsieve.places.remote import RemotePath

_HEAD_BYTES = 2**16  # a target pixel file's second header ends before that
_BLOCK = 2880
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's number for "the largest window, with a gzip header"
_PLAIN_IMAGE = re.compile(rb"SIMPLE  = {20}T.{50}BITPIX  =.{71}NAXIS   = {20}2 ", re.DOTALL)


@dataclass(frozen=True)
class Head:
    """The first bytes of a file.

    Attributes
    ----------
    contents : bytes
        Unpacked if the file is gzipped; empty where it can't be read.
    """

    contents: bytes

    @property
    def is_fits(self) -> bool:
        """Whether it begins as FITS does."""
        return self.contents.startswith(b"SIMPLE  =")

    @property
    def is_plain_image(self) -> bool:
        """Whether a 2-D image comes first; the commonest case, told without parsing a header."""
        return _PLAIN_IMAGE.match(self.contents) is not None

    @cached_property
    def headers(self) -> tuple[Mapping[str, Any], ...]:
        """The FITS headers that are in it as a whole, each with only empty HDUs before it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(_parse_headers(self.contents)) if self.is_fits else ()


def read_head(path: Place) -> Head:
    """Read the beginning of a file.

    Parameters
    ----------
    path : Path or RemotePath
        Any path.

    Returns
    -------
    Head
        Empty where there is no regular file that can be read.
    """
    try:
        if not path.is_file():  # opening a FIFO would wait for ever
            return Head(b"")
        if isinstance(path, RemotePath):
            return make_head(path.read_range(0, _HEAD_BYTES))
        with path.open("rb") as file:
            return make_head(file.read(_HEAD_BYTES))
    except OSError:
        return Head(b"")


def make_head(begin: bytes) -> Head:
    """Make a head of the first bytes of a file.

    Parameters
    ----------
    begin : bytes
        Any number, as they stand in the file.

    Returns
    -------
    Head
        Unpacked as far as that goes.
    """
    if not begin.startswith(_GZIP_MAGIC):
        return Head(begin[:_HEAD_BYTES])
    try:
        return Head(zlib.decompressobj(_GZIP_WINDOW).decompress(begin, _HEAD_BYTES))
    except zlib.error:
        return Head(b"")


def _parse_headers(contents: bytes) -> list[Mapping[str, Any]]:
    """Parse headers one after the other, until one has data or is not whole."""
    from astropy.io import fits

    file = io.BytesIO(contents)
    headers: list[Mapping[str, Any]] = []
    try:
        while not headers or _count_bytes(headers[-1]) == 0:
            headers.append(fits.Header.fromfile(file, endcard=True))
            file.seek(-(-file.tell() // _BLOCK) * _BLOCK)
    except Exception:  # noqa: BLE001 - a broken header raises anything, and is then none that can be recognised
        return headers
    return headers


def _count_bytes(header: Any) -> int:
    """Count the bytes of an HDU's data."""
    axes = [int(header.get(f"NAXIS{axis}", 0)) for axis in range(1, int(header.get("NAXIS", 0)) + 1)]
    groups = prod(axes) * abs(int(header.get("BITPIX", 8))) // 8 if axes else 0
    return groups + int(header.get("PCOUNT", 0))
