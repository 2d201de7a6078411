"""Work in other processes of this machine: as many tasks at a time as there are workers."""

import logging
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from epochsieve.running.in_process import InProcess
from epochsieve.running.worker import LOGGER, Report, begin, perform
from epochsieve.vocabulary.contracts import Result, Runner, Task, Work
from epochsieve.vocabulary.errors import EpochsieveError, SettingError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_log = logging.getLogger(__name__)

MOST_DEATHS = 3
"""A task whose worker died so often, while nobody else was working, is given up."""

_TASKS_PER_WORKER = 4  # begun or done, but not yet asked for: enough that nobody waits for one long task


def choose_runner(workers: int) -> Runner:
    """Choose where work happens.

    Parameters
    ----------
    workers : int
        How many tasks at a time: 1 for this process, 0 for as many as it may use cores.

    Returns
    -------
    Runner
        Results are the same from each.
    """
    return InProcess() if workers == 1 else Processes(workers or _count_cores())


@dataclass(frozen=True)
class Processes:
    """Runs tasks in worker processes, which are started for each `map` and gone when it ends, however it ends.

    Work, tasks and results are pickled. A worker that dies costs no task: those that were under way are done again, one
    at a time, and one whose worker dies `MOST_DEATHS` times is given up.

    Attributes
    ----------
    workers : int
        How many processes.
    """

    workers: int

    def __post_init__(self) -> None:
        """Refuse what can't be done."""
        if self.workers < 1:
            raise SettingError(f"there must be a worker at least, not {self.workers}")

    def map(self, work: Work[Task, Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do the work for every task.

        Parameters
        ----------
        work : Work
            It can be pickled.
        tasks : iterable
            Taken a few at a time.

        Yields
        ------
        result
            In the tasks' order, each as soon as it is there.

        Raises
        ------
        EpochsieveError
            Where worker processes can't be started.
        """
        crew = _Crew(self.workers)
        try:
            yield from _do_all(crew, work, iter(tasks), _TASKS_PER_WORKER * self.workers)
        finally:
            crew.dismiss()


def _do_all(crew: "_Crew", work: Work[Task, Result], tasks: Iterator[Task], most: int) -> Iterator[Result]:
    """Do tasks, at most so many ahead of the result that is next."""
    begun: deque[tuple[Task, Future[Report[Result]]]] = deque()
    while True:
        begun.extend((task, crew.begin(work, task)) for task in islice(tasks, most - len(begun)))
        if not begun:
            return
        if not _is_lost(begun[0][1]):
            yield _take(begun.popleft()[1])
            continue
        _log.warning("a worker process died; what was under way is done again, one task at a time")
        crew.dismiss()
        for task, report in begun:
            yield _do_alone(crew, work, task) if _is_lost(report) else _take(report)
        begun.clear()


def _do_alone(crew: "_Crew", work: Work[Task, Result], task: Task) -> Result:
    """Do a task while nobody else is working, so that it is clear whose a death is."""
    for _ in range(MOST_DEATHS):
        report = crew.begin(work, task)
        if not _is_lost(report):
            return _take(report)
        crew.dismiss()
    return work.give_up(task, f"the worker process died, {MOST_DEATHS} times; was there too little memory?")


def _is_lost(report: "Future[Report[Any]]") -> bool:
    """Wait for a report, and tell whether its worker died."""
    return isinstance(report.exception(), BrokenProcessPool)


def _take(report: "Future[Report[Result]]") -> Result:
    """Take a result out of its report, and log here what was logged there."""
    came = report.result()
    for record in came.log:
        logging.getLogger(record.name).handle(record)
    return came.result


class _Crew:
    """Worker processes, started when there is something to do."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._leash: Connection | None = None

    def begin(self, work: Work[Task, Result], task: Task) -> "Future[Report[Result]]":
        """Let somebody begin a task; where the workers have died, its report is lost at once."""
        if self._pool is None:
            self._start()
        assert self._pool is not None
        try:
            return self._pool.submit(perform, work, task, logging.getLogger(LOGGER).getEffectiveLevel())
        except BrokenProcessPool as error:
            lost: Future[Report[Result]] = Future()
            lost.set_exception(error)
            return lost

    def dismiss(self) -> None:
        """End all workers, whatever they are doing, and wait until they are gone."""
        if self._leash is not None:
            self._leash.close()
        if self._pool is not None:
            self._pool.shutdown(wait=True)
        self._pool = self._leash = None

    def _start(self) -> None:
        """Start workers, and make sure that they live."""
        context = multiprocessing.get_context("spawn")
        end, self._leash = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(self._workers, context, begin, (end,))
        try:
            self._pool.submit(int).result()
        except BrokenProcessPool as error:
            raise EpochsieveError("worker processes can't be started: they end at once") from error


def _count_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
