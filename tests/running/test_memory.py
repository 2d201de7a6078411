import platform
import subprocess
import sys

import pytest

# Arrays that are made and given back again and again, and how many pages came from the system meanwhile.
SCRIPT = """
import resource, sys
from epochsieve.running.memory import keep_memory
if sys.argv[1] == "keep":
    keep_memory()
for n in range(40):
    if n == 20:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    held = [b"x" * 600_000 for _ in range(20)]
    del held
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def count_faults(how, **environment):
    """Count the pages that a process takes from the system."""
    command = [sys.executable, "-c", SCRIPT, how]
    return int(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_freed_memory_is_used_again():
    path = {"PYTHONPATH": ":".join(sys.path)}
    assert count_faults("keep", **path) < 0.1 * count_faults("leave", **path)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_the_user_says_of_memory_holds():
    path = {"PYTHONPATH": ":".join(sys.path), "MALLOC_TRIM_THRESHOLD_": "131072"}
    assert count_faults("keep", **path) > 0.5 * count_faults("leave", **path) > 1000
