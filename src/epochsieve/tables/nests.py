"""Light curves in lists: an object a row, as nested-pandas, LSDB and HATS catalogues store them.

A nest is a struct of lists, a list of structs, or plain list columns side by side; in each, the lists of a row have one
length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE_BY_SIDE = ""
"""Name of the nest that plain list columns make."""


@dataclass(frozen=True, eq=False)
class Nest:
    """Where the light curves of a table are.

    Attributes
    ----------
    name : str
        The column, or `SIDE_BY_SIDE`.
    fields : tuple of str
        What is known of each point.
    lengths : ndarray of int, shape (rows,)
        Points of each light curve.
    """

    name: str
    fields: tuple[str, ...]
    lengths: NDArray[np.int64]


def find_nest(table: Any, name: str = "") -> Nest | None:
    """Find the column of light curves: the one that is named, or the first that could be; None where none could."""
    names = [name] if name else table.column_names
    for column in names:
        if column in table.column_names and (fields := _list_fields(table.schema.field(column).type)):
            return Nest(column, fields, _measure(_open(table, column)[fields[0]]))
    fields = () if name else tuple(field.name for field in table.schema if _is_list(field.type))
    lengths = [_measure(table[field]) for field in fields]
    if len(fields) > 1 and all(np.array_equal(length, lengths[0]) for length in lengths):
        return Nest(SIDE_BY_SIDE, fields, lengths[0])
    return None


def flatten_nest(table: Any, nest: Nest) -> dict[str, Any]:
    """Lay all light curves end to end, shape (points,) each field."""
    return {name: lists.flatten() for name, lists in _open(table, nest.name).items()}


def add_to_nest(table: Any, nest: Nest, columns: Mapping[str, Any]) -> Any:
    """Give every light curve more fields, from arrays of shape (points,)."""
    return _rebuild(table, nest, flatten_nest(table, nest) | dict(columns), nest.lengths)


def select_in_nest(table: Any, nest: Nest, points: NDArray[np.bool_]) -> Any:
    """Keep some points; rows stay, be their light curves empty."""
    import pyarrow as pa

    ends = np.cumsum(nest.lengths)
    kept = np.concatenate([[0], np.cumsum(points)])
    lengths = kept[ends] - kept[ends - nest.lengths]
    chosen = {name: values.filter(pa.array(points)) for name, values in flatten_nest(table, nest).items()}
    return _rebuild(table, nest, chosen, lengths)


def _is_list(kind: Any) -> bool:
    """Tell whether a type is a list of any length."""
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _list_fields(kind: Any) -> tuple[str, ...]:
    """List the fields of a struct of lists, or of a list of structs."""
    import pyarrow as pa

    if _is_list(kind) and pa.types.is_struct(kind.value_type):
        return tuple(field.name for field in kind.value_type)
    if pa.types.is_struct(kind) and kind.num_fields and all(_is_list(field.type) for field in kind):
        return tuple(field.name for field in kind)
    return ()


def _open(table: Any, name: str) -> dict[str, Any]:
    """Take a nest apart into a list column per field, each in one piece."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name == SIDE_BY_SIDE:
        return {field.name: _join(table[field.name]) for field in table.schema if _is_list(field.type)}
    column = _join(table[name])
    if pa.types.is_struct(column.type):
        return {field.name: pc.struct_field(column, i) for i, field in enumerate(column.type)}
    flat, offsets = column.flatten(), _offsets(_measure(column))
    fields = [flat.field(i) if not flat.null_count else pc.struct_field(flat, i) for i in range(flat.type.num_fields)]
    lists = [pa.ListArray.from_arrays(offsets, field) for field in fields]
    return dict(zip(_list_fields(column.type), lists, strict=True))


def _join(column: Any) -> Any:
    """Bring a column into one piece."""
    joined = column.combine_chunks()
    return joined.chunk(0) if hasattr(joined, "chunks") and joined.num_chunks else joined


def _measure(lists: Any) -> NDArray[np.int64]:
    """Count what is in each list; a missing list holds nothing."""
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(pc.list_value_length(lists), 0), np.int64)


def _offsets(lengths: NDArray[np.int64]) -> Any:
    """Say where each list begins and the last one ends."""
    import pyarrow as pa

    return pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))


def _rebuild(table: Any, nest: Nest, flat: Mapping[str, Any], lengths: NDArray[np.int64]) -> Any:
    """Put fields of all points back into the kind of nest that they came from."""
    import pyarrow as pa

    offsets = _offsets(lengths)
    if nest.name == SIDE_BY_SIDE:
        for name, values in flat.items():
            lists = pa.ListArray.from_arrays(offsets, values)
            there = name in table.column_names
            table = (
                table.set_column(table.column_names.index(name), name, lists)
                if there
                else table.append_column(name, lists)
            )
        return table
    place, field = table.column_names.index(nest.name), table.schema.field(nest.name)
    gone = _join(table[nest.name]).is_null()
    if pa.types.is_struct(field.type):
        lists = [pa.ListArray.from_arrays(offsets, values) for values in flat.values()]
        built = pa.StructArray.from_arrays(lists, list(flat), mask=gone)
    else:
        structs = pa.StructArray.from_arrays(list(flat.values()), list(flat))
        built = pa.ListArray.from_arrays(offsets, structs, mask=gone)
    return table.set_column(place, pa.field(field.name, built.type, field.nullable, field.metadata), built)
