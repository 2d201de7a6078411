"""The checksum that a FITS header may state of its data, held against them."""

import numpy as np

from epochsieve.vocabulary.errors import ImageError

_CARD = 80
_KEY = b"DATASUM ="
_WORD = 4


def check_datasum(header: bytes, data: bytes) -> None:
    """Refuse data that have another checksum than their header states; without one, nothing is known against them.

    The sum is that of the FITS standard (version 4.0, appendix J): the data's 32-bit words, big-endian, added up in
    ones' complement.

    Parameters
    ----------
    header : bytes
        The cards, as they stand in the file.
    data : bytes
        The data that follow it, with or without the zeros that fill the last block.

    Raises
    ------
    ImageError
        Where the two differ.
    """
    place = header.find(_KEY)
    while place % _CARD and place > 0:
        place = header.find(_KEY, place + 1)
    stated = header[place + len(_KEY) : place + _CARD].strip(b" '").split(b"'")[0].strip() if place >= 0 else b""
    if stated.isdigit() and int(stated) != _sum_up(data):
        raise ImageError("damaged: its data have another checksum than the header states (DATASUM)")


def _sum_up(data: bytes) -> int:
    """Add 32-bit words up in ones' complement: what overflows at the top comes in at the bottom."""
    words = np.frombuffer(data + bytes(-len(data) % _WORD), ">u4")
    total = int(words.sum(dtype=np.uint64))
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total
