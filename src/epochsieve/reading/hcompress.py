"""HCOMPRESS images, unpacked in another process: on damaged ones astropy's decoder spoils memory, or never ends."""

import atexit
import io
import os
import struct
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.hcompress_child import DONE, REPLY, REQUEST
from epochsieve.vocabulary.errors import ImageError

_SECONDS = 60  # a cutout takes a hundredth of one, the largest image some
_ATTEMPTS = 2  # the process may have died of something else than the file
_ADDRESS_SPACE = 2**32
_CHILD = Path(__file__).with_name("hcompress_child.py")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # threads and forks are no friends


def unpack_apart(contents: bytes, number: int) -> NDArray[Any]:
    """Unpack a tile-compressed image in another process, which is started at first use and then kept.

    Where the system has no forks (Windows), it is started for each image, and data without an end are waited for.

    Parameters
    ----------
    contents : bytes
        The FITS file.
    number : int
        The number of its HDU with the image.

    Returns
    -------
    ndarray, shape (height, width)
        The stored numbers, not scaled.

    Raises
    ------
    ImageError
        Where the data are broken, whatever that does to the decoder.
    """
    answer = _open_unpacker(os.getpid()).ask(contents, number)
    if not answer.startswith(DONE):
        raise ImageError(" ".join(answer[1:].decode(errors="replace").split()))
    unpacked: NDArray[Any] = np.load(io.BytesIO(answer[1:]), allow_pickle=False)
    return unpacked


class _Unpacker:
    """The other process, started when it is needed; threads take turns, and forks of its owner leave it alone."""

    def __init__(self, owner: int) -> None:
        self._owner = owner
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, contents: bytes, number: int) -> bytes:
        """Send a file and wait for the answer."""
        request = REQUEST.pack(number, len(contents)) + contents
        with self._turn:
            for _ in range(_ATTEMPTS):
                try:
                    return self._exchange(request)
                except (OSError, struct.error):
                    self.close()
                except BaseException:  # what comes next from there would be this file's
                    self.close()
                    raise
        raise ImageError("broken HCOMPRESS data: its decoder crashed")

    def close(self) -> None:
        """End the process."""
        if self._process is not None and os.getpid() == self._owner:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _exchange(self, request: bytes) -> bytes:
        """Write a request and read the answer."""
        if self._process is None:
            self._process = _start()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(request)
        self._process.stdin.flush()
        (length,) = REPLY.unpack(self._process.stdout.read(REPLY.size))
        answer = self._process.stdout.read(length)
        if not hasattr(os, "fork"):
            self.close()
        return answer


@lru_cache(maxsize=1)
def _open_unpacker(owner: int) -> _Unpacker:
    """Make the unpacker of a process; one that a fork inherited is its parent's."""
    unpacker = _Unpacker(owner)
    atexit.register(unpacker.close)
    return unpacker


def _start() -> "subprocess.Popen[bytes]":
    """Start the other process; what a crashing decoder says is for nobody."""
    return subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-P", str(_CHILD), str(_SECONDS), str(_ADDRESS_SPACE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_ONE_THREAD},
    )
