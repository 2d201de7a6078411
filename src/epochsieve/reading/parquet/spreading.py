"""Rows laid out with an entry for each epoch, however the table nests them; and what epochs are called."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from epochsieve.reading.parquet.layouts import OF_OBJECTS, Layout
from epochsieve.vocabulary.errors import ImageError

Columns: TypeAlias = Mapping[str, Any]
"""Role to Arrow array, with an entry for each epoch."""

NAMING = ("file", "stack")
"""What names need."""


@dataclass(frozen=True)
class Names:
    """What the epochs of an object are called.

    Attributes
    ----------
    files : tuple of str
        Each once.
    stacks : frozenset of int
        Places of those that are marked as the stack.
    repeated : frozenset of int
        Places of those that were called as an earlier one is.
    """

    files: tuple[str, ...]
    stacks: frozenset[int]
    repeated: frozenset[int]


def spread(batch: Any, layout: Layout) -> Columns:
    """Lay rows out with an entry for each epoch.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Some or all columns of a table.
    layout : Layout
        Which of them says what.

    Returns
    -------
    mapping of str to pyarrow.Array
        What is there, by role.

    Raises
    ------
    ImageError
        Where a row's lists differ in length.
    """
    columns = _open_nest(batch, layout)
    if len({len(column) for column in columns.values()}) > 1:
        raise ImageError("the lists of a row differ in length")
    return columns


def _open_nest(batch: Any, layout: Layout) -> Columns:
    """Take a batch apart by role."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not layout.nest:
        present = {role: batch.column(name) for role, name in layout.columns.items() if name in batch.schema.names}
        if layout.nest is None:
            return present
        return {role: lists.flatten() for role, lists in present.items() if role not in OF_OBJECTS}
    nest = batch.column(layout.nest)
    is_struct = pa.types.is_struct(nest.type)
    structs = nest if is_struct else nest.flatten()
    roles = {role: name for role, name in layout.columns.items() if structs.type.get_field_index(name) >= 0}
    fields = {role: pc.struct_field(structs, name) for role, name in roles.items() if role not in OF_OBJECTS}
    return {role: lists.flatten() for role, lists in fields.items()} if is_struct else fields


def count_epochs(batch: Any, layout: Layout) -> int:
    """Count the epochs in some rows."""
    if layout.nest is None:
        return int(batch.num_rows)
    return max(map(len, spread(batch, layout).values()), default=0)


def name_epochs(given: Sequence[str], marks: Iterable[bool]) -> Names:
    """Name the epochs of an object.

    Parameters
    ----------
    given : sequence of str
        Their names as rows have them; empty where they have none.
    marks : iterable of bool
        Whether each is said to be the stack.

    Returns
    -------
    Names
        An epoch without a name is called by its number; one whose name was taken, by that besides.
    """
    files: dict[str, None] = {}
    repeated = set()
    for place, name in enumerate(given):
        number = f"{place + 1:0{len(str(len(given)))}d}"
        called = name or f"epoch_{number}"
        if called in files:
            repeated.add(place)
        while called in files:
            called += f" ({number})"
        files[called] = None
    return Names(tuple(files), frozenset(place for place, mark in enumerate(marks) if mark), frozenset(repeated))


def list_names(columns: Columns, count: int) -> list[str]:
    """List names as rows have them; empty where they have none."""
    if "file" not in columns:
        return [""] * count
    return ["" if name is None else str(name).strip() for name in columns["file"].to_pylist()]


def list_marks(columns: Columns, count: int) -> list[bool]:
    """List which rows are said to be the stack."""
    return [bool(mark) for mark in columns["stack"].to_pylist()] if "stack" in columns else [False] * count
