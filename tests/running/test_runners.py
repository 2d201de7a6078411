"""What holds of every runner."""

import logging
import sys
from pathlib import Path

import pytest

from epochsieve.running.dask_cluster import DaskCluster
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes

HERE = Path(__file__).parent

RUNNERS = {"in process": InProcess(), "one worker": Processes(1), "three workers": Processes(3), "dask": None}


@pytest.fixture(scope="module")
def scheduler():
    """A Dask cluster of two small workers, and its address."""
    distributed = pytest.importorskip("distributed")
    import dask

    quick = {"distributed.scheduler.allowed-failures": 1}  # of its workers' deaths that Dask forgives a task by itself
    with (
        dask.config.set(quick),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
    ):
        yield cluster.scheduler_address


@pytest.fixture
def jobs(monkeypatch):
    """The module of work that workers can import as well."""
    monkeypatch.syspath_prepend(HERE)
    import odd_jobs

    return odd_jobs


@pytest.fixture(params=RUNNERS)
def runner(request):
    if request.param == "dask":
        return DaskCluster(request.getfixturevalue("scheduler"))
    return RUNNERS[request.param]


def test_parcels_are_those_of_their_chunks_in_order(jobs, runner):
    chunks = [(0, 1, 2), (3,), (), (4, 5)]
    assert list(runner.map(jobs.Square(slow=(1,)), chunks)) == [[0, 1, 4], [9], [], [16, 25]]


def test_tasks_that_may_be_done_together_are_and_give_the_same(jobs, runner, tmp_path):
    diary = tmp_path / "diary"
    assert list(runner.map(jobs.JointSquare(diary=diary), [range(5), (), (7,)])) == [[0, 1, 4, 9, 16], [], [49]]
    together = [line for line in diary.read_text().splitlines() if line.startswith("together")]
    assert sorted(together) == ["together [0, 1, 2]", "together [3, 4]", "together [7]"]


def test_no_chunk_means_no_parcel(jobs, runner):
    assert list(runner.map(jobs.Square(), [])) == []


def test_every_runner_says_how_many_chunks_it_does_at_a_time(runner):
    assert 1 <= runner.at_a_time <= 3
    assert list(runner.map(None, [])) == []


def test_chunks_are_taken_a_few_at_a_time(jobs, runner):
    taken = []

    def chunks():
        for n in range(1000):
            taken.append(n)
            yield [n]

    parcels = runner.map(jobs.Square(), chunks())
    assert [next(parcels) for _ in range(3)] == [[0], [1], [4]]
    assert len(taken) <= 20
    parcels.close()


def test_an_error_of_the_work_is_raised_where_its_parcel_would_be(jobs, runner):
    parcels = runner.map(jobs.Square(failing=(2,)), [[0], [1, 2, 3], [4]])
    assert next(parcels) == [0]
    with pytest.raises(ValueError, match="no square of 2"):
        next(parcels)


@pytest.mark.parametrize(("level", "texts"), [(logging.INFO, 2), (logging.WARNING, 1)])
def test_what_is_logged_anywhere_is_logged_here(jobs, runner, caplog, level, texts):
    caplog.set_level(level, "epochsieve")
    assert list(runner.map(jobs.Log(), [["x"]])) == [["x"]]
    assert [record.name for record in caplog.records if "distributed" not in record.name] == ["epochsieve.odd"] * texts
    assert "trouble with x: <unlocked _thread.lock" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
@pytest.mark.parametrize("runner", ["three workers", "dask"], indirect=True)
@pytest.mark.parametrize("kind", ["Square", "JointSquare"])
def test_what_kills_its_worker_is_given_up_and_all_else_is_done(jobs, runner, kind):
    work = getattr(jobs, kind)(deadly=(3,))
    first, second, third = runner.map(work, [(0, 1), (2, 3, 4), (5,)])
    assert (first, third) == ([0, 1], [25])
    assert (second[0], second[2]) == (4, 16)
    assert second[1].startswith("3: the ")
    assert "died" in second[1]
