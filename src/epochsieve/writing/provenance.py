"""What findings depend on, and the record of the run that made them."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.tally import Tally

RUN_FILE = "run.json"
"""Name of a run's record in its results folder."""

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
        Counts over all findings in the folder.
    warnings : mapping of str to int
        How often a header gave rise to each kind of warning.
    """

    provenance: Provenance
    inputs: Sequence[str]
    started: datetime
    ended: datetime
    images: int
    kept: int
    tally: Tally
    warnings: Mapping[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Wall-clock time of the run."""
        return (self.ended - self.started).total_seconds()

    @property
    def images_per_second(self) -> float:
        """Rate of the whole command, from files to findings."""
        return self.images / self.seconds if self.seconds else 0.0


def write_record(results: Path, record: RunRecord) -> None:
    """Write a run's record into its results folder.

    Parameters
    ----------
    results : Path
        The results folder.
    record : RunRecord
        What to write.
    """
    text = json.dumps(_as_json(record), indent=2) + "\n"
    write_atomically(results / RUN_FILE, lambda path: _write_text(path, text))


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
        "images": record.images,
        "started": record.started.isoformat(timespec="milliseconds"),
        "ended": record.ended.isoformat(timespec="milliseconds"),
        "seconds": round(record.seconds, 3),
        "images_per_second": round(record.images_per_second, 3),
        "warnings": dict(record.warnings),
        "software": {"python": platform.python_version(), **_find_versions()},
    }


def _write_text(path: Path, text: str) -> None:
    """Write a text file."""
    path.write_text(text, encoding="utf-8")


def _find_versions() -> dict[str, str]:
    """Tell the versions of the libraries that numbers come from."""
    found = {}
    for name in _NUMBER_CRUNCHERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
