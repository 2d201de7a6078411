"""The findings schema, and findings: one row per epoch, never fewer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.arrow import make_array
from epochsieve.vocabulary.displays import MOST_ROWS, tabulate_rows
from epochsieve.vocabulary.errors import SettingError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from astropy.table import QTable


@dataclass(frozen=True)
class Column:
    """One column of the findings.

    Attributes
    ----------
    name : str
        Column name.
    dtype : str
        NumPy type: ``"str"``, ``"bool"``, ``"int32"``, ``"float32"`` or ``"float64"``. A missing float is NaN
        in memory and null on disk.
    unit : str
        In the FITS convention (``"d"``, ``"pix"``); empty where dimensionless or the image's own.
    description : str
        One line, as shown in TOPCAT's column list.
    ucd : str
        Unified content descriptor, in the words of the IVOA; exports carry it.
    """

    name: str
    dtype: str
    unit: str
    description: str
    ucd: str = ""


SCHEMA: tuple[Column, ...] = (
    Column("object", "str", "", "object: name of its folder", "meta.id;meta.main"),
    Column("file", "str", "", "file name without folder", "meta.id;meta.file"),
    Column("epoch", "int32", "", "1.. in time order (by file name where there is no time)", "meta.number"),
    Column("mjd", "float64", "d", "mid-exposure time, modified Julian date", "time.epoch"),
    Column("score", "float64", "", "minus log10 of the false-alarm probability; larger is worse", "stat.value"),
    Column("threshold", "float64", "", "score from which an epoch is flagged", "stat.param"),
    Column("flagged", "bool", "", "score >= threshold, or the image is unusable", "meta.code.qual"),
    Column("flags", "int32", "", "bit mask of reasons; 0 is good", "meta.code.qual"),
    Column("reasons", "str", "", "names of the set bits, comma-separated", "meta.note"),
    Column("x", "float32", "pix", "column of the worst of it, 0-based pixel of the cutout", "pos.cartesian.x"),
    Column("y", "float32", "pix", "row of the worst of it, 0-based pixel of the cutout", "pos.cartesian.y"),
    Column("distance", "float64", "", "first-neighbour distance in feature space", "stat.value"),
    Column("background", "float32", "", "background level, image units", "instr.background"),
    Column("noise", "float32", "", "background noise per pixel, image units", "stat.stdev;instr.background"),
    Column("fwhm", "float32", "pix", "seeing: full width at half maximum of a point source", "instr.obsty.seeing"),
    Column("flux", "float64", "", "quick-look aperture flux of the central source, image units", "phot.flux"),
    Column("flux_error", "float64", "", "its one-sigma error, image units", "stat.error;phot.flux"),
    Column("quality", "int32", "", "the mission's own flags, a bit mask; 0 where it gives none", "meta.code"),
    Column("status", "str", "", "ok, or what was wrong with the file", "meta.note"),
)
"""The columns that every findings table has, in order; the detectors' raw scores, ``score_*``, follow `y`."""

_NAMES = tuple(column.name for column in SCHEMA)
_MISSING: dict[str, Any] = {"str": "", "bool": False, "int32": 0, "float32": np.nan, "float64": np.nan}


@lru_cache(maxsize=256)  # asked for each column of each object
def describe_column(name: str) -> Column:
    """Look a column up in the schema, the detectors' ``score_*`` columns included."""
    if name.startswith("score_"):
        told = f"raw score of the detector {name.removeprefix('score_')}, before calibration"
        return Column(name, "float64", "", told, "stat.value")
    return SCHEMA[_NAMES.index(name)]


class Findings:
    """What was found: a column per name of the schema, a row per epoch.

    Columns are read by name, ``findings["score"]`` or ``findings.score``, as read-only NumPy arrays.

    Attributes
    ----------
    columns : mapping of str to ndarray, shape (rows,)
        All columns, in the schema's order.
    settings : dict
        What the scores depend on.
    origins : dict of str to str
        Where each object's images were read from, as far as known; pictures need it.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (rows,)
        Columns of the schema, and any ``score_*``. Columns that are left out are filled with "missing".
    settings : mapping, optional
        What the scores depend on, as `Method.describe` states it.
    origins : mapping of str to str, optional
        The folder of each object's images.

    Raises
    ------
    SettingError
        Where a column has a name outside the schema or another length than the rest.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        extra = sorted(name for name in columns if name.startswith("score_"))
        unknown = set(columns) - set(_NAMES) - set(extra)
        lengths = {len(values) for values in columns.values()}
        if unknown or len(lengths) > 1:
            raise SettingError(f"not findings: unknown columns {sorted(unknown)}, lengths {sorted(lengths)}")
        rows = lengths.pop() if lengths else 0
        after = _NAMES.index("y") + 1
        names = (*_NAMES[:after], *extra, *_NAMES[after:])
        self.columns = MappingProxyType({name: _freeze(name, columns.get(name), rows) for name in names})
        self.settings = dict(settings or {})
        self.origins = dict(origins or {})

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column."""
        return self.columns[name]

    def __getattr__(self, name: str) -> NDArray[Any]:
        """Return a column, as an attribute."""
        columns: Mapping[str, NDArray[Any]] = self.__dict__.get("columns", {})
        if name not in columns:
            raise AttributeError(f"findings have no column {name!r}; they have {', '.join(columns)}")
        return columns[name]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by content, for workers in other processes."""
        return Findings, (dict(self.columns), self.settings, self.origins)

    def __dir__(self) -> list[str]:
        """List the columns among the attributes, for completion."""
        return [*super().__dir__(), *self.columns]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.columns["object"])

    def __repr__(self) -> str:
        """Sum up in one line."""
        objects = len(set(self["object"]))
        return f"<Findings: {len(self)} epochs of {objects} objects, {int(self['flagged'].sum())} flagged>"

    def _repr_html_(self) -> str:
        """Show the worst rows in a notebook."""
        score = np.where(self["flagged"], np.inf, np.nan_to_num(self["score"], nan=-np.inf))
        order = np.lexsort((-np.nan_to_num(self["score"], nan=-np.inf), -score))[:MOST_ROWS]
        return tabulate_rows(repr(self).strip("<>"), self.select(order).rows(), len(self) - len(order))

    def select(self, rows: NDArray[Any] | slice) -> "Findings":
        """Keep some rows.

        Parameters
        ----------
        rows : ndarray of bool or int, or slice
            Mask, row numbers or slice.

        Returns
        -------
        Findings
            The chosen rows, in the order asked for.
        """
        return Findings({name: column[rows] for name, column in self.columns.items()}, self.settings, self.origins)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Iterate over the rows as dictionaries of plain Python values."""
        columns = [column.tolist() for column in self.columns.values()]
        return (dict(zip(self.columns, row, strict=True)) for row in zip(*columns, strict=True))

    def to_table(self) -> "QTable":
        """Convert to an `astropy.table.QTable` with units and descriptions."""
        from astropy.table import QTable

        table = QTable(
            {name: column.astype(str) if column.dtype == object else column for name, column in self.columns.items()},
            units={name: unit for name in self.columns if (unit := describe_column(name).unit)},
            descriptions={name: describe_column(name).description for name in self.columns},
        )
        for name in self.columns:
            table[name].info.meta = {"ucd": describe_column(name).ucd}
        table.meta.update(self.settings)
        return table

    def to_pandas(self) -> "pd.DataFrame":
        """Convert to a `pandas.DataFrame`; needs pandas."""
        import pandas as pd

        return pd.DataFrame(dict(self.columns))

    def to_arrow(self) -> "pa.Table":
        """Convert to a `pyarrow.Table`; missing floats become nulls."""
        import pyarrow as pa

        fields = []
        for name in self.columns:
            column = describe_column(name)
            metadata = {"unit": column.unit, "description": column.description, "ucd": column.ucd}
            kind = {"str": "string", "bool": "bool_"}.get(column.dtype, column.dtype)
            fields.append(pa.field(name, getattr(pa, kind)(), metadata={k: v for k, v in metadata.items() if v}))
        schema = pa.schema(fields)
        columns = zip(self.columns.values(), schema.types, strict=True)
        return pa.Table.from_arrays([make_array(column, kind) for column, kind in columns], schema=schema)


def concatenate_findings(parts: Iterable[Findings]) -> Findings:
    """Put findings below each other.

    Parameters
    ----------
    parts : iterable of Findings
        Any number; a ``score_*`` column that one part lacks is NaN there. The settings are the first part's.

    Returns
    -------
    Findings
        All rows, in the order given.
    """
    tables = list(parts)
    names = dict.fromkeys(name for table in tables for name in table.columns)
    columns = {name: np.concatenate([_column_or_missing(table, name) for table in tables]) for name in names}
    origins = {name: origin for table in tables for name, origin in table.origins.items()}
    return Findings(columns, tables[0].settings if tables else None, origins)


def _column_or_missing(table: Findings, name: str) -> NDArray[Any]:
    """Return a table's column, or NaNs where it has none."""
    return table[name] if name in table.columns else np.full(len(table), np.nan)


def _freeze(name: str, values: Any, rows: int) -> NDArray[Any]:
    """Copy one column into its type and make it read-only."""
    kind = describe_column(name).dtype
    dtype: Any = object if kind == "str" else kind
    frozen = np.full(rows, _MISSING[kind], dtype) if values is None else np.array(values, dtype)
    if kind == "str" and not _can_be_written("".join(frozen)):
        frozen[:] = [text.encode(errors="backslashreplace").decode() for text in frozen]
    frozen.flags.writeable = False
    return frozen


def _can_be_written(text: str) -> bool:
    """Tell whether text is Unicode: the name of a file may hold bytes that are none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
