import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from epochsieve.vocabulary.errors import ResultsError
from epochsieve.writing.lock import Lock
from epochsieve.writing.provenance import Provenance
from epochsieve.writing.shard import Shard
from epochsieve.writing.store import Existing, open_store


def test_a_second_run_into_the_same_results_is_refused_until_the_first_ends(
    tmp_path: Path, provenance: Provenance
) -> None:
    with open_store(tmp_path, provenance):
        for existing in Existing:
            with pytest.raises(ResultsError, match="another run is writing to"):
                open_store(tmp_path, provenance, existing)
    with open_store(tmp_path, provenance):
        pass


def test_shares_run_beside_each_other_but_not_twice_nor_beside_a_whole_run(
    tmp_path: Path, provenance: Provenance
) -> None:
    with open_store(tmp_path, provenance, shard=Shard(1, 2)), open_store(tmp_path, provenance, shard=Shard(2, 2)):
        for shard in (Shard(1, 2), Shard()):
            with pytest.raises(ResultsError, match="another run is writing to"):
                open_store(tmp_path, provenance, shard=shard)
    with open_store(tmp_path, provenance), pytest.raises(ResultsError, match="another run"):
        open_store(tmp_path, provenance, shard=Shard(1, 2))


HOLDER = """
import sys, time
from pathlib import Path
from epochsieve.writing.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_lock_dies_with_its_holder_however_that_ends(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ResultsError, match="another run"):
            Lock(path)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    Lock(path).let_go()


def test_a_file_system_without_locks_is_warned_of_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(handle: int, shared: bool) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("epochsieve.writing.lock._take", refuse)
    Lock(tmp_path / ".lock").let_go()
    assert "this file system has no locks" in caplog.text
