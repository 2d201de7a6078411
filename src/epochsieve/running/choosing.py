"""Which runner a command's options ask for."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from epochsieve.running.cores import count_cores
from epochsieve.running.processes import Processes
from epochsieve.vocabulary.errors import SettingError

if TYPE_CHECKING:
    from epochsieve.vocabulary.contracts import Runner


def choose_runner(
    workers: int = 1, timeout: float | None = None, cluster: str = "", modules: Sequence[str] = ()
) -> "Runner":
    """Choose where work happens.

    Parameters
    ----------
    workers : int, optional
        How many chunks at a time: 1 for this process, 0 for as many as it may use cores.
    timeout : float, optional
        Seconds that one task may take; work is then done in worker processes in any case, for they can be ended.
    cluster : str, optional
        Address of a Dask cluster.
    modules : sequence of str, optional
        Names of modules that the work will need: worker processes of this machine start at once and import them.

    Returns
    -------
    Runner
        Results are the same from each.

    Raises
    ------
    SettingError
        Where the options contradict each other, or ask for what is not installed.
    """
    if cluster:
        if workers != 1 or timeout is not None:
            raise SettingError("--cluster brings its own workers: leave --workers and --timeout out")
        from epochsieve.running.dask_cluster import DaskCluster

        return DaskCluster(cluster)
    if workers == 1 and timeout is None:
        from epochsieve.running.in_process import InProcess

        return InProcess()
    runner = Processes(workers or count_cores(), math.inf if timeout is None else timeout)
    if modules:
        runner.start_early(modules)
    return runner
