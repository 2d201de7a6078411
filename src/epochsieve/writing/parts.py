"""One part of the findings: a Parquet file with the rows of some objects, and what they depend on."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from epochsieve.places.place import Place
from epochsieve.places.remote import RemotePath
from epochsieve.vocabulary.errors import EpochsieveError, ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.provenance import Provenance
from epochsieve.writing.tally import Tally, count_findings

_PREFIX = "epochsieve."


@dataclass(frozen=True)
class Source:
    """Where an object's images are, and which.

    Attributes
    ----------
    origin : str
        The folder (or other place) they were read from.
    listing : str
        Digest of their names; it changes when an epoch is added.
    """

    origin: str
    listing: str = ""


@dataclass(frozen=True, eq=False)
class Part:
    """Some objects' findings, with all that is known of their making.

    Attributes
    ----------
    findings : Findings
        All rows of the objects.
    sources : mapping of str to Source
        Where each object's images were.
    provenance : Provenance
        What the scores depend on.
    """

    findings: Findings
    sources: Mapping[str, Source]
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class SealedPart:
    """A part as the bytes of its file, ready to travel and to be written.

    Attributes
    ----------
    content : bytes
        The Parquet file.
    tally : Tally
        Counts of what is in it.
    """

    content: bytes
    tally: Tally


def seal_part(part: Part) -> SealedPart:
    """Make a part's file in memory, its pages with checksums.

    Parameters
    ----------
    part : Part
        What to write.

    Returns
    -------
    SealedPart
        The same bytes for the same part.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = part.findings.to_arrow().replace_schema_metadata(_describe(part))
    file = pa.BufferOutputStream()
    pq.write_table(table, file, write_page_checksum=True, compression="zstd")
    return SealedPart(file.getvalue().to_pybytes(), count_findings(part.findings))


def write_part(path: Place, part: SealedPart) -> None:
    """Write a part, whole or not at all.

    Parameters
    ----------
    path : Path or RemotePath
        The Parquet file.
    part : SealedPart
        What to write.
    """
    write_atomically(path, lambda name: name.write_bytes(part.content))


def read_part(path: Place) -> Part:
    """Read a part and check that it is whole.

    Parameters
    ----------
    path : Path or RemotePath
        The Parquet file.

    Returns
    -------
    Part
        What was written.

    Raises
    ------
    ResultsError
        Where the file is torn, altered, or none of ours.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(get_file(path), page_checksum_verification=True).read()
        return _restore(table)
    except (OSError, pa.ArrowException, EpochsieveError, ValueError, LookupError, TypeError) as error:
        raise ResultsError(f"{path} is damaged or not epochsieve's: {shorten_error(error)}") from error


def get_file(path: Place) -> Any:
    """Get what Parquet is read from: a path of this machine, or what was fetched from a store."""
    import pyarrow as pa

    return pa.BufferReader(path.read_bytes()) if isinstance(path, RemotePath) else path


def _describe(part: Part) -> dict[str, str]:
    """State beside the rows what they depend on."""
    return {
        f"{_PREFIX}version": part.provenance.version,
        f"{_PREFIX}fingerprint": part.provenance.fingerprint,
        f"{_PREFIX}settings": json.dumps(dict(part.provenance.settings)),
        f"{_PREFIX}sources": _list_sources(part),
        f"{_PREFIX}digest": _digest(part, part.findings.columns),
    }


def _list_sources(part: Part) -> str:
    """Write where the images were."""
    return json.dumps({name: [source.origin, source.listing] for name, source in part.sources.items()})


def _digest(part: Part, names: Iterable[str]) -> str:
    """Compute a checksum of all content: Parquet's own cover the pages, but not the names and facts in its footer."""
    content = hashlib.sha256(_list_sources(part).encode())
    content.update(part.provenance.fingerprint.encode())
    for name in names:
        content.update(name.encode())
        content.update(_as_bytes(part.findings[name]))
    return content.hexdigest()


def _as_bytes(column: np.ndarray[Any, Any]) -> bytes:
    """Lay a column out as bytes that tell it from every other; all NaNs are alike."""
    if column.dtype == object:
        return json.dumps(column.tolist()).encode()
    if column.dtype.kind == "f":
        column = np.where(np.isnan(column), np.nan, column)
    return column.astype(column.dtype.newbyteorder("<")).tobytes()


@dataclass(frozen=True)
class Facts:
    """What stands in a part beside its rows.

    Attributes
    ----------
    provenance : Provenance
        What the scores depend on.
    sources : mapping of str to Source
        Where each object's images were.
    digest : str
        Checksum of all content.
    """

    provenance: Provenance
    sources: Mapping[str, Source]
    digest: str

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the scores depend on, as findings carry it."""
        return self.provenance.settings

    @property
    def origins(self) -> dict[str, str]:
        """Where each object's images were, as findings carry it."""
        return {name: source.origin for name, source in self.sources.items() if source.origin}


def read_facts(table: Any) -> Facts:
    """Read what stands beside the rows of a part's Arrow table; KeyError or ValueError where it is none of ours."""
    facts = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    provenance = Provenance(facts[f"{_PREFIX}version"], json.loads(facts[f"{_PREFIX}settings"]))
    sources = {name: Source(*source) for name, source in json.loads(facts[f"{_PREFIX}sources"]).items()}
    return Facts(provenance, sources, facts[f"{_PREFIX}digest"])


def _restore(table: Any) -> Part:
    """Make a part of an Arrow table."""
    facts = read_facts(table)
    columns = {name: _as_array(table[name]) for name in table.column_names}
    part = Part(Findings(columns, facts.settings, facts.origins), facts.sources, facts.provenance)
    if facts.digest != _digest(part, table.column_names):  # not those that later versions have
        raise ValueError("its content is not that of its checksum")
    return part


def _as_array(column: Any) -> np.ndarray[Any, Any]:
    """Convert an Arrow column; the nulls of a float column become NaN."""
    array: np.ndarray[Any, Any] = column.to_numpy()
    return array


def shorten_error(error: Exception) -> str:
    """Shorten an error to its first line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
