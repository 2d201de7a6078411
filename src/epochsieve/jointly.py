"""Objects that are judged together: each is read, compared and weighed by itself, but networks look at many at once."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from epochsieve.pipeline import Begun, Outcome, SeriesWork
from epochsieve.tasks import SeriesTask
from epochsieve.vocabulary.contracts import JointMethod
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JointSeriesWork(SeriesWork):
    """What is done to objects whose networks are on a graphics card.

    Whatever goes wrong with one of them costs the others nothing: where the networks fail on several series at once,
    they look at one after the other.

    Attributes
    ----------
    method : JointMethod
        Judges the series.
    """

    method: JointMethod

    def do_jointly(self, tasks: Iterable[SeriesTask]) -> Iterator[Outcome]:
        """Read and judge objects, as many at once as the method asks for: memory holds no more than these.

        Parameters
        ----------
        tasks : iterable of SeriesTask
            Each is taken when the one before it has been read and prepared.

        Yields
        ------
        Outcome
            What calling this work with each task gives, in their order.
        """
        group: list[_Candidate] = []
        for task in tasks:
            group.append(self._prepare(self.begin(task)))
            if sum(candidate.pixels for candidate in group) >= self.method.pixels_at_once:
                yield from self._finish_all(group)
                group = []
        yield from self._finish_all(group)

    def _prepare(self, begun: Begun) -> "_Candidate":
        """Do what comes before the networks, where there are images at all."""
        return _Candidate(begun, _attempt(lambda: self.method.prepare(begun.series) if begun.series else None))

    def _finish_all(self, group: Sequence["_Candidate"]) -> Iterator[Outcome]:
        """Let the networks look at what is prepared, and judge each object."""
        ready = [candidate for candidate in group if candidate.is_ready]
        for candidate, seen in zip(ready, self._look([one.prepared.result() for one in ready]), strict=True):
            candidate.seen = seen
        for candidate in group:
            yield self.finish(candidate.begun, partial(candidate.judge, self.method))

    def _look(self, prepared: Sequence[Any]) -> Sequence["Future[Any]"]:
        """Look at all of them at once, and where that fails at one after the other."""
        try:
            return [_attempt(partial(_give, one)) for one in self.method.look(prepared)]
        except Exception as error:  # noqa: BLE001 - whatever fails alone, too, says so when it is judged
            _log.info("networks failed on %d series at once, and look at one after the other: %s", len(prepared), error)
        return [_attempt(partial(self._look_alone, one)) for one in prepared]

    def _look_alone(self, prepared: Any) -> Any:
        """Look at one series."""
        (seen,) = self.method.look([prepared])
        return seen


@dataclass(eq=False)
class _Candidate:
    """An object on its way: what each step gave, or how it failed."""

    begun: Begun
    prepared: "Future[Any]"
    seen: "Future[Any] | None" = None

    @property
    def pixels(self) -> int:
        """How many its epochs have."""
        series = self.begun.series
        return series.stack.size * len(series.epochs) if series else 0

    @property
    def is_ready(self) -> bool:
        """Whether there is anything for the networks to look at."""
        return self.begun.series is not None and self.prepared.exception() is None

    def judge(self, method: JointMethod, _series: CutoutSeries) -> Findings:
        """Judge it; where a step before this one failed, its error comes now."""
        prepared = self.prepared.result()
        assert self.seen is not None
        return method.weigh(prepared, self.seen.result())


def _attempt(step: Callable[[], Any]) -> "Future[Any]":
    """Do a step now, and keep what it gives, or its error, until it is asked for."""
    future: Future[Any] = Future()
    try:
        future.set_result(step())
    except Exception as error:  # noqa: BLE001 - raised again where the object is judged
        future.set_exception(error)
    return future


def _give(given: Any) -> Any:
    """Give what is there."""
    return given
