"""ECSV, by astropy: units, descriptions, metadata and times are the table's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.tables.columns import NewColumn
from epochsieve.tables.formats import Format
from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from astropy.table import Table


@dataclass(frozen=True, eq=False)
class EcsvTable:
    """A table of astropy's.

    Attributes
    ----------
    table : astropy.table.Table
        The rows, with all that is known of them.
    delimiter : str
        What stands between cells.
    """

    table: Any
    delimiter: str = " "
    format: Format = Format.ECSV

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that have one value a row."""
        return tuple(name for name in self.table.colnames if self.table[name].ndim == 1)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The table's metadata."""
        return {str(key).upper(): value for key, value in self.table.meta.items()}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.table)

    def get(self, name: str) -> NDArray[Any]:
        """Take a column; times are modified Julian dates, and masked numbers are NaN."""
        column = self.table[name]
        if hasattr(column, "mjd"):
            return np.asarray(np.ma.filled(np.ma.MaskedArray(column.mjd), np.nan), float)
        if hasattr(column, "mask") and column.dtype.kind in "iuf":
            return np.asarray(np.ma.filled(np.ma.MaskedArray(column, dtype=float), np.nan))
        return np.asarray(np.ma.getdata(column))

    def get_unit(self, name: str) -> str:
        """Say a column's unit."""
        return str(getattr(self.table[name], "unit", None) or "")

    def add(self, columns: Sequence[NewColumn]) -> "EcsvTable":
        """Add columns; what is missing is masked."""
        table = self.table.copy(copy_data=False)
        for column in columns:
            table[column.name] = make_column(column)
        return EcsvTable(table, self.delimiter)

    def select(self, rows: NDArray[np.bool_]) -> "EcsvTable":
        """Keep some rows."""
        return EcsvTable(self.table[rows], self.delimiter)

    def to_table(self) -> "Table":
        """Return the table."""
        return self.table

    def write(self, path: Path) -> None:
        """Write it."""
        self.table.write(path, format="ascii.ecsv", delimiter=self.delimiter, overwrite=True)


def read_ecsv(path: Path) -> EcsvTable:
    """Read an ECSV file.

    Raises
    ------
    InputError
        Where it is none.
    """
    from astropy.table import Table

    try:
        table = Table.read(path, format="ascii.ecsv")
    except Exception as error:  # a broken header raises anything, YAML's own errors included
        raise InputError(f"{path}: no ECSV table: {' '.join(str(error).split())}") from error
    head = path.read_text("utf-8").split("# datatype:", 1)[0]
    return EcsvTable(table, "," if "delimiter: ','" in head else " ")


def make_column(column: NewColumn) -> Any:
    """Make a column of astropy's."""
    from astropy.table import Column, MaskedColumn

    facts = {"description": column.description, "meta": {"ucd": column.ucd} if column.ucd else None}
    if column.missing.any() and column.values.dtype.kind != "f":
        return MaskedColumn(column.values, mask=column.missing, **facts)
    return Column(column.fill() if column.values.dtype.kind == "f" else column.values, **facts)
