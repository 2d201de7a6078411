"""Parquet, in Arrow's own types: a row per point of a light curve, or an object a row with its light curve in lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.tables.columns import NewColumn
from epochsieve.tables.formats import Format
from epochsieve.tables.nests import Nest, add_to_nest, find_nest, flatten_nest, select_in_nest
from epochsieve.tables.parquet_metadata import describe_table, extend_metadata, read_facts, restore_table
from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from astropy.table import Table


@dataclass(frozen=True, eq=False)
class ParquetTable:
    """A table of Arrow's.

    Attributes
    ----------
    table : pyarrow.Table
        As it is stored.
    nest : Nest or None
        Where the light curves are, if a row holds a whole one.
    """

    table: Any
    nest: Nest | None = None
    format: Format = Format.PARQUET

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that have one value a row, those in the light curves first."""
        import pyarrow as pa

        nested = (pa.types.is_nested, pa.types.is_list, pa.types.is_large_list)
        plain = [field.name for field in self.table.schema if not any(test(field.type) for test in nested)]
        inside = list(self.nest.fields) if self.nest else []
        return tuple(dict.fromkeys([*inside, *plain]))

    @property
    def facts(self) -> Mapping[str, Any]:
        """What astropy or we put beside the rows."""
        return read_facts(self.table)

    def __len__(self) -> int:
        """Count the points of light curves."""
        return int(self.nest.lengths.sum()) if self.nest else self.table.num_rows

    def get(self, name: str) -> NDArray[Any]:
        """Take a column; a value of a whole light curve stands at each of its points."""
        if self.nest and name in self.nest.fields:
            return _to_numpy(flatten_nest(self.table, self.nest)[name])
        values = _to_numpy(self.table[name])
        return np.repeat(values, self.nest.lengths) if self.nest else values

    def get_unit(self, name: str) -> str:
        """Say a column's unit, as its metadata give it."""
        if self.nest and name in self.nest.fields:
            return ""
        metadata = self.table.schema.field(name).metadata or {}
        return str(metadata.get(b"unit", b"").decode())

    def add(self, columns: Sequence[NewColumn]) -> "ParquetTable":
        """Add columns, to the light curves where they are in lists; what is missing is null."""
        import pyarrow as pa

        made = {column.name: pa.array(column.values, mask=column.missing) for column in columns}
        if self.nest:
            return _reopen(add_to_nest(self.table, self.nest, made), self.nest.name)
        table = self.table
        for column in columns:
            field = pa.field(column.name, made[column.name].type, metadata=_describe(column))
            place = table.column_names.index(column.name) if column.name in table.column_names else -1
            put = table.append_column if place < 0 else lambda f, v, t=table, p=place: t.set_column(p, f, v)
            table = put(field, made[column.name])
        return ParquetTable(table.replace_schema_metadata(extend_metadata(self.table.schema, columns)))

    def select(self, rows: NDArray[np.bool_]) -> "ParquetTable":
        """Keep some rows; a light curve without any point left keeps its row."""
        if self.nest:
            return _reopen(select_in_nest(self.table, self.nest, rows), self.nest.name)
        return ParquetTable(self.table.filter(rows))

    def to_table(self) -> "Table":
        """Convert to a table with a row per point."""
        if not self.nest:
            return restore_table(self.table)
        from astropy.table import Table

        order = [name for name in self.table.column_names if name in self.names]
        return Table({name: self.get(name) for name in dict.fromkeys([*order, *self.names])})

    def write(self, path: Path) -> None:
        """Write it."""
        import pyarrow.parquet as pq

        pq.write_table(self.table, path, compression="zstd")


def read_parquet(path: Path, nested: str = "") -> ParquetTable:
    """Read a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    nested : str
        The column that holds light curves; the first that could if left out.

    Raises
    ------
    InputError
        Where the file is damaged, or there is no such column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: no Parquet file: {error}") from error
    if nested and find_nest(table, nested) is None:
        raise InputError(f"{path}: no column {nested} of light curves")
    return _reopen(table, nested)


def make_parquet(table: "Table") -> ParquetTable:
    """Make an Arrow table of astropy's, with units, descriptions and UCDs where TOPCAT, astropy and pandas look."""
    return ParquetTable(describe_table(table))


def _reopen(table: Any, nested: str) -> ParquetTable:
    """Look for light curves in a table."""
    return ParquetTable(table, find_nest(table, nested))


def _describe(column: NewColumn) -> dict[str, str]:
    """State a column's metadata."""
    return {key: text for key, text in (("description", column.description), ("ucd", column.ucd)) if text}


def _to_numpy(column: Any) -> NDArray[Any]:
    """Convert an Arrow column; nulls are NaN, or empty text, and times modified Julian dates."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.array(["" if text is None else text for text in column.to_pylist()], dtype=np.str_)
    if pa.types.is_timestamp(kind):
        microseconds = pc.cast(pc.cast(column, pa.timestamp("us"), safe=False), pa.int64())
        return np.asarray(microseconds.to_numpy(zero_copy_only=False), float) / 86400e6 + 40587.0
    if isinstance(column, pa.ChunkedArray):
        return np.asarray(column.to_numpy())
    return np.asarray(column.to_numpy(zero_copy_only=False))
