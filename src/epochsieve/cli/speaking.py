"""How every command speaks: progress, the log, errors as one line, and the exit status."""

import logging
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

import typer

from epochsieve.vocabulary.errors import InputError


class ExitStatus(IntEnum):
    """What a command's exit status means."""

    ALL_JUDGED = 0
    FAILED = 1
    UNUSABLE_INPUT = 2
    SOME_NOT_JUDGED = 3
    INTERRUPTED = 130
    TERMINATED = 143


class _Terminated(KeyboardInterrupt):
    """Whoever ran this wants it to end, as a batch system does at the end of a job's time."""


def follow(folders: Iterable[Path], total: int, quiet: bool) -> None:
    """Show how far a simulation is."""
    from epochsieve.cli.terminal import ProgressBar

    with ProgressBar(quiet, "simulating") as progress:
        progress.start(total)
        for folder in folders:
            progress.advance(sum(1 for _ in folder.iterdir()))


@contextmanager
def speak(verbose: bool) -> Iterator[None]:
    """Let the log be seen, and turn errors into a line and an exit status."""
    from epochsieve.cli.terminal import set_up_logging

    set_up_logging(logging.DEBUG if verbose else logging.WARNING)
    before = signal.signal(signal.SIGTERM, _end_in_order)
    try:
        yield
    except typer.Exit:
        raise
    except InputError as error:
        raise _complain(str(error), ExitStatus.UNUSABLE_INPUT) from None
    except _Terminated:
        raise _complain("terminated", ExitStatus.TERMINATED) from None
    except KeyboardInterrupt:
        raise _complain("interrupted", ExitStatus.INTERRUPTED) from None
    except Exception as error:
        logging.getLogger(__name__).debug("where it happened", exc_info=True)
        raise _complain(f"failed: {type(error).__name__}: {error}", ExitStatus.FAILED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_in_order(_signal: int, _frame: object) -> None:
    """Leave through every "finally", so that no worker and no half-written file stays."""
    raise _Terminated


def _complain(text: str, status: ExitStatus) -> typer.Exit:
    """Print an error as one line, and make it an exit status."""
    print("epochsieve:", " ".join(text.split()), file=sys.stderr)  # noqa: T201 this is the command line
    return typer.Exit(status)
