"""Series of any format in one Parquet file, an epoch a row: one file in the place of thousands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.reading.sources import find_sources
from epochsieve.tasks import SeriesTask, list_tasks
from epochsieve.vocabulary.errors import EpochsieveError
from epochsieve.vocabulary.series import OK, CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import ReadSettings
from epochsieve.writing.atomic import write_output

_ROW_GROUP_BYTES = 2**23
_WORDS = ("object", "file", "status")
_UNITS = {"mjd": ("d", "mid-exposure time, modified Julian date"), "fwhm": ("pix", "seeing")}


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Attributes
    ----------
    objects, epochs : int
        How many; stacks are not counted.
    unusable : int
        How many of the epochs have no image: each is a row with a status.
    """

    objects: int
    epochs: int
    unusable: int


def list_series(roots: Sequence[str], settings: ReadSettings) -> list[SeriesTask]:
    """List the objects in some places.

    Parameters
    ----------
    roots : sequence of str
        As for a run.
    settings : ReadSettings
        How they are read.

    Returns
    -------
    list of SeriesTask
        Each with a name of its own.

    Raises
    ------
    InputError
        Where there are none.
    """
    return list_tasks(source for root in roots for source in find_sources(root, settings))


def pack_series(tasks: Sequence[SeriesTask], path: Path, report: Callable[[int], object]) -> Packed:
    """Write series to a Parquet file that is read as what they were read from.

    Parameters
    ----------
    tasks : sequence of SeriesTask
        Objects; their rows stand in this order.
    path : Path
        The file; it is there as a whole or not at all.
    report : callable
        Told after each object how many epochs it has.

    Returns
    -------
    Packed
        What it holds.

    Raises
    ------
    ResultsError
        Where it can't be written.
    """
    counts = []

    def read() -> Iterator[tuple[str, Sequence[Epoch], str]]:
        for task in tasks:
            rows, stack = _list_rows(task)
            epochs = [row for row in rows if row.file != stack]
            counts.append((len(epochs), sum(not row.usable for row in epochs)))
            yield task.name, rows, stack
            report(len(epochs))

    write_output(path, lambda name: _write(name, read()))
    return Packed(len(counts), *map(sum, zip(*counts, strict=True)))


def _list_rows(task: SeriesTask) -> tuple[Sequence[Epoch], str]:
    """Read an object: its rows, and which of them is the stack; where it is no series, each image is a row."""
    try:
        series = task.source.read()
    except EpochsieveError as error:
        return [Epoch(file, None, status=f"unreadable: {error}") for file in task.source.list_images() or [""]], ""
    return [*_make_stack(series), *series.epochs], series.stack_file


def _make_stack(series: CutoutSeries) -> list[Epoch]:
    """Make a row of the stack, where it is not made from the epochs."""
    return [Epoch(series.stack_file, series.stack)] if series.stack_file else []


def _write(path: Path, series: Iterable[tuple[str, Sequence[Epoch], str]]) -> None:
    """Write row groups of whole objects, a few MB each, so that one is read in a moment and a damaged one costs few."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    images = ["image.list.element", "noise.list.element"]
    with pq.ParquetWriter(
        path,
        _make_schema(),
        compression="zstd",
        use_dictionary=[*_WORDS, "height", "width", "quality"],
        column_encoding=dict.fromkeys(images, "BYTE_STREAM_SPLIT"),
        write_page_checksum=True,
    ) as writer:
        waiting: list[Any] = []
        for each in series:
            waiting.append(_make_table(*each))
            if sum(table.nbytes for table in waiting) >= _ROW_GROUP_BYTES:
                _write_group(writer, pa.concat_tables(waiting))
                waiting.clear()
        if waiting:
            _write_group(writer, pa.concat_tables(waiting))


def _write_group(writer: Any, table: Any) -> None:
    """Write a row group, or several where one object alone is too large."""
    each = max(table.nbytes // table.num_rows, 1)
    writer.write_table(table, row_group_size=max(2 * _ROW_GROUP_BYTES // each, 1))


def _make_schema() -> Any:
    """State the columns' names, types and units."""
    import pyarrow as pa

    types = {
        "object": pa.string(),
        "file": pa.string(),
        "mjd": pa.float64(),
        "fwhm": pa.float64(),
        "quality": pa.int32(),
        "is_stack": pa.bool_(),
        "status": pa.string(),
        "height": pa.int32(),
        "width": pa.int32(),
        "image": pa.list_(pa.float32()),
        "noise": pa.list_(pa.float32()),
    }
    facts = {name: {"unit": unit, "description": text} for name, (unit, text) in _UNITS.items()}
    return pa.schema([pa.field(name, kind, metadata=facts.get(name)) for name, kind in types.items()])


def _make_table(name: str, rows: Sequence[Epoch], stack: str) -> Any:
    """Make a table of an object's rows."""
    import pyarrow as pa

    shapes = [(None, None) if row.pixels is None else row.pixels.shape for row in rows]
    columns = {
        "object": [name] * len(rows),
        "file": [row.file for row in rows],
        "mjd": [row.mjd if isfinite(row.mjd) else None for row in rows],
        "fwhm": [row.fwhm if isfinite(row.fwhm) else None for row in rows],
        "quality": [row.quality for row in rows],
        "is_stack": [bool(stack) and row.file == stack for row in rows],
        "status": [None if row.status == OK else row.status for row in rows],
        "height": [height for height, _ in shapes],
        "width": [width for _, width in shapes],
        "image": _make_lists([row.pixels for row in rows]),
        "noise": _make_lists([row.noise for row in rows]),
    }
    return pa.Table.from_pydict(columns, _make_schema())


def _make_lists(images: Sequence[FloatImage | None]) -> Any:
    """Lay images out as lists of numbers; null where there is none."""
    import pyarrow as pa

    sizes = [0 if image is None else image.size for image in images]
    flat = [image.ravel() for image in images if image is not None]
    values = np.concatenate(flat) if flat else np.empty(0, np.float32)
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.array(values), mask=pa.array([image is None for image in images]))
