import gc
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from epochsieve.running.crew import MOST_DEATHS
from epochsieve.running.processes import Processes
from epochsieve.vocabulary.errors import EpochsieveError, SettingError

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")


@pytest.fixture
def jobs(monkeypatch):
    """The module of work that workers can import as well."""
    monkeypatch.syspath_prepend(HERE)
    import odd_jobs

    return odd_jobs


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in (
        stat.read_text().rpartition(")")[2].split()[0] if (stat := Path(f"/proc/{pid}/stat")).exists() else ""
    )


def wait_until_gone(pids):
    for _ in range(500):
        if not any(map(is_alive, pids)):
            return
        time.sleep(0.02)
    raise AssertionError(f"still there: {pids}")


def singly(tasks):
    """Make a chunk of every task."""
    return ([task] for task in tasks)


def test_tasks_are_taken_a_few_at_a_time(jobs):
    taken = []

    def tasks():
        for n in range(1000):
            taken.append(n)
            yield n

    results = Processes(2).map(jobs.Square(), singly(tasks()))
    assert [next(results) for _ in range(3)] == [[0], [1], [4]]
    assert len(taken) < 20
    results.close()


def test_a_task_that_kills_its_worker_is_given_up_and_the_others_of_its_chunk_are_done(jobs, tmp_path, caplog):
    work = jobs.Square(deadly=(3,), diary=tmp_path / "diary")
    results = [result for parcel in Processes(2).map(work, [range(6), range(6, 12)]) for result in parcel]
    assert results.pop(3).startswith("3: the worker process died, 3 times")
    assert results == [n**2 for n in range(12) if n != 3]
    deaths = [line for line in (tmp_path / "diary").read_text().splitlines() if line.startswith("3 ")]
    assert len(deaths) == MOST_DEATHS
    assert "a worker process died" in caplog.text


def test_a_task_that_never_ends_is_given_up_and_the_others_of_its_chunk_are_done(jobs, caplog):
    (parcel,) = Processes(1, timeout=3).map(jobs.Square(hanging=(1,)), [range(3)])
    assert parcel == [0, "1: it took longer than 3 s, 2 times", 4]
    assert caplog.text.count("took longer than 3 s for one task") == 2


def test_a_chunk_that_was_done_together_is_done_one_by_one_once_it_cost_a_worker(jobs, tmp_path):
    work = jobs.JointSquare(deadly=(1,), diary=tmp_path / "diary")
    (parcel,) = Processes(1).map(work, [range(3)])
    assert parcel[0::2] == [0, 4]
    assert parcel[1].startswith("1: the worker process died, 3 times")
    lines = [line.rpartition(" ")[0] for line in (tmp_path / "diary").read_text().splitlines()]
    # Of tasks that were done together nobody knows at which the worker died: that death doesn't count.
    assert lines == ["together [0, 1,", "0", "1", *["0", "1"] * MOST_DEATHS, "0", "2"]


def test_a_task_that_never_ends_among_those_done_together_is_given_up_alone(jobs):
    (parcel,) = Processes(1, timeout=3).map(jobs.JointSquare(hanging=(1,)), [range(3)])
    assert parcel == [0, "1: it took longer than 3 s, 2 times", 4]


def test_many_tasks_done_together_may_take_longer_than_one(jobs):
    assert list(Processes(1, timeout=3).map(jobs.JointSquare(slow=range(12)), [range(12)])) == [
        [n**2 for n in range(12)]
    ]


def test_many_short_tasks_of_a_chunk_may_take_longer_than_one(jobs):
    squares = [n**2 for n in range(12)]
    assert list(Processes(1, timeout=3).map(jobs.Square(slow=range(12)), [range(12)])) == [squares]


def test_tasks_whose_workers_died_by_chance_are_all_done(jobs, tmp_path):
    assert list(Processes(2).map(jobs.DieOnce(tmp_path), [range(2), range(2, 4)])) == [[0, 1], [2, 3]]


def test_workers_that_were_started_early_have_imported_what_they_were_told(jobs):
    runner = Processes(2)
    runner.start_early(["colorsys", "no_such_module"])
    found = [said for parcel in runner.map(jobs.FindModules(), [["colorsys"], ["chunk"]]) for said in parcel]
    assert found == [True, False]
    assert list(runner.map(jobs.FindModules(), [["colorsys"]])) == [[False]]  # others, who began with the work


def test_workers_that_were_started_early_end_where_there_is_no_work():
    runner = Processes(2)
    runner.start_early([])
    workers = multiprocessing.active_children()
    assert len(workers) == 2
    del runner
    gc.collect()
    wait_until_gone([worker.pid for worker in workers])


def test_an_idle_worker_that_was_killed_is_replaced(jobs):
    results = Processes(1).map(jobs.Identify(), singly(range(40)))
    (pid,) = next(results)
    time.sleep(1)  # it has done all that may be begun, and waits
    os.kill(pid, signal.SIGKILL)
    others = [pid for (pid,) in results]
    assert len(others) == 39
    assert others[-1] != pid


def test_work_that_cannot_be_pickled_is_an_error(jobs):
    with pytest.raises(Exception, match="pickle"):
        list(Processes(1).map(lambda task: task, [[1]]))


@pytest.mark.parametrize(("level", "texts"), [(logging.INFO, 2), (logging.WARNING, 1)])
def test_what_workers_log_is_logged_here_with_its_level_and_traceback(jobs, caplog, level, texts):
    caplog.set_level(level, "epochsieve")
    assert list(Processes(1).map(jobs.Log(), [["x"]])) == [["x"]]
    assert [record.name for record in caplog.records] == ["epochsieve.odd"] * texts
    assert caplog.records[-1].levelno == logging.WARNING
    assert "trouble with x: <unlocked _thread.lock" in caplog.text
    assert "Traceback" in caplog.text


def test_workers_use_one_thread_each_unless_the_user_says_otherwise(jobs, monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    assert list(Processes(1).map(jobs.ReportEnvironment(), [names])) == [["3", "1"]]


def test_results_that_nobody_asks_for_any_more_end_the_workers(jobs, tmp_path):
    results = Processes(2).map(jobs.Sleep(), singly((tmp_path, seconds) for seconds in (0, 60, 60)))
    next(results)
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.01)
    results.close()
    wait_until_gone([int(path.name) for path in tmp_path.iterdir()])


USER = """
import signal
import sys
from pathlib import Path
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which shells turn off for what they run behind
    sys.path.insert(0, sys.argv[1])
    import odd_jobs
    from epochsieve.running.processes import Processes
    try:
        list(Processes(2).map(odd_jobs.Sleep(), [[(Path(sys.argv[2]), 60)]] * 4))
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.parametrize(("ending", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_no_worker_outlives_an_interrupted_or_killed_run(tmp_path, ending, status):
    (tmp_path / "user.py").write_text(USER)
    seen = tmp_path / "seen"
    seen.mkdir()
    command = [sys.executable, str(tmp_path / "user.py"), str(HERE), str(seen)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as user:
        while len(list(seen.iterdir())) < 2 and user.poll() is None:
            time.sleep(0.02)
        os.killpg(user.pid, ending) if ending == signal.SIGINT else user.kill()
        assert user.stderr is not None
        said = user.stderr.read()
        assert user.wait() == status, said
    assert "Traceback" not in said
    wait_until_gone([int(path.name) for path in seen.iterdir()])


def test_workers_that_cannot_live_are_an_error(jobs, monkeypatch):
    monkeypatch.setattr("epochsieve.running.crew.serve", os._exit)
    with pytest.raises(EpochsieveError, match="can't be started"):
        list(Processes(1).map(jobs.Square(), [[1]]))


def test_work_that_workers_cannot_find_is_an_error(jobs, monkeypatch):
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(HERE)])
    with pytest.raises(EpochsieveError, match="can't take the work: No module named"):
        list(Processes(1).map(jobs.Square(), [[1]]))


@pytest.mark.parametrize("setting", [(0,), (1, 0), (1, float("nan"))])
def test_what_cannot_be_done_is_refused(setting):
    with pytest.raises(SettingError):
        Processes(*setting)
