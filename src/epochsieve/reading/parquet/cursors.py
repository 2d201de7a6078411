"""Rows of a row group, read as a stream: an object's are what follows those of the object before."""

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from epochsieve.reading.contents import sum_up_error
from epochsieve.reading.parquet.files import TableFile
from epochsieve.vocabulary.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_GROUPS = 48
"""Row groups that a process keeps open, each with some 5 MB of memory: an object's epochs may be in so many."""

_BATCH_BYTES, _MOST_ROWS = 2**19, 256  # of a batch, the smaller; packed rows say little of how large they are


class Taken(NamedTuple):
    """Rows that were asked for.

    Attributes
    ----------
    batches : list of pyarrow.RecordBatch
        In order; up to the first that can't be read.
    error : str
        Why that could not be read; empty where all could.
    """

    batches: list[Any]
    error: str = ""


class Cursor:
    """Goes through a row group, forward, and from its beginning again where it must.

    Parameters
    ----------
    file : TableFile
        The file.
    group : int
        The row group.
    roles : tuple of str
        What is read.

    Raises
    ------
    ImageError
        Where the file can't be opened.
    """

    def __init__(self, file: TableFile, group: int, roles: tuple[str, ...]) -> None:
        file.check()
        self._file, self._group = file, group
        self._paths = file.choose_paths(roles)
        self._size = min(max(1, _BATCH_BYTES // file.measure_rows(group)), _MOST_ROWS)
        self._lock = Lock()
        self._rewind()

    def take(self, start: int, stop: int) -> Taken:
        """Take the rows from `start` to before `stop`."""
        batches: list[Any] = []
        with self._lock:
            if start < self._begin:
                self._rewind()
            while start < stop:
                if start >= self._end:
                    if not self._advance():
                        return Taken(batches, self._error)
                    continue
                batches.append(self._held.slice(start - self._begin, min(stop, self._end) - start))
                start += batches[-1].num_rows
        return Taken(batches)

    def _rewind(self) -> None:
        """Go back to the first row."""
        self._begin = self._end = 0
        self._held: Any = None
        self._error = ""
        self._batches: Iterator[Any] = self._file.open().iter_batches(
            self._size, row_groups=[self._group], columns=self._paths, use_threads=False
        )

    def _advance(self) -> bool:
        """Read on; False where that can't be done."""
        if self._error:
            return False
        self._begin = self._end
        try:
            self._held = next(self._batches)
        except StopIteration:
            self._error = "the row group ends early"
        except Exception as error:  # noqa: BLE001 - a damaged file raises anything
            self._error = sum_up_error(error)
        else:
            self._end += self._held.num_rows
        return not self._error


def take_rows(file: TableFile, group: int, roles: tuple[str, ...], start: int, stop: int) -> Taken:
    """Take rows of a file.

    Parameters
    ----------
    file : TableFile
        The file.
    group, start, stop : int
        The row group, and in it the first row and that after the last.
    roles : tuple of str
        What is wanted of them.

    Returns
    -------
    Taken
        What could be read.
    """
    try:
        if not file.is_far:
            file.check()
        return _find_cursor(file, group, roles).take(start, stop)
    except ImageError as error:
        return Taken([], str(error))


@lru_cache(maxsize=2 * MOST_GROUPS)  # one for names, which takes little memory, and one for images
def _find_cursor(file: TableFile, group: int, roles: tuple[str, ...]) -> Cursor:
    """Find the cursor that is in a row group already, or make one."""
    return Cursor(file, group, roles)
