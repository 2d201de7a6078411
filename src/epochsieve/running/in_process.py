"""Work where the caller is: one task after the other."""

from collections.abc import Iterable, Iterator

from epochsieve.vocabulary.contracts import Result, Task, Work


class InProcess:
    """Runs tasks in this process, each only when its result is asked for."""

    def map(self, work: Work[Task, Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do the work for every task.

        Parameters
        ----------
        work : Work
            Takes a task, gives its result.
        tasks : iterable
            Taken one at a time.

        Yields
        ------
        result
            In the tasks' order.
        """
        return map(work, tasks)
