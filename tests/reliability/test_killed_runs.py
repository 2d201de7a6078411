"""A run that is killed or ended leaves whole parts, and going on with it gives what an unbroken run gives."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from faults import assert_same, go_on, start_sieve, times, wait_for_parts

from epochsieve.writing.part_files import find_parts
from epochsieve.writing.store import read_findings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")


def test_a_process_group_that_is_killed_at_random_moments_goes_on(objects, tmp_path, unbroken, note):
    rng = random.Random(20240719)
    killed = 0
    while killed < times(1, 30):
        out = tmp_path / str(killed // 3)
        process = start_sieve(objects, out, "--resume", "--workers", "2")
        wait_for_parts(process, out, len(find_parts(out)) + rng.randint(0, 2))
        time.sleep(rng.uniform(0, 0.2))
        if process.poll() is None:
            killed += 1
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if find_parts(out):
            assert len(read_findings(out)) % 5 == 0  # whole objects, and nothing torn among them
    places = [place for place in tmp_path.iterdir() if place.is_dir()]
    for place in places:
        assert_same(go_on(objects, place), unbroken)
    note(killed, killed)


def test_a_run_that_is_told_to_end_leaves_in_order_and_goes_on(objects, tmp_path, unbroken, note):
    process = start_sieve(objects, tmp_path)
    assert wait_for_parts(process, tmp_path, 1)
    process.terminate()
    said = process.communicate()[1]
    assert (process.returncode, said) == (143, "epochsieve: terminated\n")
    assert not list((tmp_path / "findings").glob(".part*"))
    assert_same(go_on(objects, tmp_path), unbroken)
    note(1, 1)


def test_a_second_run_into_the_same_results_is_refused(objects, tmp_path, note):
    first = start_sieve(objects, tmp_path)
    try:
        assert wait_for_parts(first, tmp_path, 1)
        first.send_signal(signal.SIGSTOP)
        second = start_sieve(objects, tmp_path, "--resume")
        said = second.communicate()[1]
        assert (second.returncode, said) == (
            2,
            f"epochsieve: another run is writing to {tmp_path}; wait for its end, or end it\n",
        )
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
    note(1, 1)


KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from epochsieve.writing.atomic import write_atomically

def die(self, target):
    os.kill(os.getpid(), signal.SIGKILL)

Path.replace = die
path = Path(sys.argv[1])
write_atomically(path, lambda name: name.write_bytes(path.read_bytes()[:1000]))
"""


def test_a_kill_between_writing_and_naming_a_part_leaves_no_part(objects, finished, tmp_path, unbroken, note):
    out = shutil.copytree(finished, tmp_path / "out")
    victim = find_parts(out)[1]
    ended = subprocess.run([sys.executable, "-c", KILLED_BETWEEN, str(victim)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert list(victim.parent.glob(".part*"))
    assert_same(read_findings(out), unbroken)
    victim.unlink()
    assert_same(go_on(objects, out), unbroken)
    assert not list(victim.parent.glob(".part*"))
    note(1, 1)
