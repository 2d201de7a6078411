"""A file of a store as one that can be read here and there, for libraries that want no more of it than they need."""

import io
import os
from typing import Any

from epochsieve.places.remote import RemotePath


class RangeFile(io.RawIOBase):
    """A file of a store, of which only what is read is fetched, a request for each read.

    Parameters
    ----------
    place : RemotePath
        The file.

    Raises
    ------
    OSError
        Where the store does not say how long it is.
    """

    def __init__(self, place: RemotePath) -> None:
        super().__init__()
        self._place = place
        self._size = place.measure()
        self._at = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Tell where it is."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere else."""
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fetch as much as fits, and there is."""
        view = memoryview(buffer).cast("B")
        fetched = self._place.read_range(self._at, min(self._at + len(view), self._size)) if len(view) else b""
        view[: len(fetched)] = fetched
        self._at += len(fetched)
        return len(fetched)
