"""Which columns of a light-curve table say what, by the names that the field gives them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from epochsieve.tables.contract import TableFile
from epochsieve.vocabulary.errors import InputError, SettingError

OBJECT_NAMES = (
    "object",
    "object_id",
    "objectid",
    "objid",
    "oid",
    "diaobjectid",
    "source_id",
    "sourceid",
    "source",
    "star",
    "target",
    "id",
    "name",
)
FILE_NAMES = ("file", "filename", "file_name", "image", "frame", "cutout")
EPOCH_NAMES = ("epoch", "epoch_number")
TIME_NAMES = (
    "mjd",
    "obsmjd",
    "obs_mjd",
    "mjd_obs",
    "mjd-obs",
    "midpointmjdtai",
    "time",
    "bjd",
    "hjd",
    "jd",
    "t",
    "date",
)
BRIGHTNESS_NAMES = (
    "flux",
    "pdcsap_flux",
    "sap_flux",
    "psfflux",
    "psf_flux",
    "forcediffimflux",
    "mag",
    "magnitude",
    "magpsf",
    "psfmag",
    "psf_mag",
)
ERROR_SHAPES = ("{}_err", "{}_error", "{}err", "{}error", "e_{}", "err_{}", "sigma_{}", "{}_sigma", "sigma{}")
BAND_NAMES = ("band", "filter", "filtercode", "passband", "fid")

WAYS = ("file", "epoch", "time")
"""How a point may be told which epoch it is of, the surest first."""


@dataclass(frozen=True)
class Wishes:
    """Columns as a user names them; what is left empty is found by its name.

    Attributes
    ----------
    on : str
        One of `WAYS`; empty for the first that the table allows.
    object, key, flux, error : str
        Columns of the object, of the file, epoch number or time, of the brightness and of its error.
    time_zero : float or None
        The modified Julian date that times count from.
    """

    on: str = ""
    object: str = ""
    key: str = ""
    flux: str = ""
    error: str = ""
    time_zero: float | None = None


@dataclass(frozen=True)
class Choice:
    """The columns that were chosen; empty where there is none.

    Attributes
    ----------
    on : str
        One of `WAYS`.
    key, object, flux, error, band : str
        Names of columns.
    time_zero : float or None
        The modified Julian date that times count from, where a user said so.
    """

    on: str
    key: str
    object: str
    flux: str
    error: str
    band: str
    time_zero: float | None = None


def choose_columns(table: TableFile, wishes: Wishes, where: str) -> Choice:
    """Choose a table's columns.

    Parameters
    ----------
    table : TableFile
        A light curve, or many.
    wishes : Wishes
        What the user said.
    where : str
        What to call the table in an error.

    Returns
    -------
    Choice
        Which column says what.

    Raises
    ------
    InputError
        Where a column that was named is not there, or none says which epoch a point is of.
    SettingError
        Where there is no such way to join.
    """
    if wishes.on and wishes.on not in WAYS:
        raise SettingError(f"can't join on {wishes.on!r}: choose {', '.join(WAYS)}")
    for name in (wishes.object, wishes.key, wishes.flux, wishes.error):
        if name and name not in table.names:
            raise InputError(f"{where}: no column {name!r}; there are {', '.join(table.names)}")
    on, key = _choose_key(table, wishes, where)
    flux = wishes.flux or _find(table, BRIGHTNESS_NAMES)
    error = wishes.error or _find(table, [shape.format(flux.lower()) for shape in ERROR_SHAPES] if flux else ())
    objects, band = wishes.object or _find(table, OBJECT_NAMES), _find(table, BAND_NAMES)
    return Choice(on, key, objects, flux, error, band, wishes.time_zero)


def _choose_key(table: TableFile, wishes: Wishes, where: str) -> tuple[str, str]:
    """Choose how points find their epochs, and the column that says it."""
    looks: dict[str, Callable[[], str]] = {
        "file": lambda: _find(table, FILE_NAMES, "U"),
        "epoch": lambda: _find(table, EPOCH_NAMES, "iu"),
        "time": lambda: _find(table, TIME_NAMES, "f") or _find(table, EPOCH_NAMES, "f"),
    }
    for on in [wishes.on] if wishes.on else WAYS:
        if key := wishes.key or looks[on]():
            return (on if wishes.on or not wishes.key else _guess_way(table, key)), key
    raise InputError(f"{where}: no column says which epoch a row is of; --on and --key tell ({', '.join(table.names)})")


def _guess_way(table: TableFile, key: str) -> str:
    """Tell by a column's type how it names epochs."""
    kind = table.get(key).dtype.kind
    return "file" if kind in "UO" else "epoch" if kind in "iu" else "time"


def _find(table: TableFile, names: Iterable[str], kinds: str = "") -> str:
    """Find the first of some names among a table's columns, in any case, and of a kind of values."""
    known = {name.lower(): name for name in reversed(table.names)}
    there = (known[name] for name in names if name in known)
    return next((name for name in there if not kinds or table.get(name).dtype.kind in kinds), "")
