import math
import os

import pytest

from epochsieve.running.choosing import choose_runner
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes
from epochsieve.vocabulary.errors import SettingError


def test_one_worker_is_this_process_and_none_means_all_cores() -> None:
    assert isinstance(choose_runner(1), InProcess)
    assert choose_runner(3) == Processes(3)
    assert choose_runner(0) == Processes(len(os.sched_getaffinity(0)))


def test_a_time_out_needs_processes_that_can_be_ended() -> None:
    assert choose_runner(1, 5) == Processes(1, 5)
    assert choose_runner(2).timeout == math.inf


def test_a_cluster_is_one_of_dask() -> None:
    pytest.importorskip("distributed")
    runner = choose_runner(cluster="tcp://10.0.0.1:8786")
    assert runner.address == "tcp://10.0.0.1:8786"


def test_a_cluster_without_dask_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochsieve.running.dask_cluster.find_spec", lambda _: None)
    with pytest.raises(SettingError, match=r"epochsieve\[dask\]"):
        choose_runner(cluster="local")


@pytest.mark.parametrize("options", [{"workers": 2}, {"timeout": 5}])
def test_a_cluster_brings_its_own_workers(options: dict[str, float]) -> None:
    with pytest.raises(SettingError, match="leave --workers and --timeout out"):
        choose_runner(cluster="local", **options)
