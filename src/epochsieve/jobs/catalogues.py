"""A user's catalogue: which columns are the name and the place of an object."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.frames.catalogue import Catalogue
from epochsieve.tables.files import read_table
from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from astropy.table import Table

_NAMES = {
    "id": (
        "id",
        "object",
        "name",
        "objectid",
        "object_id",
        "objid",
        "obj_id",
        "source_id",
        "source",
        "main_id",
        "designation",
        "number",
        "oid",
        "starid",
        "iauname",
    ),
    "ra": (
        "ra",
        "raj2000",
        "_raj2000",
        "ra_j2000",
        "ra_icrs",
        "ra_deg",
        "radeg",
        "ramean",
        "alpha_j2000",
        "alphawin_j2000",
        "alpha",
        "ra2000",
    ),
    "dec": (
        "dec",
        "dej2000",
        "_dej2000",
        "decj2000",
        "dec_j2000",
        "de_icrs",
        "dec_deg",
        "decdeg",
        "dedeg",
        "decmean",
        "delta_j2000",
        "deltawin_j2000",
        "delta",
        "dec2000",
    ),
}
_UCDS = {
    "id": ("meta.id;meta.main", "id_main", "meta.id"),
    "ra": ("pos.eq.ra;meta.main", "pos_eq_ra_main", "pos.eq.ra"),
    "dec": ("pos.eq.dec;meta.main", "pos_eq_dec_main", "pos.eq.dec"),
}


@dataclass(frozen=True)
class CatalogueColumns:
    """Columns that the user names; empty for those to be found.

    Attributes
    ----------
    name, ra, dec : str
        Column names.
    """

    name: str = ""
    ra: str = ""
    dec: str = ""


def read_catalogue(path: Path, columns: CatalogueColumns) -> Catalogue:
    """Read a catalogue of any format that `epochsieve.tables` reads.

    Parameters
    ----------
    path : Path
        CSV, ECSV, FITS, VOTable or Parquet.
    columns : CatalogueColumns
        Those that the user names. Else a column is found by its UCD where that says that it is the main one, by one of
        the usual names, or by any UCD that fits. Objects are numbered where no column names them.

    Returns
    -------
    Catalogue
        Places in degrees, whatever the table's unit; text is sexagesimal, hours for the right ascension.

    Raises
    ------
    InputError
        Where a column is missing, a name stands twice, or a place is none.
    """
    table = read_table(path).to_table()
    ra, dec = (_find_column(table, kind, given, path) for kind, given in (("ra", columns.ra), ("dec", columns.dec)))
    if ra is None or dec is None:
        raise InputError(f"{path}: no columns of right ascension and declination among {', '.join(table.colnames)}")
    name = _find_column(table, "id", columns.name, path)
    names = _number(len(table)) if name is None else [_spell(value) for value in table[name]]
    twice = next((one for one in names if names.count(one) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None or not all(names):
        raise InputError(f"{path}: {'an object has no name' if twice is None else f'{twice} stands there twice'}")
    places = _to_degrees(table, ra, "hourangle"), _to_degrees(table, dec, "deg")
    wrong = ~(np.isfinite(places[0]) & (np.abs(places[1]) <= 90))  # noqa: PLR2004 - a pole's declination
    if wrong.any() or not len(table):
        which = f"{names[int(np.argmax(wrong))]} has no place in the sky" if len(table) else "the catalogue is empty"
        raise InputError(f"{path}: {which}")
    return Catalogue(tuple(names), places[0] % 360, places[1])


def _find_column(table: "Table", kind: str, given: str, path: Path) -> str | None:
    """Find the column of one kind."""
    if given:
        if given not in table.colnames:
            raise InputError(f"{path}: no column {given} among {', '.join(table.colnames)}")
        return given
    ucds = {_get_ucd(table[name]): name for name in reversed(table.colnames)}
    named = {name.lower(): name for name in reversed(table.colnames)}
    wanted = _UCDS[kind]
    return _take_first(ucds, wanted[:2]) or _take_first(named, _NAMES[kind]) or _take_first(ucds, wanted[2:])


def _take_first(found: dict[str, str], wanted: Sequence[str]) -> str | None:
    """Take the first that is there."""
    return next((found[key] for key in wanted if key in found), None)


def _get_ucd(column: Any) -> str:
    """Read a column's UCD, where its format has one."""
    return str((getattr(column, "meta", None) or {}).get("ucd", "")).lower()


def _number(count: int) -> list[str]:
    """Count objects from 1."""
    return [f"{number:0{len(str(count))}d}" for number in range(1, count + 1)]


def _spell(value: Any) -> str:
    """Spell a name; a whole number without a fraction."""
    if np.ma.is_masked(value):
        return ""
    text = value.decode() if isinstance(value, bytes) else str(value)
    whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if whole else text.strip()


def _to_degrees(table: "Table", name: str, sexagesimal: str) -> NDArray[np.float64]:
    """Convert a column of angles."""
    from astropy import units
    from astropy.coordinates import Angle

    column = table[name]
    values = np.ma.filled(np.ma.MaskedArray(column, dtype=float), np.nan) if column.dtype.kind in "iuf" else column
    try:
        if column.dtype.kind in "iuf":
            unit = getattr(column, "unit", None) or units.deg
            return np.asarray(units.Quantity(np.asarray(values, float), unit).to_value(units.deg), float)
        return np.asarray(Angle([str(value) for value in column], unit=sexagesimal).deg, float)
    except (ValueError, TypeError, units.UnitsError) as error:
        raise InputError(f"column {name} is no angle: {' '.join(str(error).split())}") from error
