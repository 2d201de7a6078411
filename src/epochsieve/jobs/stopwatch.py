"""Runs a command and notes how long it took, on the clock and on the cores, and how much memory it needed.

It is a process by itself, and a small one: the system counts the memory of whoever starts a process as that process's,
until it has begun. Usage: ``python stopwatch.py NOTE.json COMMAND ...``.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(note: str, *command: str) -> int:
    """Run a command, write the note, and give the command's own exit status."""
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    found = {
        "seconds": seconds,
        "core_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    Path(note).write_text(json.dumps(found), encoding="utf-8")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
