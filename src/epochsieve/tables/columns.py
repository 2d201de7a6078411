"""A column to add to a table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_INTEGER = -(2**31)
"""Stands for a missing integer where a format has no null of its own; it shares no bit with a mask of flags."""


@dataclass(frozen=True, eq=False)
class NewColumn:
    """A column, and what there is to say of it.

    Attributes
    ----------
    name : str
        Its name; a column that has it already is replaced.
    values : ndarray, shape (rows,)
        Integers, floats or booleans.
    missing : ndarray of bool, shape (rows,)
        Where there is no value.
    description : str
        One line.
    ucd : str
        Unified content descriptor, as the IVOA words them.
    """

    name: str
    values: NDArray[Any]
    missing: NDArray[np.bool_]
    description: str = ""
    ucd: str = ""

    def select(self, rows: NDArray[np.bool_]) -> "NewColumn":
        """Keep some rows."""
        return NewColumn(self.name, self.values[rows], self.missing[rows], self.description, self.ucd)

    def fill(self) -> NDArray[Any]:
        """Put NaN, or the integer that stands for it, where there is no value."""
        filler = np.nan if self.values.dtype.kind == "f" else NO_INTEGER
        return np.where(self.missing, self.values.dtype.type(filler), self.values)
