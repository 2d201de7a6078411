"""Work in other processes of this machine: as many chunks at a time as there are workers."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from epochsieve.running.crew import Crew, Hand, Job
from epochsieve.vocabulary.errors import SettingError

if TYPE_CHECKING:  # numpy, which comes with it, would delay workers that are started early
    from epochsieve.vocabulary.contracts import Parcel, Result, Task, Work

_CHUNKS_PER_WORKER = 4  # begun or done, but not yet asked for: enough that nobody waits for one long chunk


@dataclass(frozen=True)
class Processes:
    """Does chunks in worker processes, which are started for each `map` and gone when it ends, however it ends.

    Work, chunks and parcels are pickled. A worker that dies or takes too long costs no task: its chunk is done again,
    and a task at which workers die `crew.MOST_DEATHS` times, or which takes too long `crew.MOST_DELAYS` times, is given
    up.

    Attributes
    ----------
    workers : int
        How many processes.
    timeout : float
        Seconds that one task may take.
    """

    workers: int
    timeout: float = math.inf
    _early: list[Hand] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what can't be done."""
        if self.workers < 1:
            raise SettingError(f"there must be a worker at least, not {self.workers}")
        if not self.timeout > 0:
            raise SettingError(f"a time-out of {self.timeout:g} s leaves no time for anything")

    @property
    def at_a_time(self) -> int:
        """How many chunks are done at a time."""
        return self.workers

    def start_early(self, modules: Sequence[str]) -> None:
        """Start the workers of the next `map` already: they get ready while the caller prepares the work.

        Without a `map`, they end when this object is gone. A run of one object on two idle cores took 0.8 s, not 0.9 s.

        Parameters
        ----------
        modules : sequence of str
            Names of modules that the work will need; workers import them.
        """
        for _ in range(self.workers - len(self._early)):
            self._early.append(Hand())
            self._early[-1].start(modules)

    def map(self, work: "Work[Task, Result, Parcel]", chunks: "Iterable[Sequence[Task]]") -> "Iterator[Parcel]":
        """Do the work for every task of every chunk.

        Parameters
        ----------
        work : Work
            It can be pickled.
        chunks : iterable of sequence
            Taken a few at a time.

        Yields
        ------
        parcel
            In the chunks' order, each as soon as it is there.

        Raises
        ------
        EpochsieveError
            Where worker processes can't be started.
        """
        from epochsieve.vocabulary.contracts import JointWork

        early = [self._early.pop() for _ in range(len(self._early))]
        crew = Crew(self.workers, work, self.timeout, early)
        try:
            jobs = (Job(chunk, isinstance(work, JointWork)) for chunk in chunks)
            yield from _do_all(crew, jobs, _CHUNKS_PER_WORKER * self.workers)
        finally:
            crew.dismiss()


def _do_all(crew: Crew, left: Iterator[Job], most: int) -> Iterator[Any]:
    """Do jobs, at most so many ahead of the parcel that is next."""
    jobs: deque[Job] = deque()
    waiting: deque[Job] = deque()
    while True:
        new = list(islice(left, most - len(jobs)))
        jobs.extend(new)
        waiting.extend(new)
        if not jobs:
            return
        crew.employ(waiting)
        if jobs[0].report is not None:
            yield jobs.popleft().report.take()  # type: ignore[union-attr]
        else:
            waiting.extendleft(crew.watch())
