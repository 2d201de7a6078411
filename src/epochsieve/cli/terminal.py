"""What the command line shows: progress, log lines between it, and tables."""

import logging
import sys
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from epochsieve.places.place import Place
    from epochsieve.writing.provenance import RunRecord

_SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """A bar of objects with the rate of images, on the standard error.

    Where that is not a terminal, a line is written every ten seconds.

    Parameters
    ----------
    quiet : bool
        Whether to show nothing.
    what : str
        What is done.
    """

    def __init__(self, quiet: bool, what: str = "sieving") -> None:
        self._quiet = quiet
        self._what = what
        self._bar: Any = None
        self._images = 0
        self._started = 0.0

    def __enter__(self) -> Self:
        """Wait for the start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state on the screen."""
        if self._bar is not None:
            self._bar.close()

    def start(self, objects: int) -> None:
        """Begin to show, once it is known how many objects there are."""
        from tqdm import tqdm

        interval = 0.1 if sys.stderr.isatty() else _SECONDS_BETWEEN_LINES
        self._bar = tqdm(
            total=objects, desc=self._what, unit="object", disable=self._quiet or not objects, mininterval=interval
        )
        self._started = time.monotonic()

    def advance(self, images: int, objects: int = 1) -> None:
        """Count objects, and their images."""
        self._images += images
        rate = self._images / max(time.monotonic() - self._started, 1e-9)
        self._bar.set_postfix_str(f"{rate:.0f} images/s", refresh=False)
        self._bar.update(objects)


class _LineHandler(logging.Handler):
    """Writes log lines above a progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        from tqdm import tqdm

        tqdm.write(self.format(record), file=sys.stderr)


def set_up_logging(level: int) -> None:
    """Let the package's log be seen on the standard error.

    Parameters
    ----------
    level : int
        The least level to show.
    """
    handler = _LineHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("epochsieve")
    logger.handlers = [handler]
    logger.setLevel(level)


def lay_out_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Align a table: text to the left, numbers to the right.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence
        As many cells each.

    Returns
    -------
    str
        One line for the header and one per row.
    """
    cells = [list(row) for row in rows]
    lines = [list(header), *([str(cell) for cell in row] for row in cells)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    right = [bool(cells) and all(isinstance(row[i], int | float) for row in cells) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def sum_up_run(record: "RunRecord", results: "Place") -> str:
    """Sum a run up in a few lines.

    Parameters
    ----------
    record : RunRecord
        Its record.
    results : Path or RemotePath
        Where the results are.

    Returns
    -------
    str
        Objects, epochs, flagged ones by reason, unjudged ones, warnings, speed, and where the results are.
    """
    from epochsieve.writing.part_files import FINDINGS_FOLDER
    from epochsieve.writing.provenance import name_record

    tally = record.tally
    reasons = sorted(tally.reasons.items(), key=lambda item: (-item[1], item[0]))
    kept = f" ({record.kept} of them judged by an earlier run)" if record.kept else ""
    by_reason = f" ({', '.join(f'{name} {count}' for name, count in reasons)})" if reasons else ""
    warnings = ", ".join(f"{name} {count} times" for name, count in sorted(record.warnings.items()))
    lines = {
        "objects": f"{tally.objects}{kept}",
        "epochs": f"{tally.epochs}",
        "flagged": f"{tally.flagged}{by_reason}",
        "not judged": f"{tally.not_judged}",
        "headers": f"astropy warned of {warnings}" if warnings else "",
        "speed": f"{record.images_per_second:.0f} images/s ({record.images} in {record.seconds:.1f} s)"
        if record.images
        else "",
        "results": f"{results / FINDINGS_FOLDER} (Parquet), {results / name_record(record.shard)}",
    }
    return "\n".join(f"{name:<12}{text}" for name, text in lines.items() if text)
