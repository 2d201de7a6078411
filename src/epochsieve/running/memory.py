"""What the C library does with memory that is freed."""

import ctypes
import os
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

KEPT = 1 << 28
"""Bytes of freed memory that may stay with the process."""

SMALL = 1 << 25
"""Bytes below which memory is taken from what stayed: the most that the GNU C library takes as an answer."""


def keep_memory() -> None:
    """Let the GNU C library keep freed memory for the next array, unless the user's environment says otherwise.

    It gives the end of its heap back to the system whenever that is free, and a series' arrays are as large as what it
    lets lie: page by page they would come anew, 3600 times a series. Without that, judging takes 0.93 times as long.
    Other C libraries are left as they are.
    """
    if any(name.startswith("MALLOC_") for name in os.environ):
        return
    with suppress(OSError, TypeError, AttributeError):  # no such library, or no such function in it
        adjust = ctypes.CDLL(None).mallopt
        adjust(_MMAP_THRESHOLD, SMALL)
        adjust(_TRIM_THRESHOLD, KEPT)
