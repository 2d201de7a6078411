"""The results folder: findings that grow part by part, and survive being killed."""

import logging
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import count
from types import TracebackType
from typing import Self

import numpy as np

from epochsieve.places.ahead import fetch_ahead
from epochsieve.places.place import Place, find_place
from epochsieve.places.remote import RemotePath
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.writing.atomic import find_leftovers, write_atomically
from epochsieve.writing.lease import Lease
from epochsieve.writing.lock import LOCK_FILE, Lock
from epochsieve.writing.part_files import FINDINGS_FOLDER, find_parts, find_strangers, name_part
from epochsieve.writing.parts import Part, SealedPart, Source, read_part, seal_part, write_part
from epochsieve.writing.provenance import Provenance, find_records, name_record, read_listed_parts
from epochsieve.writing.shard import WHOLE, Shard
from epochsieve.writing.tally import Tally, count_findings

_log = logging.getLogger(__name__)

PLOTS_FOLDER = "plots"
"""Name of the folder of pictures in a results folder."""


class Existing(Enum):
    """What to do about findings that are there already."""

    REFUSE = "refuse"
    RESUME = "resume"
    OVERWRITE = "overwrite"


class FindingsStore:
    """Findings on disk, a Parquet file for each chunk of objects; made by `open_store`.

    As a context manager, it lets other runs have the folder when the context is left.

    Parameters
    ----------
    results : Path or RemotePath
        The results folder, which is there.
    provenance : Provenance
        What the scores depend on.
    shard : Shard
        The share of the objects whose findings it keeps.
    earlier : iterable of Path or RemotePath
        Parts of an earlier run to go on from.
    locks : iterable of Lock or Lease
        Held until the end.
    """

    def __init__(
        self,
        results: Place,
        provenance: Provenance,
        shard: Shard,
        earlier: Iterable[Place],
        locks: Iterable[Lock | Lease],
    ) -> None:
        self.results = results
        self.shard = shard
        self.tally = Tally()
        self.parts: dict[str, Tally] = {}
        self._provenance = provenance
        self._earlier = list(earlier)
        self._locks = list(locks)

    def __enter__(self) -> Self:
        """Begin to add."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others have the folder."""
        for lock in self._locks:
            lock.let_go()

    def find_missing(
        self, names: Iterable[str], find_sources: Callable[[Sequence[str]], Iterable[Source]]
    ) -> list[str]:
        """List the objects that are still to be judged, one part of the earlier run after the other.

        A part that is damaged or depends on anything else is removed. So are findings of an object that has other
        images now, and the second of two that an object has.

        Parameters
        ----------
        names : iterable of str
            The objects asked for. Findings of others stay.
        find_sources : callable
            Says which images objects have now; asked only of objects that have findings.

        Returns
        -------
        list of str
            Names of objects, in the order given.
        """
        wanted = dict.fromkeys(names)
        done: set[str] = set()
        for path in self._earlier:
            part = _check_part(path, self._provenance)
            asked = [name for name in part.sources if name in wanted]
            stale = {name for name, now in zip(asked, find_sources(asked), strict=True) if now != part.sources[name]}
            rest = _leave_out(path, part, stale | (part.sources.keys() & done))
            if rest.sources:
                self._note(path, count_findings(rest.findings))
            done |= rest.sources.keys()
        return [name for name in wanted if name not in done]

    def add(self, number: int, part: SealedPart) -> None:
        """Write a part.

        Parameters
        ----------
        number : int
            The place of its first object among all; where another part has it, that one stays.
        part : SealedPart
            All rows of some objects.
        """
        folder = self.results / FINDINGS_FOLDER
        places = (folder / name_part(self.shard, number, attempt) for attempt in count())
        path = next(path for path in places if not path.exists())
        for lock in self._locks:
            lock.confirm()
        try:
            write_part(path, part)
        except OSError as error:
            raise ResultsError(f"can't write {path}: {error.strerror or error}") from error
        self._note(path, part.tally)

    def _note(self, path: Place, tally: Tally) -> None:
        """Count a part that is whole."""
        self.parts[path.name] = tally
        self.tally += tally


def open_store(
    results: Place, provenance: Provenance, existing: Existing = Existing.REFUSE, shard: Shard = WHOLE
) -> FindingsStore:
    """Make or open a results folder, and make sure that it can be written and that nobody else does.

    Parameters
    ----------
    results : Path or RemotePath
        The results folder; it is made where it is missing.
    provenance : Provenance
        What the scores to come depend on.
    existing : Existing, optional
        What to do about findings that are there already.
    shard : Shard, optional
        The share of the objects; other shares may be written at the same time. All objects, if left out: then findings
        of shares count as findings.

    Returns
    -------
    FindingsStore
        Ready for findings.

    Raises
    ------
    ResultsError
        Where the folder can't be written, another run writes to it, or findings are there and nothing was said of them.
    """
    folder = results / FINDINGS_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        locks = _take_locks(results, shard)
    except OSError as error:
        raise ResultsError(f"can't write to {results}: {error.strerror or error}") from error
    try:
        parts = _prepare(results, existing, shard)
    except BaseException:
        for lock in locks:
            lock.let_go()
        raise
    return FindingsStore(results, provenance, shard, parts if existing is Existing.RESUME else [], locks)


def read_findings(results: str | Place) -> Findings:
    """Read the findings of a results folder.

    Parameters
    ----------
    results : str, Path or RemotePath
        The folder that ``epochsieve sieve`` wrote.

    Returns
    -------
    Findings
        All rows, by the names of the objects, the epochs of each in their order.

    Raises
    ------
    ResultsError
        Where there are none, or a part of them is damaged or missing.
    """
    place = find_place(results)
    parts = find_parts(place)
    lost = read_listed_parts(place) - {path.name for path in parts}
    if lost:
        raise ResultsError(f"{results}: {min(lost)} is missing; --resume judges its objects again")
    if not parts:
        raise ResultsError(f"no findings in {results}")
    findings = concatenate_findings([part().findings for part in fetch_ahead(read_part, parts, place)])
    return findings.select(np.argsort(findings["object"].astype(str), kind="stable"))


def _prepare(results: Place, existing: Existing, shard: Shard) -> list[Place]:
    """Make sure that a folder can be written, and clear it of what is not to stay; list the parts that were there."""
    probe = results / FINDINGS_FOLDER / f".probe-{shard.label}"
    try:
        write_atomically(probe, lambda path: path.touch())
        probe.unlink()
        parts = find_parts(results, shard)
        _check_existing(results, parts, existing, shard)
        _clear(results, shard, parts if existing is Existing.OVERWRITE else [])
    except OSError as error:
        raise ResultsError(f"can't write to {results}: {error.strerror or error}") from error
    return parts


def _take_locks(results: Place, shard: Shard) -> Sequence[Lock | Lease]:
    """Lock the folder: for all objects against everybody, for a share against all but other shares."""
    if isinstance(results, RemotePath):
        return [Lease(results, shard)]
    whole = Lock(results / LOCK_FILE, shared=shard != WHOLE)
    return [whole] if shard == WHOLE else [whole, Lock(results / f"{LOCK_FILE}-{shard.label}")]


def _check_existing(results: Place, parts: list[Place], existing: Existing, shard: Shard) -> None:
    """Refuse findings that are there where nothing was said of them, and those that a share can't stand beside."""
    if parts and existing is Existing.REFUSE:
        raise ResultsError(f"{results} has findings already: --resume goes on with them, --overwrite starts anew")
    if find_strangers(results, shard):
        raise ResultsError(
            f"{results} has findings of other shares than those of {shard.total}: go on with those, or without --shard"
        )


def _clear(results: Place, shard: Shard, parts: Iterable[Place]) -> None:
    """Remove the run's record, parts with their pictures, and what a killed run left behind."""
    leftovers = find_leftovers(results / FINDINGS_FOLDER, f"part-{shard.label}*.parquet")
    leftovers += find_leftovers(results, name_record(shard))
    records = find_records(results) if shard == WHOLE else [results / name_record(shard)]
    kinds = ("scores", "flagged", "light_curve") if parts and shard == WHOLE else ()
    pictures = [path for kind in kinds for path in (results / PLOTS_FOLDER).glob(f"*_{kind}.png")]
    for path in (*records, *leftovers, *parts, *pictures):
        path.unlink(missing_ok=True)


def _check_part(path: Place, provenance: Provenance) -> Part:
    """Read a part of an earlier run; remove it where it is of no use to this one."""
    nothing = Part(Findings({}), {}, provenance)
    try:
        part = read_part(path)
    except ResultsError as error:
        _log.warning("%s; removed, its objects are judged again", error)
        path.unlink(missing_ok=True)
        return nothing
    if part.provenance.fingerprint != provenance.fingerprint:
        _log.warning("%s was made with other settings or another version; removed, to be judged again", path)
        path.unlink(missing_ok=True)
        return nothing
    return part


def _leave_out(path: Place, part: Part, names: set[str]) -> Part:
    """Rewrite a part without some objects; a part without any object is removed."""
    if not names:
        return part
    _log.warning("%s: %d objects have other images now, or other findings; left out", path, len(names))
    findings = part.findings.select(~np.isin(part.findings["object"].astype(str), sorted(names)))
    rest = Part(findings, {name: source for name, source in part.sources.items() if name not in names}, part.provenance)
    if rest.sources:
        write_part(path, seal_part(rest))
    else:
        path.unlink()
    return rest
