"""What happens in a worker process. It imports nothing heavy, so that what it sets is set before anything else is."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from epochsieve.running.threads import use_one_thread

Task = TypeVar("Task")
Result = TypeVar("Result")

LOGGER = __name__.partition(".")[0]
"""The logger whose records travel back."""


@dataclass(frozen=True)
class Report(Generic[Result]):
    """What comes back from a worker.

    Attributes
    ----------
    result : object
        What the work gave.
    log : list of LogRecord
        What was logged meanwhile, in a form that can be pickled.
    """

    result: Result
    log: list[logging.LogRecord]


def begin(leash: Connection) -> None:
    """Prepare a worker.

    Parameters
    ----------
    leash : Connection
        Once nobody holds its other end any more, the worker ends at once, whatever it is doing: so it outlives neither
        its owner's wish nor its owner.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the owner's business
    use_one_thread()
    threading.Thread(target=_wait_for_end, args=(leash,), daemon=True).start()


def perform(work: Callable[[Task], Result], task: Task, level: int) -> Report[Result]:
    """Do one task.

    Parameters
    ----------
    work : callable
        Takes a task, gives its result.
    task : object
        The task.
    level : int
        The least level of log records to send back.

    Returns
    -------
    Report
        The result, and the log.
    """
    notebook = _Notebook()
    logger = logging.getLogger(LOGGER)
    logger.handlers, logger.propagate = [notebook], False
    logger.setLevel(level)
    return Report(work(task), notebook.records)


class _Notebook(QueueHandler):
    """Keeps log records, each with its text made, for what it was made of may not travel."""

    def __init__(self) -> None:
        self.records: list[logging.LogRecord] = []
        super().__init__(self.records)  # type: ignore[arg-type]

    def enqueue(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)


def _wait_for_end(leash: Connection) -> None:
    """End this process when the leash is let go."""
    with suppress(EOFError, OSError):
        leash.recv_bytes()
    os._exit(1)
