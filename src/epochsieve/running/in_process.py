"""Work where the caller is: one task after the other."""

from collections.abc import Iterable, Iterator, Sequence

from epochsieve.vocabulary.contracts import JointWork, Parcel, Result, Task, Work


class InProcess:
    """Does chunks in this process, each only when its parcel is asked for."""

    at_a_time = 1

    def map(self, work: Work[Task, Result, Parcel], chunks: Iterable[Sequence[Task]]) -> Iterator[Parcel]:
        """Do the work for every task of every chunk.

        Parameters
        ----------
        work : Work
            Takes a task, gives its result; joins results to a parcel.
        chunks : iterable of sequence
            Taken one at a time.

        Yields
        ------
        parcel
            In the chunks' order.
        """
        return (work.join(_do(work, chunk)) for chunk in chunks)


def _do(work: Work[Task, Result, Parcel], chunk: Sequence[Task]) -> list[Result]:
    """Do the tasks of a chunk, together where that is faster."""
    return list(work.do_jointly(chunk)) if isinstance(work, JointWork) else [work(task) for task in chunk]
