"""What happens in a worker process. It imports nothing heavy, so that what it sets is set before anything else is."""

import logging
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from typing import Any

from epochsieve.running.memory import keep_memory
from epochsieve.running.threads import use_one_thread
from epochsieve.vocabulary.errors import EpochsieveError

LOGGER = __name__.partition(".")[0]
"""The logger whose records travel back."""

READY = "ready"
"""What a worker says first."""


@dataclass(frozen=True)
class Report:
    """What comes back from a worker for a chunk.

    Attributes
    ----------
    parcel : object
        What the work made of the chunk; None where that failed.
    error : Exception or None
        How it failed.
    log : list of LogRecord
        What was logged meanwhile, in a form that can be pickled.
    """

    parcel: Any
    error: Exception | None
    log: list[logging.LogRecord]

    def take(self) -> Any:
        """Log here what was logged there, and give the parcel or raise the error."""
        for record in self.log:
            logging.getLogger(record.name).handle(record)
        if self.error is not None:
            raise self.error
        return self.parcel


def serve(line: Connection, leash: Connection, modules: Sequence[str]) -> None:
    """Be a worker: take the work, then chunk after chunk, until the owner has no more.

    Parameters
    ----------
    line : Connection
        To the owner. What is said on it: `READY`; for each chunk the places of its tasks, each as it is begun, and a
        `Report` at its end.
    leash : Connection
        Once nobody holds its other end any more, the worker ends at once, whatever it is doing: so it outlives neither
        its owner's wish nor its owner.
    modules : sequence of str
        Names of modules that the work will need: they are imported while the owner is still preparing it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the owner's business
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    use_one_thread()
    keep_memory()
    threading.Thread(target=_wait_for_end, args=(leash,), daemon=True).start()
    line.send(READY)
    for module in modules:
        with suppress(ImportError):  # if the work does need it, it says so
            import_module(module)
    with suppress(EOFError, OSError):
        try:
            work = line.recv()
            while True:
                chunk, given_up, level = line.recv()
                _send(line, perform(work, chunk, given_up, level, line.send))
        except (ImportError, AttributeError, pickle.UnpicklingError) as error:  # work or a task from elsewhere
            line.send(Report(None, EpochsieveError(f"a worker process can't take the work: {error}"), []))


def perform(
    work: Any, chunk: Sequence[Any], given_up: Mapping[int, Any] | None, level: int, tell: Callable[[int], object]
) -> Report:
    """Do one chunk.

    Parameters
    ----------
    work : Work
        What is done to each task.
    chunk : sequence
        The tasks.
    given_up : mapping of int to object, or None
        Results of those tasks, by their places, that are not to be tried. None to do all of them together, as only
        `JointWork` can.
    level : int
        The least level of log records to send back.
    tell : callable
        Told each task's place before it is begun, and where they are done together also when it is done.

    Returns
    -------
    Report
        The parcel or the error, and the log.
    """
    notebook = _Notebook()
    logger = logging.getLogger(LOGGER)
    logger.handlers, logger.propagate = [notebook], False
    logger.setLevel(level)
    try:
        results = _do_jointly(work, chunk, tell) if given_up is None else _do_singly(work, chunk, given_up, tell)
        return Report(work.join(results), None, notebook.records)
    except Exception as error:  # noqa: BLE001 - raised again where the parcel would be
        error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return Report(None, error, notebook.records)


def _do_singly(
    work: Any, chunk: Sequence[Any], given_up: Mapping[int, Any], tell: Callable[[int], object]
) -> list[Any]:
    """Do one task after the other."""
    results = []
    for place, task in enumerate(chunk):
        tell(place)
        results.append(given_up[place] if place in given_up else work(task))
    return results


def _do_jointly(work: Any, chunk: Sequence[Any], tell: Callable[[int], object]) -> list[Any]:
    """Do tasks together; each that is begun, and each that is done, shows that it goes on."""

    def announce() -> Iterator[Any]:
        for place, task in enumerate(chunk):
            tell(place)
            yield task

    results = []
    for place, result in enumerate(work.do_jointly(announce())):
        results.append(result)
        tell(place)
    return results


class _Notebook(QueueHandler):
    """Keeps log records, each with its text made, for what it was made of may not travel."""

    def __init__(self) -> None:
        self.records: list[logging.LogRecord] = []
        super().__init__(self.records)  # type: ignore[arg-type]

    def enqueue(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)


def _send(line: Connection, report: Report) -> None:
    """Send a report; where it can't be pickled, say so instead."""
    try:
        line.send(report)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        line.send(Report(None, EpochsieveError(f"what came of a chunk can't travel: {error}"), report.log))


def _wait_for_end(leash: Connection) -> None:
    """End this process when the leash is let go."""
    with suppress(EOFError, OSError):
        leash.recv_bytes()
    os._exit(1)
