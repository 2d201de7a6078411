"""Object stores and archives through fsspec: opened by their address, asked again where a connection failed."""

import errno
import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from epochsieve.vocabulary.errors import InputError

Answer = TypeVar("Answer")

WAITS = (0.2, 1.0)
"""Seconds before a request is made again; some stores' clients try more often by themselves."""

_FINAL = {
    FileNotFoundError: errno.ENOENT,
    FileExistsError: errno.EEXIST,
    PermissionError: errno.EACCES,
    IsADirectoryError: errno.EISDIR,
    NotADirectoryError: errno.ENOTDIR,
    NotImplementedError: errno.ENOTSUP,
}
_HTTP = {401: errno.EACCES, 403: errno.EACCES, 404: errno.ENOENT, 405: errno.ENOTSUP, 410: errno.ENOENT}
_INSTALL = "python -m pip install 'epochsieve[remote]'"


class InvalidRangeError(OSError):
    """A file has no such bytes: it is empty."""


class Store(NamedTuple):
    """An open store and a path in it.

    Attributes
    ----------
    files : fsspec.AbstractFileSystem
        The store; fsspec keeps one for each process.
    path : str
        Without protocol, as the store wants it.
    """

    files: Any
    path: str


def open_store(address: str) -> Store:
    """Open the store that an address speaks of, as fsspec is configured: by its files and environment variables.

    Parameters
    ----------
    address : str
        ``PROTOCOL://...``

    Returns
    -------
    Store
        It remembers no listings, for others may write while it is open.

    Raises
    ------
    InputError
        Where fsspec, or what it needs for this protocol, is missing, or there is no such protocol.
    """
    if "::" in address:
        raise InputError(f"{address}: addresses in addresses are not supported")
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError(f"{address}: addresses need fsspec: {_INSTALL}") from error
    try:
        return Store(*url_to_fs(address, use_listings_cache=False))
    except ImportError as error:
        raise InputError(f"{address}: {_say(error)}; for s3:// and https://: {_INSTALL}") from error
    except ValueError as error:
        raise InputError(f"{address}: {_say(error)}") from error


def ask(address: str, question: Callable[[Store], Answer]) -> Answer:
    """Ask a store, several times where the connection to it fails.

    Parameters
    ----------
    address : str
        What it is asked about.
    question : callable
        From the store to the answer.

    Returns
    -------
    object
        The answer.

    Raises
    ------
    OSError
        With the number and the words of what was wrong, whatever the store's own library raised.
    InvalidRangeError
        Where bytes were asked for that a file doesn't have.
    InputError
        As for `open_store`.
    """
    store = open_store(address)
    for wait in (*WAITS, None):
        try:
            return question(store)
        except Exception as error:  # every store has exceptions of its own
            number = _number(error)
            if number == errno.EINVAL:
                raise InvalidRangeError(number, _describe(error, number, store.path)) from error
            if number is not None or wait is None:
                raise OSError(number or errno.EIO, _describe(error, number, store.path)) from error
            time.sleep(wait)
    raise AssertionError("unreachable")


def _number(error: Exception) -> int | None:
    """Find the system's number for an error that asking again would not mend; None where it might."""
    status = getattr(error, "status", None)
    if isinstance(status, int) and status in _HTTP:
        return _HTTP[status]
    if type(error).__name__ == "NoCredentialsError":
        return errno.EACCES
    if getattr(error, "errno", None) == errno.EINVAL:  # a range of bytes beyond the end
        return errno.EINVAL
    return next((number for kind, number in _FINAL.items() if isinstance(error, kind)), None)


def _describe(error: Exception, number: int | None, path: str) -> str:
    """Say in one line what was wrong; where a store only repeats the path, as the system would."""
    text = _say(error)
    if number is not None and (not str(error) or path.strip("/") in text):
        return "not supported by this kind of address" if number == errno.ENOTSUP else os.strerror(number)
    return text


def _say(error: Exception) -> str:
    """Put an error into one line."""
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(str(text).split()).rstrip(".") or type(error).__name__
