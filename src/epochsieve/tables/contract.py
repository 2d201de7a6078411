"""The seam: what every format's table offers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from epochsieve.tables.columns import NewColumn
from epochsieve.tables.formats import Format

if TYPE_CHECKING:
    from astropy.table import Table


class TableFile(Protocol):
    """A table as it was in its file; what changes it makes another one and leaves the rest of the file as it is."""

    @property
    def format(self) -> Format:
        """What it was written in."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that have one value a row."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What stands beside the rows, by key in capitals."""

    def __len__(self) -> int:
        """Count the rows."""

    def get(self, name: str) -> NDArray[Any]:
        """Take a column: numbers, with NaN for what is missing, or text; times are modified Julian dates."""

    def get_unit(self, name: str) -> str:
        """Say a column's unit; empty where none is given."""

    def add(self, columns: Sequence[NewColumn]) -> "TableFile":
        """Add columns after the last; one that is there already is replaced."""

    def select(self, rows: NDArray[np.bool_]) -> "TableFile":
        """Keep some rows."""

    def to_table(self) -> "Table":
        """Convert to an `astropy.table.Table`, for other formats."""

    def write(self, path: Path) -> None:
        """Write it in its own format."""
