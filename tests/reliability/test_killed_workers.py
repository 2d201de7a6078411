"""Workers that die, hang or run out of memory cost nothing but time, and whoever is to blame is named."""

import multiprocessing
import os
import random
import signal
import sys
import threading
import time

import pytest
from bad_methods import Greedy, Hanging, Killing, Slow
from faults import SOAK, Nobody, assert_same, times, write_objects

from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.store import read_findings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")


def sieve(images, out, method, runner):
    sieve_to_disk(SieveRequest([str(images)], out, method, runner=runner), Nobody())
    return read_findings(out)


class Assassin(threading.Thread):
    """Kills workers of this process, each a random moment after the run has got further, so many in all."""

    def __init__(self, out, victims):
        super().__init__(daemon=True)
        self.out = out
        self.victims = victims
        self.killed = 0
        self.dismissed = False

    def run(self):
        rng = random.Random(20240719)
        seen = 0
        while self.killed < self.victims and not self.dismissed:
            time.sleep(rng.uniform(0, 0.3))
            workers, parts = multiprocessing.active_children(), len(find_parts(self.out))
            if workers and parts > seen:
                os.kill(rng.choice(workers).pid, signal.SIGKILL)
                self.killed += 1
                seen = parts


def test_workers_that_are_killed_at_random_lose_no_row(tmp_path, note):
    images = write_objects(tmp_path / "in", times(24, 240))
    expected = sieve(images, tmp_path / "unbroken", Slow(seconds=0), InProcess())
    killed = lost = 0
    while killed < times(1, 50):
        out = tmp_path / f"out{killed}"
        assassin = Assassin(out, times(2, 10))
        assassin.start()
        findings = sieve(images, out, Slow(seconds=0.02), Processes(2))
        assassin.dismissed = True
        assassin.join()
        assert_same(findings, expected)
        killed += assassin.killed
        lost += len(expected) - len(findings)
    note(killed, killed, lost)


def check_that_one_object_was_set_aside(findings, epochs, status):
    blamed = findings.select(findings["object"] == "004")
    assert len(findings) == epochs + 1  # which of an object's images is the stack, nobody has found out
    assert set(blamed["status"]) == {status}
    assert (findings["status"][findings["object"] != "004"] == "ok").all()


def test_an_object_that_always_kills_its_worker_is_named_and_set_aside(objects, tmp_path, unbroken, note):
    findings = sieve(objects, tmp_path / "out", Killing("004"), Processes(2))
    check_that_one_object_was_set_aside(
        findings, len(unbroken), "not judged: the worker process died, 3 times; was there too little memory?"
    )
    note(3, 3)


@pytest.mark.skipif(not SOAK, reason="takes a minute of waiting; tests/running has the same in small")
def test_an_object_at_which_workers_hang_is_named_and_set_aside(objects, tmp_path, unbroken, note):
    findings = sieve(objects, tmp_path / "out", Hanging("004"), Processes(2, timeout=30))
    check_that_one_object_was_set_aside(findings, len(unbroken), "not judged: it took longer than 30 s, 2 times")
    note(2, 2)


def test_an_object_that_takes_all_memory_is_named_and_set_aside(objects, tmp_path, unbroken, note):
    findings = sieve(objects, tmp_path / "out", Greedy("004"), Processes(2))
    (status,) = set(findings["status"][findings["object"] == "004"])
    assert status.startswith("not judged: ")
    assert "llocate" in status
    check_that_one_object_was_set_aside(findings, len(unbroken) - 1, status)
    note(1, 1)
