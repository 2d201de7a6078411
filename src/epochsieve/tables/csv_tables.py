"""CSV as text: a cell that nobody asked about is written as it was read, leading zeros and all."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.tables.columns import NewColumn
from epochsieve.tables.formats import Format
from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from astropy.table import Table

_COMMENTS = re.compile(r"(\s*\n|#.*\n)*")
_DELIMITERS = ",;\t|"
_MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "--"})
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, eq=False)
class CsvTable:
    """A table of text.

    Attributes
    ----------
    cells : mapping of str to list of str
        Columns by name, in order.
    comments : tuple of str
        Lines before the header.
    delimiter : str
        What stands between cells.
    """

    cells: Mapping[str, list[str]]
    comments: tuple[str, ...] = ()
    delimiter: str = ","
    format: Format = Format.CSV

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self.cells)

    @property
    def facts(self) -> Mapping[str, Any]:
        """Nothing: CSV has no place for it."""
        return {}

    def __len__(self) -> int:
        """Count the rows."""
        return len(next(iter(self.cells.values()), []))

    def get(self, name: str) -> NDArray[Any]:
        """Take a column, as numbers where it spells them: see `read_cells`."""
        values, missing = read_cells(self.cells[name])
        return np.where(missing, np.nan, values) if missing.any() and values.dtype.kind in "if" else values

    def get_unit(self, name: str) -> str:  # noqa: ARG002 - the seam's
        """Say nothing: CSV has no place for units."""
        return ""

    def add(self, columns: Sequence[NewColumn]) -> "CsvTable":
        """Add columns; what is missing is an empty cell."""
        new = {column.name: write_cells(column.values, column.missing) for column in columns}
        return replace(self, cells={**self.cells, **new})

    def select(self, rows: NDArray[np.bool_]) -> "CsvTable":
        """Keep some rows."""
        return replace(self, cells={name: list(compress(cells, rows)) for name, cells in self.cells.items()})

    def to_table(self) -> "Table":
        """Convert to a table with numbers where columns spell them."""
        from astropy.table import MaskedColumn, Table

        typed = {name: read_cells(cells) for name, cells in self.cells.items()}
        columns = {
            name: MaskedColumn(values, mask=missing) if missing.any() and values.dtype.kind != "U" else values
            for name, (values, missing) in typed.items()
        }
        return Table(columns)

    def write(self, path: Path) -> None:
        """Write it as it was, cells quoted where they must be."""
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(f"{line}\n" for line in self.comments)
            writer = csv.writer(file, delimiter=self.delimiter, lineterminator="\n")
            writer.writerow(self.cells)
            writer.writerows(zip(*self.cells.values(), strict=True))


def read_csv(path: Path) -> CsvTable:
    """Read a CSV file; lines before the header that begin with # are comments.

    Raises
    ------
    InputError
        Where rows have other lengths than the header, or two columns one name.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a table: neither text nor a known format") from None
    comments = _COMMENTS.match(text)
    start = comments.end() if comments else 0
    delimiter = max(_DELIMITERS, key=text[start:].partition("\n")[0].count)
    rows = [row for row in csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter) if row]
    if not rows or len(set(rows[0])) < len(rows[0]):
        raise InputError(f"{path}: a CSV table begins with a row of different names")
    wrong = next((n for n, row in enumerate(rows, 1) if len(row) != len(rows[0])), None)
    if wrong is not None:
        raise InputError(f"{path}: row {wrong} has {len(rows[wrong - 1])} cells, the header {len(rows[0])}")
    columns = list(map(list, zip(*rows[1:], strict=True))) or [[] for _ in rows[0]]
    names = [name.strip() for name in rows[0]]
    return CsvTable(dict(zip(names, columns, strict=True)), tuple(text[:start].splitlines()), delimiter)


def make_csv(table: "Table") -> CsvTable:
    """Spell a table out."""
    cells = {}
    for name in table.colnames:
        column = table[name]
        values = column.mjd if hasattr(column, "mjd") else np.ma.getdata(column)
        missing = np.ma.getmaskarray(column) if hasattr(column, "mask") else np.zeros(len(table), bool)
        cells[name] = write_cells(np.asarray(values), missing)
    return CsvTable(cells)


def read_cells(cells: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Read cells as integers, floats or booleans where all of them are that, and as text otherwise.

    Parameters
    ----------
    cells : sequence of str
        One column. Numbers with leading zeros are names, not numbers.

    Returns
    -------
    values : ndarray, shape (rows,)
        Zero, NaN or empty where a cell is missing.
    missing : ndarray of bool, shape (rows,)
        Where a cell is empty or says that nothing is known.
    """
    stripped = [cell.strip() for cell in cells]
    missing = np.array([cell.lower() in _MISSING for cell in stripped], bool)
    given = list(compress(stripped, ~missing))
    for convert in (_read_integers, _read_floats, _read_truths):
        values = convert(given)
        if given and values is not None:
            filled = np.full(len(cells), np.nan if values.dtype.kind == "f" else 0, values.dtype)
            filled[~missing] = values
            return filled, missing
    return np.array(cells, dtype=np.str_), missing


def write_cells(values: NDArray[Any], missing: NDArray[np.bool_]) -> list[str]:
    """Spell a column, numbers so that they read back the same; what is missing, or NaN, is an empty cell."""
    if values.dtype.kind == "f":
        missing = missing | np.isnan(values)
        texts = map(str, values.tolist() if values.dtype.itemsize == 8 else values)  # noqa: PLR2004 - of a double
    else:
        texts = map(str, values.tolist())
    return ["" if gone else text for text, gone in zip(texts, missing, strict=True)]


def _read_integers(cells: list[str]) -> NDArray[Any] | None:
    """Read integers that are spelt as we would; None where one is not."""
    try:
        numbers = [int(cell) for cell in cells]
        same = all(str(number) == cell for number, cell in zip(numbers, cells, strict=True))
        return np.array(numbers, np.int64) if same else None
    except (ValueError, OverflowError):
        return None


def _read_floats(cells: list[str]) -> NDArray[Any] | None:
    """Read floats; None where a cell is none, or a name of digits."""
    if any(cell[:1] == "0" and cell.isdecimal() and cell != "0" for cell in cells):
        return None
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return None


def _read_truths(cells: list[str]) -> NDArray[Any] | None:
    """Read booleans; None where a cell is none."""
    truths = [_TRUTHS.get(cell.lower()) for cell in cells]
    return None if None in truths else np.array(truths, bool)
