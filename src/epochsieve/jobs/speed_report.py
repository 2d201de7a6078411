"""What a speed benchmark found: rates, and the ratios that they were measured for."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from epochsieve import __version__
from epochsieve.jobs.stages import STAGES
from epochsieve.writing.atomic import write_output

WHOLE, MANY, PAPER, PUBLISHED = "whole command", "whole command, more objects", "--method paper", "published algorithm"
NETWORK, PAPER_NETWORK, FILES = "network alone", "network of --method paper alone", "raw file reading"

_MEGABYTE = 1e6


@dataclass(frozen=True)
class Rate:
    """How fast something is.

    Attributes
    ----------
    name : str
        What was measured.
    workers : int
        In how many processes at a time.
    objects, images : int
        Of how many.
    seconds : float
        How long it took.
    core_seconds : float or None
        How long it kept cores busy, all processes together; None where it was not a command of its own.
    peak_bytes : int or None
        Memory that the largest process had at most; likewise.
    """

    name: str
    workers: int
    objects: int
    images: int
    seconds: float
    core_seconds: float | None = None
    peak_bytes: int | None = None

    @property
    def per_second(self) -> float:
        """Images a second."""
        return self.images / self.seconds


@dataclass(frozen=True)
class SpeedReport:
    """Everything that was measured.

    Attributes
    ----------
    request : mapping
        What was asked for, as plain JSON values.
    shape : tuple of int
        Height and width of the cutouts.
    rates : sequence of Rate
        In the order of the tables.
    starts : mapping of str to float
        Seconds that it takes to start.
    flags_alike : float or None
        Share of the epochs that ``--method paper`` flags, or does not flag, as the published algorithm does; None where
        that could not run.
    remarks : sequence of str
        What was left out, and why.
    """

    request: Mapping[str, Any]
    shape: tuple[int, ...]
    rates: Sequence[Rate]
    starts: Mapping[str, float]
    flags_alike: float | None
    remarks: Sequence[str]

    def find(self, name: str, workers: int = 1) -> Rate | None:
        """Look a rate up."""
        return next((rate for rate in self.rates if (rate.name, rate.workers) == (name, workers)), None)

    def compare(self) -> dict[str, float]:
        """Divide rates by each other, as far as both were measured.

        Returns
        -------
        dict of str to float
            By what is compared.
        """
        workers = self.request["workers"]
        one, all_workers = self.find(WHOLE), self.find(WHOLE, workers)
        stages = [rate for stage in STAGES if (rate := self.find(stage))]
        slowest = min(stages, key=lambda rate: rate.per_second, default=None)
        published, paper, many = self.find(PUBLISHED), self.find(PAPER, workers), self.find(MANY, workers)
        pairs = {
            f"whole command, {workers} workers, against the published algorithm": (all_workers, published),
            f"whole command against its slowest stage ({slowest.name if slowest else ''})": (one, slowest),
            f"{workers} workers against one": (all_workers, one if workers > 1 else None),
            f"--method paper, {workers} workers, against the published algorithm": (paper, published),
            "objects a second, more objects against fewer": (many, all_workers),
        }
        ratios = {name: a.per_second / b.per_second for name, (a, b) in pairs.items() if a and b}
        if many and all_workers and many.peak_bytes and all_workers.peak_bytes:
            ratios["peak memory, more objects against fewer"] = many.peak_bytes / all_workers.peak_bytes
        return ratios

    def list_rates(self) -> list[tuple[object, ...]]:
        """List rates for a table: what, workers, objects, images/s, ms and core ms an image, MB."""
        return [
            (
                rate.name,
                rate.workers,
                rate.objects,
                f"{rate.per_second:.0f}" if rate.per_second >= 10 else f"{rate.per_second:.1f}",  # noqa: PLR2004
                f"{1000 / rate.per_second:.3f}",
                f"{1000 * rate.core_seconds / rate.images:.3f}" if rate.core_seconds else "",
                f"{rate.peak_bytes / _MEGABYTE:.0f}" if rate.peak_bytes else "",
            )
            for rate in self.rates
        ]

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""
        rates = [{**asdict(rate), "images_per_second": round(rate.per_second, 2)} for rate in self.rates]
        return {
            "epochsieve": __version__,
            "machine": describe_machine(),
            "request": dict(self.request),
            "shape": list(self.shape),
            "rates": rates,
            "ratios": {name: round(value, 3) for name, value in self.compare().items()},
            "starts": {name: round(seconds, 3) for name, seconds in self.starts.items()},
            "flags_alike": self.flags_alike,
            "remarks": list(self.remarks),
        }


def describe_machine() -> dict[str, Any]:
    """Describe what was measured on, as plain JSON values."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = {name: version(name) for name in ("numpy", "scipy", "onnxruntime", "pyarrow", "astropy")}
    return {"cores": cores, "processor": _name_processor(), "python": platform.python_version(), **libraries}


class Report(Protocol):
    """What was measured."""

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain JSON values."""


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON.

    Parameters
    ----------
    report : Report
        What was measured.
    path : Path
        The file; its folder exists.

    Raises
    ------
    ResultsError
        Where it can't be written.
    """
    text = json.dumps(report.to_json(), indent=1, allow_nan=False) + "\n"
    write_output(path, lambda name: name.write_text(text, encoding="utf-8"))


def _name_processor() -> str:
    """Name the processor as the system does."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
