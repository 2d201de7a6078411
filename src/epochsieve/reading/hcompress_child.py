"""The process that unpacks HCOMPRESS images, run as a script by `epochsieve.reading.hcompress`.

It reads requests from its standard input and answers on its standard output until that input ends. Each image is
unpacked in a fork, so that memory which a damaged one spoils is gone with it; astropy is imported once, before.
"""

import io
import os
import signal
import struct
import sys
import warnings
from contextlib import suppress

REQUEST, REPLY = struct.Struct("<QQ"), struct.Struct("<Q")
"""What stands before a file (number of the HDU, bytes to come) and before an answer (bytes to come)."""

DONE, REFUSED = b"+", b"-"
"""How an answer begins: with an array in NumPy's format behind it, or with the reason."""


def main() -> None:
    """Answer requests; the arguments are the limits of each, seconds and bytes of address space."""
    from astropy.io import fits  # noqa: F401 - forks have it then

    seconds, space = map(int, sys.argv[1:])
    while len(head := sys.stdin.buffer.read(REQUEST.size)) == REQUEST.size:
        number, length = REQUEST.unpack(head)
        contents = sys.stdin.buffer.read(length)
        can_fork = hasattr(os, "fork")
        answer = _unpack_in_fork(contents, number, seconds, space) if can_fork else _unpack(contents, number)
        sys.stdout.buffer.write(REPLY.pack(len(answer)) + answer)
        sys.stdout.buffer.flush()


def _unpack_in_fork(contents: bytes, number: int, seconds: int, space: int) -> bytes:
    """Unpack an image where a crash does no harm."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _limit(seconds, space)
        with open(writing, "wb") as pipe:  # noqa: PTH123 - a descriptor has no path
            pipe.write(_unpack(contents, number))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor has no path
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status == 0:
        return answer
    slow = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
    return REFUSED + (b"broken HCOMPRESS data: no end to it" if slow else b"broken HCOMPRESS data: its decoder crashed")


def _limit(seconds: int, space: int) -> None:
    """Limit what this process may use, and leave no core file behind."""
    import resource

    signal.alarm(seconds)  # spoilt memory may also end in waiting for ever, which takes no CPU time
    for kind, limit in ((resource.RLIMIT_AS, space), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # not every system has, or grants, each of them
            resource.setrlimit(kind, (limit, limit))


def _unpack(contents: bytes, number: int) -> bytes:
    """Unpack an image, or say why not."""
    import numpy as np
    from astropy.io import fits

    try:
        warnings.simplefilter("ignore")  # the parent has seen them
        with fits.open(io.BytesIO(contents), memmap=False, do_not_scale_image_data=True) as hdus:
            array = io.BytesIO()
            np.save(array, hdus[number].data, allow_pickle=False)
        return DONE + array.getvalue()
    except Exception as error:  # noqa: BLE001 - a broken file raises anything
        return REFUSED + (str(error) or type(error).__name__).encode(errors="replace")


if __name__ == "__main__":
    main()
