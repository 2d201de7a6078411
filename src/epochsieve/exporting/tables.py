"""Findings as a table that explains itself."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.findings import Column, Findings, describe_column
from epochsieve.vocabulary.flags import Flag

if TYPE_CHECKING:
    from astropy.table import Table

ExtraColumn = tuple[Column, NDArray[Any]]
"""A column that is none of the findings' own, with its values, shape (rows,)."""


def lay_out_findings(findings: Findings, version: str, extra: Iterable[ExtraColumn] = ()) -> "Table":
    """Lay findings out as a table with units, descriptions and UCDs.

    Parameters
    ----------
    findings : Findings
        Any rows.
    version : str
        Of the package, to be stated.
    extra : iterable of ExtraColumn
        Columns that stand behind the findings' own: verdicts, for one.

    Returns
    -------
    astropy.table.Table
        Its `meta` says which method it was, and under ``FLAG1`` to ``FLAG8192`` what each bit of `flags` means.
    """
    from astropy.table import Table

    named: list[ExtraColumn] = [(describe_column(name), values) for name, values in findings.columns.items()]
    columns = [_make_column(column, values) for column, values in [*named, *extra]]
    return Table(columns, meta=_describe(findings, version))


def _make_column(column: Column, values: NDArray[Any]) -> Any:
    """Make a column of astropy's."""
    from astropy import table

    typed = values.astype(np.str_) if column.dtype == "str" else values.astype(column.dtype)
    meta = {"ucd": column.ucd} if column.ucd else None
    return table.Column(typed, column.name, unit=column.unit or None, description=column.description, meta=meta)


def _describe(findings: Findings, version: str) -> dict[str, str]:
    """State what a reader must know who has the table alone."""
    facts = {
        "name": "epochsieve findings",
        "description": "Epochs of image time series, and which of them are spoilt",
        "CREATOR": f"epochsieve {version}",
        "METHOD": str(findings.settings.get("method", "")),
    }
    return facts | {f"FLAG{flag.value}": f"{(flag.name or '').lower()}: {flag.meaning}" for flag in Flag}
