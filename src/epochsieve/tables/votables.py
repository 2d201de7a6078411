"""VOTable: one table of the document gains columns, everything else in it stays."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.tables.columns import NO_INTEGER, NewColumn
from epochsieve.tables.formats import Format
from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from astropy.table import Table

TIME_UCD = "time.epoch"
"""Of columns in days that a TIMESYS says more of."""

_ATTRIBUTES = frozenset({"ID", "name", "ref", "ucd", "utype", "description"})
"""Keywords that a table of this format has a place of its own for."""

_TYPES = {"i": "int", "f": "double", "b": "boolean"}


@dataclass(frozen=True, eq=False)
class VoTable:
    """A document with a table.

    Attributes
    ----------
    document : astropy.io.votable.tree.VOTableFile
        The whole document, as it was read.
    fields : tuple of astropy.io.votable.tree.Field
        Columns of the document's first table, with those that were added.
    array : numpy.ma.MaskedArray, shape (rows,)
        Its rows, a part of the record per column.
    """

    document: Any
    fields: tuple[Any, ...]
    array: Any
    format: Format = Format.VOTABLE

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that have one value a row."""
        return tuple(
            field.name for i, field in enumerate(self.fields) if self.array[self.array.dtype.names[i]].ndim == 1
        )

    @property
    def facts(self) -> Mapping[str, Any]:
        """The table's parameters, and its name as OBJECT."""
        element = self.document.get_first_table()
        named = {"OBJECT": element.name} if element.name else {}
        return named | {param.name.upper(): param.value for param in element.params}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.array)

    def get(self, name: str) -> NDArray[Any]:
        """Take a column; null integers are NaN."""
        values = self.array[self.array.dtype.names[self._find(name)]]
        if values.dtype.kind == "O":
            return np.array([_read_text(value) for value in np.ma.getdata(values)], dtype=np.str_)
        if values.dtype.kind in "iu" and np.ma.getmaskarray(values).any():
            return np.asarray(values.astype(float).filled(np.nan))
        return np.asarray(values.filled(np.nan) if values.dtype.kind == "f" else np.ma.getdata(values))

    def get_unit(self, name: str) -> str:
        """Say a column's unit."""
        return str(self.fields[self._find(name)].unit or "")

    def add(self, columns: Sequence[NewColumn]) -> "VoTable":
        """Add columns; what is missing is NaN, or the null that the field declares."""
        new = {column.name for column in columns}
        kept = [i for i, field in enumerate(self.fields) if field.name not in new]
        fields = [self.fields[i] for i in kept] + [_make_field(self.document, column) for column in columns]
        old = [self.array[self.array.dtype.names[i]] for i in kept]
        values = [*old, *(np.ma.MaskedArray(column.fill(), column.missing) for column in columns)]
        return VoTable(self.document, tuple(fields), _join_rows([field.ID for field in fields], values, len(self)))

    def select(self, rows: NDArray[np.bool_]) -> "VoTable":
        """Keep some rows."""
        return VoTable(self.document, self.fields, self.array[rows])

    def to_table(self) -> "Table":
        """Convert to a table; UCDs are in its columns' `meta`."""
        with self._put_in_place() as element:
            table: Table = element.to_table(use_names_over_ids=True)
            table.meta.update({param.name: param.value for param in element.params})
            return table

    def write(self, path: Path) -> None:
        """Write the document."""
        with self._put_in_place():
            self.document.to_xml(str(path))

    def _find(self, name: str) -> int:
        """Find a column's place."""
        return next(i for i, field in enumerate(self.fields) if field.name == name)

    @contextmanager
    def _put_in_place(self) -> Iterator[Any]:
        """Put the rows into the document for a moment: its tree can't be copied without new names for all parts."""
        from astropy.io.votable.tree import Field
        from astropy.utils.collections import HomogeneousList

        element = self.document.get_first_table()
        names = ("_fields", "_all_fields", "array", "_nrows")
        before = [getattr(element, name) for name in names]
        fields = HomogeneousList(Field, list(self.fields))
        for name, value in zip(names, (fields, fields, self.array, None), strict=True):
            setattr(element, name, value)
        try:
            yield element
        finally:
            for name, value in zip(names, before, strict=True):
                setattr(element, name, value)


def read_votable(path: Path) -> VoTable:
    """Read a VOTable.

    Raises
    ------
    InputError
        Where it is none, or holds no table.
    """
    from astropy.io import votable

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # documents in the field break the standard in a hundred harmless ways
        try:
            document = votable.parse(path, verify="ignore")
            document.get_first_table()
        except (ValueError, IndexError, votable.exceptions.VOTableSpecError) as error:
            raise InputError(f"{path}: no VOTable with a table: {error}") from error
    return _open(document)


def make_votable(table: "Table") -> VoTable:
    """Make a document of a table; columns that are times by their UCD get a TIMESYS, and keywords become parameters."""
    from astropy.io.votable.tree import VOTableFile

    bare = table.copy(copy_data=False)
    bare.meta = {key: str(value) for key, value in table.meta.items() if key in _ATTRIBUTES}
    document = VOTableFile.from_table(bare)
    element = document.get_first_table()
    for field in element.fields:
        column = table[field.name]
        if column.dtype.kind in "iu" and hasattr(column, "mask"):
            field.values.null = NO_INTEGER
    _add_time_system(document, element)
    _add_parameters(document, element, table.meta)
    return _open(document)


def _add_time_system(document: Any, element: Any) -> None:
    """Say of the columns of modified Julian dates from when they count; the scale is what the headers had."""
    from astropy.io.votable.tree import TimeSys

    times = [field for field in element.fields if field.ucd == TIME_UCD and str(field.unit) == "d"]
    if times:
        system = TimeSys(ID="mjd_system", timeorigin="MJD-origin", timescale="UNKNOWN", refposition="UNKNOWN")
        document.resources[0].time_systems.append(system)
        for field in times:
            field.ref = system.ID


def _add_parameters(document: Any, element: Any, facts: Mapping[str, Any]) -> None:
    """Put keywords with plain values into the table as parameters."""
    from astropy.io.votable.tree import Param

    for key, value in facts.items():
        if key not in _ATTRIBUTES and isinstance(value, str | int | float):
            element.params.append(Param(document, name=key, datatype="char", arraysize="*", value=str(value)))


def _open(document: Any) -> VoTable:
    """Take the first table out of a document."""
    element = document.get_first_table()
    return VoTable(document, tuple(element.fields), element.array)


def _make_field(document: Any, column: NewColumn) -> Any:
    """Make a column's field."""
    from astropy.io.votable.tree import Field

    kind = column.values.dtype.kind
    field = Field(document, ID=column.name, name=column.name, datatype=_TYPES[kind], ucd=column.ucd or None)
    field.description = column.description
    if kind == "i" and column.missing.any():
        field.values.null = NO_INTEGER
    return field


def _join_rows(names: Sequence[str], columns: Sequence[Any], rows: int) -> Any:
    """Make records of columns."""
    kinds = [(name, column.dtype, column.shape[1:]) for name, column in zip(names, columns, strict=True)]
    array = np.ma.empty(rows, dtype=kinds)
    mask: Any = array.mask
    for name, column in zip(names, columns, strict=True):
        array[name] = np.ma.getdata(column)
        mask[name] = np.ma.getmaskarray(column)
    return array


def _read_text(value: Any) -> str:
    """Read a cell of text."""
    return value.decode() if isinstance(value, bytes) else str(value)
