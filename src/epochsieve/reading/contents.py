"""A file's contents: whole, unpacked, and never more than memory can be spent on."""

import stat
import zlib

from epochsieve.places.place import Place
from epochsieve.vocabulary.errors import ImageError

LARGEST_BYTES = 2**28
"""Of a cutout's file, unpacked: 8192 x 8192 px; what asks for more is broken or a bomb."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's number for "the largest window, with a gzip header"
_TASTE = 2**24  # bytes that are unpacked before it is known whether more are wanted
_BOMB = 200  # bytes of one: images of this size are never packed so well
_LONGEST_MESSAGE = 200


def read_contents(path: Place, largest: int = LARGEST_BYTES) -> bytes:
    """Read a file whole, unpacked if it is gzipped.

    Parameters
    ----------
    path : Path or RemotePath
        The file.
    largest : int, optional
        How many bytes it may have, unpacked.

    Returns
    -------
    bytes
        At least one.

    Raises
    ------
    ImageError
        Where it can't be read, is no file, is empty, broken or too large.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # opening a FIFO would wait for ever
            raise ImageError("not a file, but a folder" if stat.S_ISDIR(facts.st_mode) else "not a regular file")
        if facts.st_size > largest:
            raise ImageError(f"too large for a cutout: {facts.st_size} bytes")
        contents = path.read_bytes()
    except OSError as error:
        raise ImageError(error.strerror or sum_up_error(error)) from error
    if not contents:
        raise ImageError("the file is empty")
    return unpack_if_packed(contents, largest)


def unpack_if_packed(contents: bytes, largest: int = LARGEST_BYTES) -> bytes:
    """Unpack what is gzipped, and leave anything else as it is; see `unpack`."""
    return unpack(contents, largest) if contents.startswith(_GZIP_MAGIC) else contents


def unpack(packed: bytes, largest: int = LARGEST_BYTES) -> bytes:
    """Unpack gzip members, each verified by its checksum.

    Parameters
    ----------
    packed : bytes
        One member or several.
    largest : int, optional
        How many bytes it may have, unpacked; not many more are ever in memory.

    Returns
    -------
    bytes
        What was packed.

    Raises
    ------
    ImageError
        Where it is broken or too large.
    """
    unpacked = b""
    while packed.startswith(_GZIP_MAGIC):
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            taste = member.decompress(packed, _TASTE)
            eaten = len(packed) - len(member.unconsumed_tail)
            if len(taste) == _TASTE and len(taste) > _BOMB * eaten:
                raise ImageError(f"a gzip bomb: {len(taste)} bytes and more of {eaten}")
            rest = member.decompress(member.unconsumed_tail, max(largest + 1 - len(unpacked) - len(taste), 1))
            unpacked += taste + rest
        except zlib.error as error:
            raise ImageError(f"broken gzip: {error}") from error
        if len(unpacked) > largest:
            raise ImageError(f"too large for a cutout: more than {largest} bytes unpacked")
        if not member.eof:
            raise ImageError("broken gzip: it ends early")
        packed = member.unused_data
    return unpacked


def sum_up_error(error: Exception) -> str:
    """Sum an exception up for a status.

    Parameters
    ----------
    error : Exception
        Anything that a library raised.

    Returns
    -------
    str
        One line, never empty.
    """
    return " ".join(str(error).split())[:_LONGEST_MESSAGE] or type(error).__name__
