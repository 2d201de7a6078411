"""Files of a store fetched several at a time, ahead of whoever reads them; those of this machine as they are read."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from epochsieve.places.place import Place
from epochsieve.places.remote import RemotePath

Item = TypeVar("Item")
Answer = TypeVar("Answer")

AT_A_TIME = 16
"""Requests that are under way: waiting for a store takes far longer than computing, and waits go side by side."""


def fetch_ahead(fetch: Callable[[Item], Answer], items: Iterable[Item], place: Place) -> Iterator[Callable[[], Answer]]:
    """Fetch items, ahead of whoever consumes them where they are far away.

    Parameters
    ----------
    fetch : callable
        Fetches one; it may be called in other threads.
    items : iterable
        What is fetched.
    place : Path or RemotePath
        Where they are. Of this machine: then nothing is fetched before it is asked for, for threads would cost more
        than they bring.

    Yields
    ------
    callable
        For each item, gives what was fetched, or raises what went wrong.
    """
    if not isinstance(place, RemotePath):
        yield from map(partial(partial, fetch), items)
        return
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        under_way: deque[Future[Answer]] = deque()
        for item in items:
            under_way.append(pool.submit(fetch, item))
            if len(under_way) >= AT_A_TIME:
                yield under_way.popleft().result
        while under_way:
            yield under_way.popleft().result
