"""Worker processes: who is at which task of which chunk, who died, who takes too long."""

import logging
import math
import multiprocessing
import pickle
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from typing import Any

from epochsieve.running.worker import LOGGER, READY, Report, serve
from epochsieve.vocabulary.errors import EpochsieveError

_log = logging.getLogger(__name__)

MOST_DEATHS = 3
"""A task whose worker died so often is given up."""

MOST_STILLBORN = 10
"""So many workers in a row that die before they can work mean that none can."""

MOST_DELAYS = 2
"""A task that took too long so often is given up."""


class Job:
    """One chunk on its way: what has gone wrong with it, and its report once that is there.

    Parameters
    ----------
    chunk : sequence
        Its tasks.
    jointly : bool
        Whether they are done together, for as long as all goes well. Where a worker is lost nobody knows then at which
        task: they are done one by one the next time, and only that counts.
    """

    def __init__(self, chunk: Sequence[Any], jointly: bool = False) -> None:
        self.chunk = chunk
        self.jointly = jointly
        self.given_up: dict[int, Any] = {}
        self.report: Report | None = None
        self._deaths: Counter[int] = Counter()
        self._delays: Counter[int] = Counter()

    def note_death(self, place: int, work: Any) -> None:
        """Note that a worker died at a task, and give the task up where that was once too often."""
        if self._part():
            return
        self._deaths[place] += 1
        if self._deaths[place] >= MOST_DEATHS:
            why = f"the worker process died, {MOST_DEATHS} times; was there too little memory?"
            self.given_up[place] = work.give_up(self.chunk[place], why)

    def note_delay(self, place: int, work: Any, seconds: float) -> None:
        """Note that a task took too long, and give it up where that was once too often."""
        if self._part():
            return
        self._delays[place] += 1
        if self._delays[place] >= MOST_DELAYS:
            why = f"it took longer than {seconds:g} s, {MOST_DELAYS} times"
            self.given_up[place] = work.give_up(self.chunk[place], why)

    def _part(self) -> bool:
        """Have tasks that were done together done one by one from now on; say whether they were."""
        were, self.jointly = self.jointly, False
        return were


class Crew:
    """Worker processes that do jobs, each a chunk at a time; one that is lost is replaced.

    Parameters
    ----------
    workers : int
        How many at most.
    work : Work
        What is done to each task; it can be pickled.
    timeout : float
        Seconds that one task may take.
    early : sequence of Hand
        Those that have begun already, no more than there are workers.
    """

    def __init__(self, workers: int, work: Any, timeout: float, early: Sequence["Hand"] = ()) -> None:
        self._work = work
        self._pickled = pickle.dumps(work)
        self._timeout = timeout
        self._hands = [*early, *(Hand() for _ in range(workers - len(early)))]
        self._stillborn = 0

    def employ(self, jobs: deque[Job]) -> None:
        """Hand jobs to whoever is free, those in front first."""
        for hand in self._hands:
            if jobs and hand.job is None:
                hand.take(jobs.popleft(), self._pickled)

    def watch(self) -> Iterator[Job]:
        """Wait until something happens, and yield the jobs whose worker is lost: they are to be done again."""
        busy = {hand.line: hand for hand in self._hands if hand.job is not None}
        soonest = min((hand.deadline for hand in busy.values()), default=math.inf)
        patience = None if soonest == math.inf else max(soonest - time.monotonic(), 0)
        for line in wait(list(busy), patience):
            yield from self._listen(busy[line])
        for hand in self._hands:
            if hand.job is not None and hand.deadline < time.monotonic():
                yield self._end_delay(hand, hand.job)

    def dismiss(self) -> None:
        """End all workers, whatever they are doing, and wait until they are gone."""
        for hand in self._hands:
            hand.let_go()

    def _listen(self, hand: "Hand") -> Iterator[Job]:
        """Hear what a worker says; where that is its end, yield its job."""
        assert hand.job is not None
        try:
            said = hand.line.recv()
        except (EOFError, OSError):
            yield self._note_death(hand, hand.job)
            return
        if said == READY:
            self._stillborn, hand.ready = 0, True
        elif isinstance(said, Report):
            hand.job.report, hand.job, hand.deadline = said, None, math.inf
        else:
            hand.place, hand.deadline = said, time.monotonic() + self._timeout

    def _note_death(self, hand: "Hand", job: Job) -> Job:
        """Take leave of a dead worker; one that never lived may mean that none can."""
        ready, place = hand.ready, hand.place
        hand.let_go()
        if ready:
            _log.warning("a worker process died; what it was at is done again")
            job.note_death(place, self._work)
            return job
        self._stillborn += 1
        if self._stillborn >= MOST_STILLBORN:
            raise EpochsieveError("worker processes can't be started: they end at once")
        return job

    def _end_delay(self, hand: "Hand", job: Job) -> Job:
        """End a worker that takes too long."""
        _log.warning("a worker process took longer than %g s for one task; ended, to be done again", self._timeout)
        job.note_delay(hand.place, self._work, self._timeout)
        hand.let_go()
        return job


class Hand:
    """A place for one worker, who is started when there is something to do, or before."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.line: Any = None
        self._leash: Any = None
        self._process: Any = None
        self._reset()

    def start(self, modules: Sequence[str] = ()) -> None:
        """Start a worker, who imports modules at once; nobody else holds its ends of the pipes."""
        context = multiprocessing.get_context("spawn")
        self.line, line = context.Pipe()
        leash, self._leash = context.Pipe(duplex=False)
        self._process = context.Process(target=serve, args=(line, leash, tuple(modules)), daemon=True)
        self._process.start()
        line.close()
        leash.close()

    def take(self, job: Job, work: bytes) -> None:
        """Begin a job; a worker who died while idle is replaced."""
        try:
            self._hand_over(job, work)
        except OSError:
            self.let_go()
            self._hand_over(job, work)
        self.job = job

    def let_go(self) -> None:
        """End the worker, if there is one, and wait until it is gone."""
        if self._process is not None:
            self._leash.close()
            self.line.close()
            self._process.kill()
            self._process.join()
            self._process.close()
        self._reset()

    def _reset(self) -> None:
        """Be without a worker."""
        self.job = self.line = self._leash = self._process = None
        self.ready, self.place, self.deadline = False, 0, math.inf
        self._knows_work = False

    def _hand_over(self, job: Job, work: bytes) -> None:
        """Send a job to the worker, and to a new one the work before."""
        if self._process is None:
            self.start()
        if not self._knows_work:
            self.line.send_bytes(work)
            self._knows_work = True
        self.place = 0
        level = logging.getLogger(LOGGER).getEffectiveLevel()
        self.line.send((job.chunk, None if job.jointly else job.given_up, level))
