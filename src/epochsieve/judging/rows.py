"""A row for every epoch: what a method knows of the usable ones, and the status of the others."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from epochsieve.vocabulary.findings import Findings, describe_column
from epochsieve.vocabulary.flags import Flag, decode_flags
from epochsieve.vocabulary.series import CutoutSeries

_FILL: dict[str, Any] = {"str": "", "bool": False, "int32": 0, "float32": np.nan, "float64": np.nan}


def build_findings(series: CutoutSeries, columns: Mapping[str, ArrayLike], settings: Mapping[str, Any]) -> Findings:
    """Make findings of what a method found in a series.

    Parameters
    ----------
    series : CutoutSeries
        The series that was judged; it gives `object`, `file`, `epoch`, `mjd`, `quality`, `status`, and `fwhm` where
        the method does not.
    columns : mapping of str to array_like, shape (usable epochs,) or scalar
        Columns of the findings schema for the usable epochs, in the series' order. `threshold` may be a scalar, and
        then holds for the unusable epochs too. `reasons` are decoded from `flags`.
    settings : mapping
        What the scores depend on, as `Method.describe` states it.

    Returns
    -------
    Findings
        One row per epoch, in the series' order. Unusable epochs are flagged as unreadable, with no score.

    Raises
    ------
    ValueError
        Where a column has neither one value nor one per usable epoch.
    """
    table = {"fwhm": _header_seeing(series), **_name_rows(series)}
    table |= {name: _spread(series, name, np.asarray(values)) for name, values in columns.items()}
    flags = table.get("flags", np.zeros(len(series), np.int32))
    table["flags"] = np.where(series.usable, flags, int(Flag.UNREADABLE))
    table["flagged"] = np.where(series.usable, table.get("flagged", np.zeros(len(series), bool)), True)
    table["reasons"] = np.array([decode_flags(int(mask)) for mask in table["flags"]], object)
    return Findings(table, settings, {series.name: series.origin} if series.origin else None)


def _name_rows(series: CutoutSeries) -> dict[str, NDArray[Any]]:
    """List what the series itself says of every epoch."""
    return {
        "object": np.full(len(series), series.name, object),
        "file": np.array([epoch.file for epoch in series.epochs], object),
        "epoch": np.arange(1, len(series) + 1, dtype=np.int32),
        "mjd": np.array([epoch.mjd for epoch in series.epochs]),
        "quality": np.array([epoch.quality for epoch in series.epochs], np.int32),
        "status": np.array([epoch.status for epoch in series.epochs], object),
    }


def _header_seeing(series: CutoutSeries) -> NDArray[np.float32]:
    """List the seeing that the headers gave, NaN where they did not."""
    return np.array([epoch.fwhm for epoch in series.epochs], np.float32)


def _spread(series: CutoutSeries, name: str, values: NDArray[Any]) -> NDArray[Any]:
    """Put a usable epochs' column into a column of all epochs; a scalar threshold holds everywhere."""
    if name == "threshold" and values.ndim == 0:
        return np.full(len(series), float(values))
    kind = describe_column(name).dtype
    column = np.full(len(series), _FILL[kind], object if kind == "str" else kind)
    column[series.usable] = values
    return column
