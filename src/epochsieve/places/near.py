"""Files of a store brought to this machine, for whoever needs to jump to and fro in them."""

import shutil
import tempfile
import weakref
from functools import lru_cache
from typing import IO

from epochsieve.places.remote import RemotePath
from epochsieve.places.stores import Store, ask

MOST_KEPT = 2
"""Copies that a process keeps at a time."""

_BLOCK = 2**24


class NearCopy:
    """A copy of a file, without a name: it is gone when nobody needs it any more, or the process ends, however it ends.

    Parameters
    ----------
    place : RemotePath
        The file.

    Raises
    ------
    OSError
        Where it can't be fetched, or there is no room for it in the folder for temporary files (TMPDIR).
    """

    def __init__(self, place: RemotePath) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile(prefix="epochsieve-")  # noqa: SIM115 - closed when it is let go
        weakref.finalize(self, self.file.close)
        ask(place.address, self._copy)

    def _copy(self, store: Store) -> None:
        """Copy the file block by block, from its beginning each time that this is tried."""
        self.file.seek(0)
        self.file.truncate()
        with store.files.open(store.path, "rb", block_size=_BLOCK) as far:
            shutil.copyfileobj(far, self.file, _BLOCK)


def bring_near(place: RemotePath) -> IO[bytes]:
    """Bring a file to this machine, once for all who need it soon.

    Parameters
    ----------
    place : RemotePath
        A file.

    Returns
    -------
    file
        At its beginning, for one reader at a time; it is not to be closed.

    Raises
    ------
    OSError
        As for `NearCopy`.
    """
    file = _copy(place, place.stat().st_mtime_ns).file
    file.seek(0)
    return file


@lru_cache(maxsize=MOST_KEPT)
def _copy(place: RemotePath, _changed: int) -> NearCopy:
    """Copy a file, unless that was done lately."""
    return NearCopy(place)
