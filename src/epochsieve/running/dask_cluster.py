"""Work on a cluster that Dask knows, or on this machine through Dask; needs the extra ``dask``."""

import logging
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from epochsieve import __version__
from epochsieve.running.cores import count_cores
from epochsieve.running.worker import LOGGER, Report, perform
from epochsieve.vocabulary.contracts import JointWork, Parcel, Result, Task, Work
from epochsieve.vocabulary.errors import EpochsieveError, SettingError

_log = logging.getLogger(__name__)

LOCAL = "local"
"""The address of a cluster that is started on this machine, a worker for each core, and gone at the end."""

_CHUNKS_PER_WORKER = 4
_FEWEST_CHUNKS = 16  # under way at least, for a cluster that is still growing
_SECONDS_TO_ANSWER = 30


@dataclass(frozen=True)
class DaskCluster:
    """Does chunks on a Dask cluster: one Dask task for each, a bounded number of them at a time.

    Dask does a chunk again whose worker is lost. Where that happens too often (as its setting
    ``distributed.scheduler.allowed-failures`` says), its tasks are done one by one, and those that kill their workers
    are given up.

    Attributes
    ----------
    address : str
        The scheduler's, as ``tcp://10.0.0.1:8786``; the path of a scheduler file; or `LOCAL`.
    """

    address: str

    def __post_init__(self) -> None:
        """Refuse to promise what is not installed."""
        if find_spec("distributed") is None:
            raise SettingError("--cluster needs Dask: python -m pip install 'epochsieve[dask]'")

    @property
    def at_a_time(self) -> int:
        """How many chunks are done at a time, as the cluster is now."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def map(self, work: Work[Task, Result, Parcel], chunks: Iterable[Sequence[Task]]) -> Iterator[Parcel]:
        """Do the work for every task of every chunk.

        Parameters
        ----------
        work : Work
            It can be pickled, and what it reads is found under the same names on the workers.
        chunks : iterable of sequence
            Taken a few at a time.

        Yields
        ------
        parcel
            In the chunks' order, each as soon as it is there.

        Raises
        ------
        EpochsieveError
            Where the cluster is lost, or its workers have another version.
        """
        level = logging.getLogger(LOGGER).getEffectiveLevel()
        job = _Job(pickle.dumps(work), __version__, level, Path.cwd())
        left = iter(chunks)
        begun: deque[tuple[Sequence[Task], Any]] = deque()
        with _speak_plainly(self.address), self._closed_at_end():
            while True:
                most = max(_FEWEST_CHUNKS, _CHUNKS_PER_WORKER * self.at_a_time)
                begun.extend((chunk, self._submit(job.do, chunk)) for chunk in islice(left, most - len(begun)))
                if not begun:
                    return
                chunk, future = begun.popleft()
                yield self._take(work, job, chunk, future)

    def _submit(self, do: "Callable[[Any], Report]", what: Any) -> Any:
        """Let a worker begin something; the same task done twice is two tasks."""
        return self._client.submit(do, what, pure=False)

    def _take(self, work: Work[Task, Result, Parcel], job: "_Job", chunk: Sequence[Task], future: Any) -> Parcel:
        """Take a parcel, or make one of what the chunk's tasks give one by one."""
        from distributed import KilledWorker

        try:
            return future.result().take()  # type: ignore[no-any-return]
        except KilledWorker:
            _log.warning("workers died again and again at some objects; these are done one by one")
        # Not all at once: Dask counts a death against every task that the worker had, and one must not pay for another.
        return work.join([_take_alone(work, task, self._submit(job.do_alone, task)) for task in chunk])

    @contextmanager
    def _closed_at_end(self) -> Iterator[None]:
        """Leave the cluster, however this ends; what is under way there is cancelled."""
        try:
            yield
        finally:
            cluster = self._client.cluster if self.address == LOCAL else None
            self._client.close()
            if cluster is not None:
                cluster.close()
            self.__dict__.pop("_client")

    @cached_property
    def _client(self) -> Any:
        """The connection to the scheduler."""
        import distributed

        dask: Any = distributed  # it has no types

        if self.address == LOCAL:
            cluster = dask.LocalCluster(n_workers=count_cores(), threads_per_worker=1, dashboard_address=None)
            return dask.Client(cluster)
        where = {"scheduler_file": self.address} if self.address.endswith(".json") else {"address": self.address}
        try:
            return dask.Client(**where, timeout=_SECONDS_TO_ANSWER)
        except (OSError, ValueError) as error:
            raise SettingError(f"no Dask scheduler answers at {self.address}: {error}") from error


@dataclass(frozen=True)
class _Job:
    """What Dask's workers are told to do; the work is unpickled once in each of them, if they are of this version."""

    work: bytes
    version: str
    level: int
    folder: Path

    def do(self, chunk: Sequence[Any]) -> Report:
        """Do a chunk."""
        work = self._open()
        return perform(work, chunk, None if isinstance(work, JointWork) else {}, self.level, _tell_nobody)

    def do_alone(self, task: Any) -> Report:
        """Do one task, and give its result as it is."""
        return perform(_Unjoined(self._open()), [task], {}, self.level, _tell_nobody)

    def _open(self) -> Any:
        """Unpack the work."""
        if self.version != __version__:
            raise EpochsieveError(f"the cluster's workers have epochsieve {__version__}, this is {self.version}")
        try:
            os.chdir(self.folder)  # what paths are relative to
        except OSError as error:
            raise EpochsieveError(f"the cluster's workers don't see {self.folder}: {error.strerror}") from error
        return _unpickle(self.work)


@dataclass(frozen=True)
class _Unjoined:
    """Work whose parcel is the result of its one task."""

    work: Any

    def __call__(self, task: Any) -> Any:
        """Do it."""
        return self.work(task)

    def join(self, results: Sequence[Any]) -> Any:
        """Give the one result."""
        return results[0]


@lru_cache(maxsize=1)
def _unpickle(work: bytes) -> Any:
    """Unpickle the work, and keep it for the chunks to come."""
    return pickle.loads(work)  # noqa: S301 - from the run that submitted it


def _take_alone(work: Work[Task, Result, Parcel], task: Task, future: Any) -> Result:
    """Take the result of a task that was done alone, or give it up."""
    from distributed import KilledWorker

    try:
        return future.result().take()  # type: ignore[no-any-return]
    except KilledWorker:
        return work.give_up(task, "the cluster's workers died, again and again; was there too little memory?")


@contextmanager
def _speak_plainly(address: str) -> Iterator[None]:
    """Make a lost cluster an error of ours."""
    from concurrent.futures import CancelledError

    from distributed.comm.core import CommClosedError

    try:
        yield
    except (CancelledError, CommClosedError) as error:
        raise EpochsieveError(f"the cluster at {address} was lost; --resume goes on with what is done") from error


def _tell_nobody(_place: int) -> None:
    """Say nothing of how far it is."""
