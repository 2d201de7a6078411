"""One run at a time writes into a results folder: a lock that dies with its holder."""

import errno
import logging
import os
import sys
import weakref
from pathlib import Path

from epochsieve.vocabulary.errors import ResultsError

_log = logging.getLogger(__name__)

LOCK_FILE = ".lock"
"""The file in a results folder on which runs hold a lock; it stays when they are gone."""

_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class Lock:
    """A lock on a file, held until it is let go or its process ends, however it ends.

    The system keeps it, so that nothing is left behind by a killed run. On a network file system other machines see it
    where the server grants locks, as NFS does since version 4; where no locks are granted, that is logged.

    Parameters
    ----------
    path : Path
        The file, made where it is missing.
    shared : bool, optional
        Whether others may hold it as well that also share it.

    Raises
    ------
    ResultsError
        Where another run holds it.
    OSError
        Where the file can't be written.
    """

    def __init__(self, path: Path, shared: bool = False) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        self._close = weakref.finalize(self, os.close, self._handle)
        try:
            _take(self._handle, shared)
        except (BlockingIOError, PermissionError) as error:
            self.let_go()
            raise ResultsError(f"another run is writing to {path.parent}; wait for its end, or end it") from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                self.let_go()
                raise
            _log.warning("%s: this file system has no locks; see that no other run writes here", path.parent)

    def confirm(self) -> None:
        """Make sure that it is still held: the system takes it from nobody."""

    def let_go(self) -> None:
        """Let others have it."""
        self._close()


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int, shared: bool) -> None:
        """Take the lock or fail at once; Windows shares none, so whoever would share goes without."""
        if not shared:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int, shared: bool) -> None:
        """Take the lock or fail at once."""
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
