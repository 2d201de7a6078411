#!/usr/bin/env python
"""Let one run go on for minutes, and draw its memory and its rate against time.

Usage: scripts/measure_soak.py MINUTES FIGURE [WORKERS]

The survey is a few simulated objects, each under many names, larger than the run can finish: it is told to end when the
time is over. Memory is each process's own, as the system counts it (Linux).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from matplotlib.figure import Figure

from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.writing.part_files import find_parts

SECONDS_BETWEEN_SAMPLES = 2.0
MEBIBYTE = 2**20
ORIGINALS, NAMES = 20, 20_000


@dataclass(frozen=True)
class Sample:
    """One look at the run: seconds since its start, epochs written, MiB of the command and of its largest worker."""

    seconds: float
    epochs: int
    command: float
    worker: float


def main() -> None:
    """Make the survey, watch the run, draw and sum up."""
    minutes, figure = float(sys.argv[1]), Path(sys.argv[2])
    workers = (sys.argv[3:] or ["2"])[0]
    with tempfile.TemporaryDirectory() as place:
        images = make_survey(Path(place) / "in")
        samples = watch(images, Path(place) / "out", workers, minutes * 60)
    draw(samples, figure)
    print(json.dumps(sum_up(samples, workers), indent=1))


def make_survey(folder: Path) -> Path:
    """Write a few objects, and give them many names."""
    originals = list(write_survey(SURVEYS["vst"], ORIGINALS, 1, folder.with_name("originals")))
    folder.mkdir()
    for number in range(NAMES):
        (folder / f"{number:05d}").symlink_to(originals[number % ORIGINALS])
    return folder


def watch(images: Path, out: Path, workers: str, seconds: float) -> list[Sample]:
    """Start the command, look at it again and again, and tell it to end."""
    command = [sys.executable, "-m", "epochsieve", "sieve", str(images), "--out", str(out), "--workers", workers]
    samples, counted = [], {}
    start = time.monotonic()
    with subprocess.Popen([*command, "--quiet"]) as run:  # noqa: S603 - our own command
        while (passed := time.monotonic() - start) < seconds and run.poll() is None:
            for part in find_parts(out):
                counted[part] = counted.get(part) or pq.read_metadata(part).num_rows
            others = [read_memory(pid) for pid in list_children(run.pid)]
            samples.append(Sample(passed, sum(counted.values()), read_memory(run.pid), max(others, default=0.0)))
            time.sleep(SECONDS_BETWEEN_SAMPLES)
        run.terminate()
    return samples


def list_children(pid: int) -> list[int]:
    """List a process's own processes."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def read_memory(pid: int) -> float:
    """Read a process's resident memory in MiB; one that is gone has none."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / MEBIBYTE


def sum_up(samples: list[Sample], workers: str) -> dict[str, float | str]:
    """Give the figures: those of the whole run, and memory early and late."""
    first, last = samples[len(samples) // 4], samples[-1]
    return {
        "workers": workers,
        "minutes": round(last.seconds / 60, 1),
        "epochs": last.epochs,
        "epochs_per_second": round(last.epochs / last.seconds, 1),
        "command_mib_after_a_quarter": round(first.command),
        "command_mib_at_the_end": round(last.command),
        "worker_mib_after_a_quarter": round(first.worker),
        "worker_mib_at_the_end": round(last.worker),
    }


def draw(samples: list[Sample], path: Path) -> None:
    """Draw epochs and memory against time."""
    minutes = [sample.seconds / 60 for sample in samples]
    figure = Figure(figsize=(7, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    above.step(minutes, [sample.epochs / 1000 for sample in samples], where="post", color="#1f77b4")
    above.set_ylabel("epochs written / 1000")
    below.plot(minutes, [sample.worker for sample in samples], color="#d62728", label="largest worker")
    below.plot(minutes, [sample.command for sample in samples], color="#555555", label="command")
    below.set(xlabel="minutes", ylabel="resident memory / MiB")
    below.set_ylim(bottom=0)
    below.legend(loc="lower right", frameon=False)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
