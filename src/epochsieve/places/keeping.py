"""What was fetched from a store, kept for as long as one object is worked on: nothing is asked for twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Answer = TypeVar("Answer")

LARGEST_KEPT = 2**26
"""Bytes of a file that is kept: a larger one is fetched as often as it is read."""

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def fetch_once() -> Iterator[None]:
    """Keep the listings and files that are fetched within this block, by this thread, until its end.

    Whoever names an object's images, digests their names and reads them, sees one and the same listing so.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def look_up(key: tuple[str, str]) -> Any:
    """Give what is kept under a key; None where nothing is."""
    return (_kept.get() or {}).get(key)


def keep(key: tuple[str, str], fetch: Callable[[], Answer]) -> Answer:
    """Give what is kept under a key, or fetch it, and keep it where something is kept at all.

    Parameters
    ----------
    key : tuple of str
        What it is, and of which address.
    fetch : callable
        Fetches it.

    Returns
    -------
    object
        What was fetched now or before.
    """
    before: Answer | None = look_up(key)
    if before is not None:
        return before
    fresh, kept = fetch(), _kept.get()
    if kept is not None and not (isinstance(fresh, bytes) and len(fresh) > LARGEST_KEPT):
        kept[key] = fresh
    return fresh
