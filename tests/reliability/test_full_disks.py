"""A disk that is full or may not be written ends a run with one line, and what was written stays whole."""

import subprocess
import sys

import pytest
from faults import assert_same, go_on, start_sieve

from epochsieve.writing.store import read_findings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts as Linux does")


def mount(place, *options):
    return subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(place)], capture_output=True, check=False)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a few kB."""
    place = tmp_path / "disk"
    place.mkdir()
    if mount(place, "-o", "size=64k").returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_ends_the_run_in_one_line_and_room_lets_it_go_on(objects, small_disk, unbroken, note):
    process = start_sieve(objects, small_disk / "out")
    said = process.communicate()[1]
    assert process.returncode == 2
    assert said.startswith("epochsieve: can't write ")
    assert said.endswith("No space left on device\n")
    assert said.count("\n") == 1
    written = read_findings(small_disk / "out")
    assert 0 < len(written) < len(unbroken)
    assert not list((small_disk / "out" / "findings").glob(".part*"))
    assert mount(small_disk, "-o", "remount,size=4m").returncode == 0
    assert_same(go_on(objects, small_disk / "out"), unbroken)
    note(1, 1)


def test_results_that_may_not_be_written_are_refused_before_anything_is_read(objects, small_disk, note):
    assert mount(small_disk, "-o", "remount,ro").returncode == 0
    process = start_sieve(objects, small_disk / "out")
    said = process.communicate()[1]
    assert process.returncode == 2
    assert said == f"epochsieve: can't write to {small_disk / 'out'}: Read-only file system\n"
    note(1, 1)
