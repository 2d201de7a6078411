"""The room's doors: a table from a file of any format, and a table of one format from one of another."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from epochsieve.tables.contract import TableFile
from epochsieve.tables.csv_tables import make_csv, read_csv
from epochsieve.tables.ecsv_tables import EcsvTable, read_ecsv
from epochsieve.tables.fits_tables import make_fits, read_fits
from epochsieve.tables.formats import Format, sniff_format
from epochsieve.tables.parquet_tables import make_parquet, read_parquet
from epochsieve.tables.votables import make_votable, read_votable
from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from astropy.table import Table

_READERS: dict[Format, Callable[[Path], TableFile]] = {
    Format.CSV: read_csv,
    Format.ECSV: read_ecsv,
    Format.FITS: read_fits,
    Format.VOTABLE: read_votable,
    Format.PARQUET: read_parquet,
}
_MAKERS: dict[Format, Callable[["Table"], TableFile]] = {
    Format.CSV: make_csv,
    Format.ECSV: EcsvTable,
    Format.FITS: make_fits,
    Format.VOTABLE: make_votable,
    Format.PARQUET: make_parquet,
}


def read_table(path: Path, nested: str = "") -> TableFile:
    """Read a table of any format that `Format` lists, told by its content.

    Parameters
    ----------
    path : Path
        The file.
    nested : str, optional
        Parquet: the column that holds light curves in lists; the first that could if left out.

    Returns
    -------
    TableFile
        With everything that the file holds, to be written again.

    Raises
    ------
    InputError
        Where the file can't be read, or is no table.
    """
    kind = sniff_format(path)
    if nested and kind is Format.PARQUET:
        return read_parquet(path, nested)
    try:
        return _READERS[kind](path)
    except InputError:
        raise
    except Exception as error:  # a broken file raises anything, from KeyError to struct.error
        raise InputError(f"{path}: no readable {kind.value} table: {' '.join(str(error).split())}") from error


def convert_table(table: TableFile, kind: Format) -> TableFile:
    """Convert a table to another format; one that has it already stays as it is.

    Parameters
    ----------
    table : TableFile
        Of any format.
    kind : Format
        The one that is wanted.

    Returns
    -------
    TableFile
        Units, descriptions and metadata go as far as the format has a place for them.
    """
    return table if table.format is kind else make_table(table.to_table(), kind)


def make_table(table: "Table", kind: Format) -> TableFile:
    """Make a file's table of astropy's.

    Parameters
    ----------
    table : astropy.table.Table
        With units and descriptions; UCDs in its columns' `meta`.
    kind : Format
        The format to be written.

    Returns
    -------
    TableFile
        Ready to be written.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of units and keywords that a format has no place for
        return _MAKERS[kind](table)
