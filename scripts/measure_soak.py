#!/usr/bin/env python
"""Judge thousands of objects in one run, and draw its memory and its rate against time, beside a run of a hundred.

Usage: scripts/measure_soak.py OBJECTS FIGURE [WORKERS [FOLDER]]

The survey is a few simulated objects, each under many names, so that it takes no room; FOLDER is for it and for the
findings. Memory is each process's own, cost is processor time and not what others leave of it, both as the system
counts them (Linux).
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.store import read_findings

FEW, ORIGINALS = 100, 20
MEBIBYTE = 2**20
FILES_AT_A_TIME, MOST_STEPS = 4, 40


@dataclass(frozen=True)
class Sample:
    """One look at a run.

    Seconds since its start, epochs written, MiB of the command and of its largest worker now and at their peaks, and
    processor seconds of all processes together.
    """

    seconds: float
    epochs: int
    command: float
    worker: float
    command_peak: float
    worker_peak: float
    spent: float


@dataclass(frozen=True)
class Run:
    """What was seen of a run, and what came of it."""

    objects: int
    samples: list[Sample]
    status: int
    rows: int
    judged: int

    @property
    def peak(self) -> float:
        """MiB of the process that ever had most."""
        return max(max(sample.command_peak, sample.worker_peak) for sample in self.samples)

    @property
    def cost(self) -> float:
        """Processor seconds that an epoch takes once the run is under way: the slope, without what starting takes."""
        seen = [(sample.epochs, sample.spent) for sample in self.samples if sample.epochs]
        return float(np.polyfit(*zip(*seen, strict=True), 1)[0])


def main() -> None:
    """Make the surveys, watch the runs, draw and sum up."""
    objects, figure = int(sys.argv[1]), Path(sys.argv[2])
    workers = (sys.argv[3:] or ["2"])[0]
    with tempfile.TemporaryDirectory(dir=(sys.argv[4:] or [None])[0]) as place:
        originals = list(write_survey(SURVEYS["vst"], ORIGINALS, 1, Path(place) / "originals"))
        few = sieve(originals, FEW, Path(place) / "few", workers)
        many = sieve(originals, objects, Path(place) / "many", workers)
    draw(many.samples, figure)
    print(json.dumps(sum_up(few, many, workers), indent=1))


def sieve(originals: list[Path], objects: int, folder: Path, workers: str) -> Run:
    """Give a few objects many names, and judge them all."""
    (folder / "in").mkdir(parents=True)
    for number in range(objects):
        (folder / "in" / f"{number:06d}").symlink_to(originals[number % len(originals)])
    samples, status = watch(folder / "in", folder / "out", workers)
    findings = read_findings(folder / "out")
    return Run(objects, samples, status, len(findings), int((findings.status == "ok").sum()))


def watch(images: Path, out: Path, workers: str) -> tuple[list[Sample], int]:
    """Start the command, and look at it again and again until it ends; more seldom the longer it takes."""
    command = [sys.executable, "-m", "epochsieve", "sieve", str(images), "--out", str(out), "--workers", workers]
    samples: list[Sample] = []
    counted: dict[Path, int] = {}
    start = time.monotonic()
    with subprocess.Popen([*command, "--quiet"], stdout=subprocess.DEVNULL) as run:  # noqa: S603 - our own command
        while run.poll() is None:
            counted |= {part: pq.read_metadata(part).num_rows for part in find_parts(out) if part not in counted}
            passed = time.monotonic() - start
            if sample := look(run.pid, passed, sum(counted.values())):
                samples.append(sample)
            time.sleep(min(max(passed / 100, 0.1), 5.0))
    return samples, run.returncode


def look(pid: int, seconds: float, epochs: int) -> Sample | None:
    """Look at a run; nothing is there to see once it ends."""
    try:
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        mine, theirs = read_memory(str(pid)), [read_memory(worker) for worker in workers]
        spent = sum(map(read_spent, [str(pid), *workers]))
    except (OSError, KeyError):
        return None
    now, peak = (max((each[place] for each in theirs), default=0.0) for place in (0, 1))
    return Sample(seconds, epochs, mine[0], now, mine[1], peak, spent)


def read_memory(pid: str) -> tuple[float, float]:
    """Read a process's resident memory and the peak of that, MiB."""
    facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    now, peak = (int(facts[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))
    return now, peak


def read_spent(pid: str) -> float:
    """Read how long a process, and those of its own that have ended, were on a processor, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def sum_up(few: Run, many: Run, workers: str) -> dict[str, object]:
    """Give the figures of both runs, and their ratios; early is after a quarter of the time, late before the end."""
    last = many.samples[-1]
    early, late = (
        next(each for each in many.samples if each.seconds >= last.seconds * share) for share in (0.25, 0.95)
    )
    return {
        "workers": workers,
        "load": [round(load, 1) for load in os.getloadavg()],
        "statuses": [few.status, many.status],
        "objects": [few.objects, many.objects],
        "rows": [few.rows, many.rows],
        "rows_judged": [few.judged, many.judged],
        "minutes": round(last.seconds / 60, 1),
        "epochs_per_second": round(many.rows / last.seconds, 1),
        "peak_mib": [round(few.peak), round(many.peak)],
        "peak_ratio": round(many.peak / few.peak, 3),
        "command_mib_early_and_late": [round(early.command), round(late.command)],
        "worker_mib_early_and_late": [round(early.worker), round(late.worker)],
        "processor_ms_per_epoch": [round(1000 * few.cost, 3), round(1000 * many.cost, 3)],
        "cost_ratio": round(many.cost / few.cost, 3),
    }


def draw(samples: list[Sample], path: Path) -> None:
    """Draw the rate and the memory against time."""
    minutes = [sample.seconds / 60 for sample in samples]
    rates, edges = measure_rates(samples)
    figure = Figure(figsize=(7, 5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    above.stairs(rates, edges / 60, color="#1f77b4")
    above.set(ylabel="epochs a second", title=f"{samples[-1].epochs:,} epochs in one run", ylim=(0, None))
    below.plot(minutes, [sample.worker for sample in samples], color="#d62728", label="largest worker")
    below.plot(minutes, [sample.command for sample in samples], color="#555555", label="command")
    below.set(xlabel="minutes", ylabel="resident memory / MiB", ylim=(0, None))
    below.legend(loc="center right", frameon=False)
    figure.savefig(path, dpi=120)


def measure_rates(samples: list[Sample]) -> tuple[np.ndarray, np.ndarray]:
    """Measure epochs a second between moments at which some files of findings were there, a few at a time."""
    new = [after for before, after in itertools.pairwise(samples) if after.epochs > before.epochs]
    chosen = [samples[0], *new[:: max(FILES_AT_A_TIME, len(new) // MOST_STEPS)], samples[-1]]
    seconds, epochs = (
        np.array(values) for values in zip(*((each.seconds, each.epochs) for each in chosen), strict=True)
    )
    return np.diff(epochs) / np.diff(seconds), seconds


if __name__ == "__main__":
    main()
