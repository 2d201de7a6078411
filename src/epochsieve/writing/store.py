"""The results folder: findings that grow part by part, and survive being killed."""

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.writing.atomic import find_leftovers, write_atomically
from epochsieve.writing.parts import Part, Source, read_part, write_part
from epochsieve.writing.provenance import RUN_FILE, Provenance
from epochsieve.writing.tally import Tally, count_findings

_log = logging.getLogger(__name__)

FINDINGS_FOLDER = "findings"
"""Name of the Parquet dataset in a results folder."""

PLOTS_FOLDER = "plots"
"""Name of the folder of pictures in a results folder."""

OBJECTS_PER_PART = 100
"""A killed run loses at most the objects of one part; a part per object would be large and slow to read."""

EPOCHS_PER_PART = 10_000
"""A part is closed once it has so many rows, so that few objects with many epochs are saved as often."""


class Existing(Enum):
    """What to do about findings that are there already."""

    REFUSE = "refuse"
    RESUME = "resume"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, eq=False)
class _Kept:
    """A whole part from an earlier run."""

    path: Path
    sources: Mapping[str, Source]
    tally: Tally


class FindingsStore:
    """Findings on disk, one Parquet file per some objects; made by `open_store`.

    As a context manager, it writes what it still holds when the context is left, for whatever reason.

    Parameters
    ----------
    results : Path
        The results folder, which is there.
    provenance : Provenance
        What the scores depend on.
    kept : iterable of Path
        Parts of an earlier run to go on from; one that is damaged or depends on anything else is removed.
    objects_per_part : int, optional
        A part is closed once it has so many.
    """

    def __init__(
        self,
        results: Path,
        provenance: Provenance,
        kept: Iterable[Path] = (),
        objects_per_part: int = OBJECTS_PER_PART,
    ) -> None:
        self.results = results
        self._objects_per_part = objects_per_part
        self._provenance = provenance
        self._kept = [part for path in kept if (part := _check_part(path, provenance))]
        self._tally = Tally()
        self._held: list[Findings] = []
        self._sources: dict[str, Source] = {}

    def __enter__(self) -> Self:
        """Begin to add."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is still held."""
        self.flush()

    @property
    def tally(self) -> Tally:
        """Counts over all that is written."""
        return sum((part.tally for part in self._kept), self._tally)

    def find_missing(self, names: Iterable[str], find_source: Callable[[str], Source]) -> list[str]:
        """List the objects that are still to be judged.

        Findings of an object that has other images now are removed.

        Parameters
        ----------
        names : iterable of str
            The objects asked for. Findings of others stay.
        find_source : callable
            Says which images an object has now; asked only of objects that have findings.

        Returns
        -------
        list of str
            Names of objects, in the order given.
        """
        wanted = dict.fromkeys(names)
        stale = {
            name
            for part in self._kept
            for name, source in part.sources.items()
            if name in wanted and find_source(name) != source
        }
        self._kept = [rest for part in self._kept if (rest := _leave_out(part, stale))]
        done = {name for part in self._kept for name in part.sources}
        return [name for name in wanted if name not in done]

    def add(self, findings: Findings, source: Source) -> None:
        """Take one object's findings; they are written as soon as a part is full.

        Parameters
        ----------
        findings : Findings
            All rows of one object, at least one.
        source : Source
            Where its images were.
        """
        self._held.append(findings)
        self._sources[str(findings["object"][0])] = source
        if len(self._held) >= self._objects_per_part or sum(map(len, self._held)) >= EPOCHS_PER_PART:
            self.flush()

    def flush(self) -> None:
        """Write what is held as a part, into the first free place."""
        if not self._held:
            return
        findings = concatenate_findings(self._held)
        folder = self.results / FINDINGS_FOLDER
        path = next(path for n in count() if not (path := folder / f"part-{n:05d}.parquet").exists())
        try:
            write_part(path, Part(findings, self._sources, self._provenance))
        except OSError as error:
            raise ResultsError(f"can't write {path}: {error.strerror or error}") from error
        self._tally += count_findings(findings)
        self._held, self._sources = [], {}


def open_store(
    results: Path,
    provenance: Provenance,
    existing: Existing = Existing.REFUSE,
    objects_per_part: int = OBJECTS_PER_PART,
) -> FindingsStore:
    """Make or open a results folder, and make sure that it can be written.

    Parameters
    ----------
    results : Path
        The results folder; it is made where it is missing.
    provenance : Provenance
        What the scores to come depend on.
    existing : Existing, optional
        What to do about findings that are there already.
    objects_per_part : int, optional
        A part is closed once it has so many.

    Returns
    -------
    FindingsStore
        Ready for findings.

    Raises
    ------
    ResultsError
        Where the folder can't be written, or findings are there and nothing was said about them.
    """
    folder = results / FINDINGS_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "probe", lambda path: path.touch())
        (folder / "probe").unlink()
        parts = find_parts(results)
        if parts and existing is Existing.REFUSE:
            raise ResultsError(f"{results} has findings already: --resume goes on with them, --overwrite starts anew")
        _clear(results, parts if existing is Existing.OVERWRITE else [])
    except OSError as error:
        raise ResultsError(f"can't write to {results}: {error.strerror or error}") from error
    return FindingsStore(results, provenance, parts if existing is Existing.RESUME else [], objects_per_part)


def read_findings(results: str | Path) -> Findings:
    """Read the findings of a results folder.

    Parameters
    ----------
    results : str or Path
        The folder that ``epochsieve sieve`` wrote.

    Returns
    -------
    Findings
        All rows, in the order in which objects were judged.

    Raises
    ------
    ResultsError
        Where there are none, or a part of them is damaged.
    """
    parts = find_parts(Path(results))
    if not parts:
        raise ResultsError(f"no findings in {results}")
    return concatenate_findings([read_part(path).findings for path in parts])


def find_parts(results: Path) -> list[Path]:
    """List the parts of the findings in a results folder, in order."""
    parts = [path for path in (results / FINDINGS_FOLDER).glob("part-*.parquet") if _is_ours(path)]
    return sorted(parts, key=lambda path: (len(path.name), path.name))


def _is_ours(path: Path) -> bool:
    """Tell our parts by their names; whatever else a user keeps in the folder stays his."""
    return re.fullmatch(r"part-\d{5,}\.parquet", path.name) is not None


def _clear(results: Path, parts: Iterable[Path]) -> None:
    """Remove the run's record, parts with their pictures, and what a killed run left behind."""
    leftovers = find_leftovers(results / FINDINGS_FOLDER, "part-*.parquet") + find_leftovers(results, RUN_FILE)
    pictures = [path for kind in ("scores", "flagged") for path in (results / PLOTS_FOLDER).glob(f"*_{kind}.png")]
    for path in (results / RUN_FILE, *leftovers, *parts, *(pictures if parts else ())):
        path.unlink(missing_ok=True)


def _check_part(path: Path, provenance: Provenance) -> _Kept | None:
    """Read a part of an earlier run; remove it where it is of no use to this one."""
    try:
        part = read_part(path)
    except ResultsError as error:
        _log.warning("%s; removed, its objects are judged again", error)
        path.unlink(missing_ok=True)
        return None
    if part.provenance.fingerprint != provenance.fingerprint:
        _log.warning("%s was made with other settings or another version; removed, to be judged again", path)
        path.unlink(missing_ok=True)
        return None
    return _Kept(path, part.sources, count_findings(part.findings))


def _leave_out(kept: _Kept, names: Collection[str]) -> _Kept | None:
    """Rewrite a part without some objects; a part without any object is removed."""
    dropped = kept.sources.keys() & names
    if not dropped:
        return kept
    _log.warning("%s: %d objects have other images now; they are judged again", kept.path, len(dropped))
    part = read_part(kept.path)
    findings = part.findings.select(~np.isin(part.findings["object"].astype(str), sorted(dropped)))
    sources = {name: source for name, source in part.sources.items() if name not in dropped}
    if not sources:
        kept.path.unlink()
        return None
    write_part(kept.path, Part(findings, sources, part.provenance))
    return _Kept(kept.path, sources, count_findings(findings))
