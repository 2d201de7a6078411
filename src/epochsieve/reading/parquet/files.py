"""A Parquet file: opened the same way everywhere, and which of its rows are whose."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from epochsieve.places.place import Place
from epochsieve.places.ranges import RangeFile
from epochsieve.places.remote import RemotePath
from epochsieve.reading.contents import LARGEST_BYTES, sum_up_error
from epochsieve.reading.parquet.layouts import OF_OBJECTS, Layout, find_layout
from epochsieve.reading.parquet.numbers import fill_missing
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.settings import ReadSettings

# Bytes: with a buffer, columns are read page by page, and not a whole row group at once; a store is asked less often.
_BUFFER, _FAR_BUFFER = 2**16, 2**22


@dataclass(frozen=True)
class TableFile:
    """One file as it was when it was looked at.

    Attributes
    ----------
    path : Path or RemotePath
        The file.
    size, changed : int
        Its bytes, and when they last changed, in nanoseconds: another file of that name is not the one whose rows are
        known.
    settings : ReadSettings
        How it is read.
    """

    path: Place
    size: int
    changed: int
    settings: ReadSettings

    @property
    def is_far(self) -> bool:
        """Whether it is in a store, where each look at it is a request."""
        return isinstance(self.path, RemotePath)

    def check(self) -> None:
        """Refuse a file that is not the one that was looked at."""
        path = RemotePath(self.path.address) if isinstance(self.path, RemotePath) else self.path
        if look_at(path, self.settings) != self:
            raise ImageError("the file has changed since its rows were counted")

    @property
    def metadata(self) -> Any:
        """Its footer: schema and row groups."""
        return _open(self)[0]

    @property
    def layout(self) -> Layout:
        """Which column says what."""
        return _open(self)[1]

    def open(self) -> Any:
        """Open it, its pages to be verified by their checksums where it has them."""
        import pyarrow.parquet as pq

        return pq.ParquetFile(
            _take_input(self.path),
            metadata=self.metadata,
            buffer_size=_FAR_BUFFER if self.is_far else _BUFFER,
            page_checksum_verification=True,
            pre_buffer=False,
        )

    def choose_paths(self, roles: tuple[str, ...]) -> list[str]:
        """Choose the stored columns that say something."""
        schema = self.metadata.schema
        leaves = [schema.column(i).path for i in range(len(schema))]
        return self.layout.choose_paths(roles, leaves)

    def measure_rows(self, group: int) -> int:
        """Compute the bytes that a row takes, on the average; refuse what can't be meant.

        What the footer says of single columns is left aside: pyarrow 26 ends the process where that is damaged.
        """
        stored = self.metadata.row_group(group)
        each = int(stored.total_byte_size) // max(int(stored.num_rows), 1)
        if each > LARGEST_BYTES:
            raise ImageError(f"too large: {each} bytes a row in row group {group}")
        return max(each, 1)


class Runs(NamedTuple):
    """Rows of one row group that follow each other and belong to one object each.

    Attributes
    ----------
    group : int
        The row group.
    names : list of str
        Whose they are; empty for nobody's.
    edges : ndarray of int, shape (runs + 1,)
        Where each begins and the last one ends.
    problem : str
        Why nobody knows whose they are; empty where it is known.
    """

    group: int
    names: list[str]
    edges: NDArray[np.int64]
    problem: str = ""


def look_at(path: Place, settings: ReadSettings) -> TableFile:
    """Look at a file; ImageError where it is none."""
    try:
        facts = path.stat()
        size = path.measure() if isinstance(path, RemotePath) else facts.st_size
    except OSError as error:
        raise ImageError(error.strerror or sum_up_error(error)) from error
    return TableFile(path, size, facts.st_mtime_ns, settings)


def index_rows(file: TableFile) -> Iterator[Runs]:
    """Find out whose each row is, by reading the small columns that say so.

    Parameters
    ----------
    file : TableFile
        It holds images.

    Yields
    ------
    Runs
        For each row group; a damaged one is nobody's, with the problem.
    """
    paths, opened = file.choose_paths(OF_OBJECTS), file.open()
    for group in range(file.metadata.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        if not count:
            continue
        if not paths:  # the whole file is one object
            yield Runs(group, [file.path.stem], np.array([0, count]))
            continue
        try:
            yield _find_runs(group, opened.read_row_group(group, columns=paths, use_threads=False), file.layout)
        except Exception as error:  # noqa: BLE001 - a damaged file raises anything
            yield Runs(group, [""], np.array([0, count]), sum_up_error(error))


@lru_cache(maxsize=32)
def _open(file: TableFile) -> tuple[Any, Layout]:
    """Read a file's footer, once per process; whatever goes wrong is an error of ours."""
    import pyarrow.parquet as pq

    try:
        footer = pq.ParquetFile(_take_input(file.path))
        return footer.metadata, find_layout(footer.schema_arrow, file.settings)
    except Exception as error:  # a damaged file raises anything
        raise ImageError(f"no Parquet file: {sum_up_error(error)}") from error


def _take_input(path: Place) -> Any:
    """Give what pyarrow can open."""
    return RangeFile(path) if isinstance(path, RemotePath) else path


def _find_runs(group: int, table: Any, layout: Layout) -> Runs:
    """Part the rows of a row group where the object, or its band, changes."""
    coded = [_encode(table[layout.columns[role]]) for role in OF_OBJECTS if role in layout.columns]
    changes = np.any([np.diff(codes) != 0 for codes, _ in coded], axis=0)
    edges = np.concatenate([[0], np.flatnonzero(changes) + 1, [table.num_rows]])
    words = [[known[code] for code in codes[edges[:-1]]] for codes, known in coded]
    return Runs(group, [_join(*each) for each in zip(*words, strict=True)], edges)


def _encode(column: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Give each value of a column a number; what is missing has -1, which is also that of the last text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.cast(column, pa.string()).combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return fill_missing(coded.indices, -1), [text.strip() for text in coded.dictionary.to_pylist()] + [""]


def _join(name: str, band: str = "") -> str:
    """Name an object in a band, for images in different bands are no series."""
    return f"{name}_{band}" if name and band else name
