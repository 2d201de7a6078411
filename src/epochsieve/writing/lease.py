"""One run at a time writes into a results folder of a store: a lock that its holder renews, dead when nobody does."""

import json
import logging
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from uuid import uuid4

from epochsieve.places.remote import RemotePath
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.writing.lock import LOCK_FILE, Lock
from epochsieve.writing.shard import WHOLE, Shard

_log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
"""How often the holder renews its lock."""

LEASE_SECONDS = 60.0
"""A lock that was not renewed for so long is that of a dead run."""

_POLL_SECONDS = 2.0


class Holder(NamedTuple):
    """What stands in a lock.

    Attributes
    ----------
    run : str
        Which run holds it.
    host : str
        The machine that it is on.
    witness : str
        A file of that machine, locked by the system for as long as the run lives.
    beats : int
        How often it was renewed.
    """

    run: str
    host: str
    witness: str
    beats: int = 0


_NOBODY = Holder("", "", "")


class Lease:
    """A lock on a results folder in a store, held until it is let go; where its holder is killed, it runs out.

    Where the store can write a file only if there is none (S3 can), two runs never get it at once. Where it can't, the
    second notices within a beat. A holder that was stopped for longer than the lease may lose it, and learns that
    within a beat.

    Parameters
    ----------
    results : RemotePath
        The results folder.
    shard : Shard
        The share of the objects; shares bear each other, but no run of all objects.

    Raises
    ------
    ResultsError
        Where another run holds it.
    OSError
        Where the store can't be written.
    """

    def __init__(self, results: RemotePath, shard: Shard) -> None:
        run = uuid4().hex
        self._witness = Path(tempfile.gettempdir()) / f"epochsieve-{run}.lock"
        self._life = Lock(self._witness)
        self._holder = Holder(run, socket.gethostname(), str(self._witness))
        self._path = results / (LOCK_FILE if shard == WHOLE else f"{LOCK_FILE}-{shard.label.rstrip('-')}")
        self._lost, self._ended = Event(), Event()
        self._renewal = Thread(target=self._renew, name="epochsieve-lease", daemon=True)
        self._taken = False
        try:
            self._take()
            self._taken = True
            rivals = results.glob(f"{LOCK_FILE}-*") if shard == WHOLE else [results / LOCK_FILE]
            for rival in rivals:
                _remove_dead(rival)
        except BaseException:
            self.let_go()
            raise
        self._renewal.start()

    def confirm(self) -> None:
        """Make sure that it is still held; ResultsError where it isn't."""
        if self._lost.is_set():
            raise ResultsError(f"another run has taken {self._path.parent} over, for this one gave no sign of life")

    def let_go(self) -> None:
        """Let others have it."""
        self._ended.set()
        if self._renewal.is_alive():
            self._renewal.join()
        try:
            if self._taken and _read(self._path).run == self._holder.run:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s stays for %.0f s: %s", self._path, LEASE_SECONDS, error.strerror)
        self._life.let_go()
        self._witness.unlink(missing_ok=True)

    def _take(self) -> None:
        """Write the lock where there is none, once a dead one is out of the way."""
        while _read(self._path).run != self._holder.run:
            with suppress(FileExistsError):  # somebody else's, or this is the second try of a request that went well
                self._path.create(_write(self._holder))
            if _read(self._path).run != self._holder.run:
                _remove_dead(self._path)

    def _renew(self) -> None:
        """Renew it from time to time; a store that is away for a while is no reason to give up."""
        beats = 0
        while not self._ended.wait(BEAT_SECONDS):
            beats += 1
            try:
                if _read(self._path).run != self._holder.run:
                    self._lost.set()
                    return
                self._path.write_bytes(_write(self._holder._replace(beats=beats)))
            except OSError as error:
                _log.warning("%s could not be renewed: %s", self._path, error.strerror)


def _remove_dead(path: RemotePath) -> None:
    """Remove a lock whose holder is dead; ResultsError where it lives."""
    with suppress(FileNotFoundError):  # its run has just ended
        before = _read(path)
        if _lives(path, before):
            raise ResultsError(f"another run is writing to {path.parent}; wait for its end, or end it")
        if _read(path) == before:
            path.unlink(missing_ok=True)


def _lives(path: RemotePath, before: Holder) -> bool:
    """Tell whether a lock's holder lives: its machine's system knows, or its age tells, or it is renewed in time."""
    witnessed = _ask_witness(before)
    if witnessed is not None:
        return witnessed
    waited = _measure_age(path)
    if waited < LEASE_SECONDS:
        _log.warning("%s: waiting up to %.0f s to see whether its run lives", path, LEASE_SECONDS - waited)
    end = time.monotonic() + LEASE_SECONDS - waited
    while time.monotonic() < end:
        time.sleep(min(_POLL_SECONDS, LEASE_SECONDS / 10))
        if _read(path) != before:
            return True
    return False


def _ask_witness(holder: Holder) -> bool | None:
    """Ask this machine's system whether a run lives; None where it was on another one."""
    witness = Path(holder.witness)
    if holder.host != socket.gethostname() or not witness.is_file() or not witness.match("epochsieve-*.lock"):
        return None
    try:
        Lock(witness).let_go()
    except ResultsError:
        return True
    except OSError:
        return None
    witness.unlink(missing_ok=True)
    return False


def _measure_age(path: RemotePath) -> float:
    """Measure how long ago a lock was written, in seconds by the store's own clock; 0 where it doesn't tell."""
    written = path.stat().st_mtime_ns
    clock = path.with_name(f".clock-{uuid4().hex}")
    clock.write_bytes(b"now")
    try:
        now = clock.stat().st_mtime_ns
    finally:
        clock.unlink(missing_ok=True)
    return (now - written) / 1e9 if now and written else 0.0


def _read(path: RemotePath) -> Holder:
    """Read a lock; one that is gone or broken is nobody's."""
    try:
        return Holder(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return _NOBODY


def _write(holder: Holder) -> bytes:
    """Write a lock."""
    return json.dumps(holder._asdict()).encode()
