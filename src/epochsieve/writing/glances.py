"""A part in a hurry: some columns of all rows, or all columns of some, without its checksum."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.places.place import Place
from epochsieve.vocabulary.errors import EpochsieveError, ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import OK
from epochsieve.writing.parts import get_file, read_facts, shorten_error


@dataclass(frozen=True, eq=False)
class Glance:
    """What a part says at a glance.

    Attributes
    ----------
    names : list of str
        Its objects.
    counts : ndarray of int, shape (objects,)
        How many rows each has; they stand beside each other.
    columns : dict of str to ndarray, shape (rows,)
        The numbers that were asked for.
    usable : ndarray of bool, shape (rows,)
        Epochs that were judged.
    """

    names: list[str]
    counts: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    usable: NDArray[np.bool_]


def glance_at(path: Place, columns: Sequence[str]) -> Glance:
    """Read some columns of numbers.

    Parameters
    ----------
    path : Path or RemotePath
        A part.
    columns : sequence of str
        Columns of the findings schema that are no text.

    Returns
    -------
    Glance
        As fast as it goes: a hundred thousand objects take seconds.

    Raises
    ------
    ResultsError
        Where the file is damaged, or an object's rows do not stand beside each other.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = ["object", "status"]
    try:
        with pq.ParquetFile(get_file(path), read_dictionary=texts) as file:
            table = file.read(columns=[*texts, *columns]).unify_dictionaries().combine_chunks()
        codes, names = _decode(table["object"])
        states, status = _decode(table["status"])
        numbers = {name: table[name].to_numpy() for name in columns}
    except (OSError, pa.ArrowException, ValueError, LookupError) as error:
        raise ResultsError(f"{path} is damaged or not epochsieve's: {shorten_error(error)}") from error
    edges = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1, [len(codes)]])
    found = [names[code] for code in codes[edges[:-1]]]
    if len(found) != len(set(found)):
        raise ResultsError(f"{path}: an object's epochs do not stand beside each other")
    return Glance(found, np.diff(edges), numbers, np.array([text == OK for text in status])[states])


def read_version(path: Place) -> str:
    """Read which version of epochsieve made a part.

    Parameters
    ----------
    path : Path or RemotePath
        A part.

    Returns
    -------
    str
        Its version.

    Raises
    ------
    ResultsError
        Where the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return read_facts(pq.read_schema(get_file(path)).empty_table()).provenance.version
    except (OSError, pa.ArrowException, ValueError, LookupError, TypeError) as error:
        raise ResultsError(f"{path} is damaged or not epochsieve's: {shorten_error(error)}") from error


class OpenPart:
    """A part in memory, of which some rows at a time become findings.

    Parameters
    ----------
    path : Path or RemotePath
        A part.

    Raises
    ------
    ResultsError
        Where the file is damaged.
    """

    def __init__(self, path: Place) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(get_file(path)) as file:
                self._table = file.read()
            self._facts = read_facts(self._table)
        except (OSError, pa.ArrowException, EpochsieveError, ValueError, LookupError, TypeError) as error:
            raise ResultsError(f"{path} is damaged or not epochsieve's: {shorten_error(error)}") from error
        self._origins = self._facts.origins

    def take(self, first: int = 0, count: int | None = None) -> Findings:
        """Take some rows, with all their columns, settings and origins; all rows where nothing is said."""
        table = self._table.slice(first, count)
        columns = {name: table[name].to_numpy() for name in table.column_names}
        return Findings(columns, self._facts.settings, self._origins)


def _decode(column: Any) -> tuple[NDArray[np.int32], list[str]]:
    """Part a column of text into small numbers and the words they stand for."""
    if not len(column):
        return np.empty(0, np.int32), []
    chunk = column.chunk(0)
    return chunk.indices.to_numpy(), chunk.dictionary.to_pylist()
