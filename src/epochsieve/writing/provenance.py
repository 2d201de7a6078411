"""What findings depend on, and the record of the run that made them."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from epochsieve.places.place import Place
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.shard import WHOLE, Shard
from epochsieve.writing.tally import Tally

RUN_FILE = "run.json"
"""Name of a run's record in its results folder; a share's has the share in its name."""

_NUMBER_CRUNCHERS = ("numpy", "scipy", "onnxruntime", "astropy", "pyarrow")


@dataclass(frozen=True)
class Provenance:
    """All that scores depend on, the images apart.

    Attributes
    ----------
    version : str
        Version of epochsieve.
    settings : mapping
        The method's description, network and its sha256 included, with the settings of reading under
        ``"reading"``; plain JSON values.
    """

    version: str
    settings: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """Digest that two runs share only where their scores can stand in one table."""
        content = json.dumps([self.version, self.settings], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class RunRecord:
    """The story of one run, for its ``run.json``.

    Attributes
    ----------
    provenance : Provenance
        What the scores depend on.
    inputs : sequence of str
        The paths that were asked for.
    started, ended : datetime
        In UTC.
    images : int
        Images read in this run; objects that were there already are not read again.
    kept : int
        Objects that were there already.
    tally : Tally
        Counts over all findings in the folder, or those of the share.
    warnings : mapping of str to int
        How often a header gave rise to each kind of warning.
    parts : mapping of str to Tally
        The files of the findings, by name: whoever reads them notices where one is missing.
    shard : Shard
        The share of the objects.
    """

    provenance: Provenance
    inputs: Sequence[str]
    started: datetime
    ended: datetime
    images: int
    kept: int
    tally: Tally
    warnings: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, Tally] = field(default_factory=dict)
    shard: Shard = WHOLE

    @property
    def seconds(self) -> float:
        """Wall-clock time of the run."""
        return (self.ended - self.started).total_seconds()

    @property
    def images_per_second(self) -> float:
        """Rate of the whole command, from files to findings."""
        return self.images / self.seconds if self.seconds else 0.0


def write_record(results: Place, record: RunRecord) -> None:
    """Write a run's record into its results folder.

    Parameters
    ----------
    results : Path or RemotePath
        The results folder.
    record : RunRecord
        What to write.
    """
    text = json.dumps(_as_json(record), indent=2) + "\n"
    write_atomically(results / name_record(record.shard), lambda path: path.write_text(text, encoding="utf-8"))


def name_record(shard: Shard) -> str:
    """Name the file of a run's record."""
    return RUN_FILE if shard == WHOLE else f"run-{shard.label.rstrip('-')}.json"


def find_records(results: Place) -> list[Place]:
    """List the records of the runs that ended: that of all objects, and those of shares."""
    return sorted([*results.glob(RUN_FILE), *results.glob("run-s*of*.json")])


def read_listed_parts(results: Place) -> set[str]:
    """Read from the records of the runs that ended which parts of the findings there must be.

    Parameters
    ----------
    results : Path or RemotePath
        The results folder.

    Returns
    -------
    set of str
        Names of files.

    Raises
    ------
    ResultsError
        Where a record is damaged.
    """
    listed: set[str] = set()
    for path in find_records(results):
        try:
            listed.update(json.loads(path.read_text(encoding="utf-8")).get("parts", {}))
        except (OSError, ValueError, AttributeError) as error:
            raise ResultsError(f"{path} is damaged or not epochsieve's: {error}") from error
    return listed


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


def _as_json(record: RunRecord) -> dict[str, Any]:
    """Lay the record out as the file shows it."""
    return {
        "epochsieve": record.provenance.version,
        "fingerprint": record.provenance.fingerprint,
        "settings": dict(record.provenance.settings),
        "inputs": list(record.inputs),
        "counts": record.tally.as_json(),
        "objects_kept": record.kept,
        "shard": f"{record.shard.number}/{record.shard.total}",
        "parts": {name: {"objects": tally.objects, "epochs": tally.epochs} for name, tally in record.parts.items()},
        "images": record.images,
        "started": record.started.isoformat(timespec="milliseconds"),
        "ended": record.ended.isoformat(timespec="milliseconds"),
        "seconds": round(record.seconds, 3),
        "images_per_second": round(record.images_per_second, 3),
        "warnings": dict(record.warnings),
        "software": {"python": platform.python_version(), **_find_versions()},
    }


def _find_versions() -> dict[str, str]:
    """Tell the versions of the libraries that numbers come from."""
    found = {}
    for name in _NUMBER_CRUNCHERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
