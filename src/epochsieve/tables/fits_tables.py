"""FITS: one binary table is changed, every other HDU and card stays."""

import gzip
import io
import warnings
from collections.abc import Mapping, Sequence
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

_CODES = {"i": "J", "f": "D", "b": "L"}


@dataclass(frozen=True, eq=False)
class FitsTable:
    """A file with a binary table.

    Attributes
    ----------
    hdus : tuple of HDUs
        The whole file.
    place : int
        Which of them is the table: the first that is one.
    """

    hdus: tuple[Any, ...]
    place: int
    format: Format = Format.FITS

    @property
    def hdu(self) -> Any:
        """The table."""
        return self.hdus[self.place]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that have one value a row."""
        return tuple(name for name in self.hdu.columns.names if self.hdu.data[name].ndim == 1)

    @property
    def facts(self) -> Mapping[str, Any]:
        """The cards of the table's header, and of the primary one where that has more."""
        return {**dict(self.hdus[0].header.items()), **dict(self.hdu.header.items())}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.hdu.data)

    def get(self, name: str) -> NDArray[Any]:
        """Take a column in this machine's byte order; a null integer is NaN."""
        values = np.asarray(self.hdu.data[name])
        if values.dtype.kind in "SU":
            return np.char.rstrip(np.char.decode(values) if values.dtype.kind == "S" else values)
        null = self.hdu.columns[name].null
        if null is not None and values.dtype.kind in "iu":
            return np.where(values == null, np.nan, values)
        return values.astype(values.dtype.newbyteorder("="))

    def get_unit(self, name: str) -> str:
        """Say a column's unit."""
        return self.hdu.columns[name].unit or ""

    def add(self, columns: Sequence[NewColumn]) -> "FitsTable":
        """Add columns; what is missing is NaN, or the null that the column declares."""
        from astropy.io import fits

        new = {column.name: _make_column(column) for column in columns}
        old = {column.name: column for column in self.hdu.columns}
        header = self.hdu.header.copy()
        hdu = fits.BinTableHDU.from_columns(list((old | new).values()), header=header, name=self.hdu.name)
        for column in columns:
            _comment(hdu.header, hdu.columns.names.index(column.name) + 1, column.description, column.ucd)
        return self._replace(hdu)

    def select(self, rows: NDArray[np.bool_]) -> "FitsTable":
        """Keep some rows."""
        from astropy.io import fits

        return self._replace(fits.BinTableHDU(self.hdu.data[rows], self.hdu.header, name=self.hdu.name))

    def to_table(self) -> "Table":
        """Convert to a table."""
        from astropy.table import Table

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of units that are none: they are kept as they are written
            return Table.read(self.hdu, unit_parse_strict="silent")

    def write(self, path: Path) -> None:
        """Write the whole file, with checksums where it had them, compressed where its name says so."""
        from astropy.io import fits

        contents = io.BytesIO()
        checksum = any("CHECKSUM" in hdu.header for hdu in self.hdus)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fits.verify.VerifyWarning)  # of cards that were there before us
            fits.HDUList(list(self.hdus)).writeto(contents, checksum=checksum, output_verify="silentfix")
        packed = path.name.removesuffix(".tmp").endswith(".gz")
        path.write_bytes(gzip.compress(contents.getvalue()) if packed else contents.getvalue())

    def _replace(self, hdu: Any) -> "FitsTable":
        """Put another table in its place."""
        return FitsTable((*self.hdus[: self.place], hdu, *self.hdus[self.place + 1 :]), self.place)


def read_fits(path: Path) -> FitsTable:
    """Read a FITS file with a binary table.

    Raises
    ------
    InputError
        Where it holds none.
    """
    from astropy.io import fits

    contents = path.read_bytes()
    hdus = fits.open(io.BytesIO(contents), memmap=False, lazy_load_hdus=False)
    place = next((i for i, hdu in enumerate(hdus) if isinstance(hdu, fits.BinTableHDU)), None)
    if place is None:
        raise InputError(f"{path}: no HDU holds a binary table")
    return FitsTable(tuple(hdus), place)


def make_fits(table: "Table") -> FitsTable:
    """Make a file of a table; descriptions and UCDs go into TCOMMn and TUCDn, where TOPCAT looks for them."""
    from astropy.io import fits

    told = [(column.info.description or "", (column.info.meta or {}).get("ucd", "")) for column in table.itercols()]
    bare = table.copy()
    for column in bare.itercols():
        column.info.description, column.info.meta = None, None
    bare.meta = {key: value for key, value in table.meta.items() if isinstance(value, str | int | float | bool)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fits.verify.VerifyWarning)  # long keywords become HIERARCH cards
        hdu = fits.table_to_hdu(bare)
    for n, (description, ucd) in enumerate(told, 1):
        _comment(hdu.header, n, description, ucd)
    return FitsTable((fits.PrimaryHDU(), hdu), 1)


def _make_column(column: NewColumn) -> Any:
    """Make a FITS column."""
    from astropy.io import fits

    kind = column.values.dtype.kind
    null = NO_INTEGER if kind == "i" and column.missing.any() else None
    values = column.values if kind == "b" else column.fill().astype("i4" if kind == "i" else "f8")
    return fits.Column(column.name, _CODES[kind], null=null, array=values)


def _comment(header: Any, n: int, description: str, ucd: str) -> None:
    """Write a column's description and UCD behind its name."""
    for key, text in ((f"TUCD{n}", ucd), (f"TCOMM{n}", description)):
        if text:
            header.set(key, text, after=f"TTYPE{n}")
    if description:
        header.comments[f"TTYPE{n}"] = description
