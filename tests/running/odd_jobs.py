"""Work that workers can import: what they do with a task, or what it does to them."""

import logging
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from epochsieve.judging.rows import build_findings


class Job:
    """What all odd jobs do alike: their parcels are lists, and what they give up says why."""

    def give_up(self, task, why):
        return f"{task}: {why}"

    def join(self, results):
        return list(results)


@dataclass(frozen=True)
class Square(Job):
    """Squares numbers, except those in whose place it does something else."""

    deadly: tuple[int, ...] = ()
    slow: tuple[int, ...] = ()
    failing: tuple[int, ...] = ()
    hanging: tuple[int, ...] = ()
    diary: Path | None = None

    def __call__(self, task):
        if self.diary:
            with self.diary.open("a") as diary:
                diary.write(f"{task} {os.getpid()}\n")
        if task in self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        if task in self.slow:
            time.sleep(0.3)
        if task in self.hanging:
            time.sleep(3600)
        if task in self.failing:
            raise ValueError(f"no square of {task}")
        return task**2


class FindModules(Job):
    """Says whether modules are there that nobody has imported for this work."""

    def __call__(self, task):
        return task in sys.modules


@dataclass(frozen=True)
class JointSquare(Square):
    """Squares numbers three at a time, and minds some of them only then."""

    def do_jointly(self, tasks):
        left = iter(tasks)
        while group := list(islice(left, 3)):
            if self.diary:
                with self.diary.open("a") as diary:
                    diary.write(f"together {group}\n")
            yield from [self(task) for task in group]


@dataclass(frozen=True)
class DieOnce(Job):
    """Dies at each task the first time, and leaves a mark."""

    marks: Path

    def __call__(self, task):
        mark = self.marks / str(task)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return task


class Log(Job):
    """Logs its task on two levels, with what can't be pickled."""

    def __call__(self, task):
        logger = logging.getLogger("epochsieve.odd")
        logger.info("heard of %s", task)
        try:
            1 / 0  # noqa: B018 - for its error
        except ZeroDivisionError:
            logger.warning("trouble with %s: %s", task, threading.Lock(), exc_info=True)
        return task


class ReportEnvironment(Job):
    """Tells how many threads a worker's libraries use."""

    def __call__(self, task):
        return os.environ.get(task)


class Identify(Job):
    """Tells who does it."""

    def __call__(self, _task):
        return os.getpid()


class Sleep(Job):
    """Tells who it is, and then sleeps for as long as it is told."""

    def __call__(self, task):
        folder, seconds = task
        (folder / str(os.getpid())).touch()
        time.sleep(seconds)
        return os.getpid()


@dataclass(frozen=True)
class DeadlyMethod:
    """Scores epochs by their brightest pixel; an object called b kills whoever judges it."""

    name: str = "deadly"

    def describe(self):
        return {"method": self.name}

    def judge(self, series):
        if series.name == "b":
            os.kill(os.getpid(), signal.SIGKILL)
        return build_findings(series, {"score": series.cube.max(axis=(1, 2)), "threshold": 5.0}, self.describe())
