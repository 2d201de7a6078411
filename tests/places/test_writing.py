"""Results are the same wherever they are written; nothing is lost there, and one run at a time writes."""

import json
import os
import random
import signal
import socket
import threading
import time

import pytest
from objects import Look, Nobody, assert_same, start_sieve, times
from typer.testing import CliRunner

from epochsieve.cli import app
from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.methods import open_method
from epochsieve.places.place import find_place
from epochsieve.places.remote import RemotePath
from epochsieve.running.in_process import InProcess
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.writing import lease
from epochsieve.writing.catalogue import read_catalogue
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.shard import Shard
from epochsieve.writing.store import Existing, open_store, read_findings


class Hurried(InProcess):
    """So small chunks that a run has several parts."""

    at_a_time = 4


@pytest.fixture(params=["local", "memory", "s3"])
def out(request, tmp_path):
    """Where results go."""
    if request.param == "local":
        return tmp_path / "out"
    request.getfixturevalue(request.param)
    return find_place("s3://survey/out" if request.param == "s3" else "memory://survey/out")


@pytest.fixture(scope="session")
def unbroken(images, tmp_path_factory):
    """The findings of a run that nothing disturbed, on this machine."""
    out = tmp_path_factory.mktemp("unbroken") / "out"
    sieve(images, out)
    return read_findings(out)


@pytest.fixture
def hurry(monkeypatch):
    """Locks that are often renewed."""
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(lease, "_POLL_SECONDS", 0.1)


def sieve(images, out, existing=Existing.REFUSE, shard=Shard()):  # noqa: B008 - frozen
    """Look at everything, in small parts."""
    request = SieveRequest([str(images)], out, Look(), existing=existing, shard=shard, runner=Hurried())
    return sieve_to_disk(request, Nobody())


def _tear(part):
    """Cut a file."""
    return part[: len(part) // 2]


def _flip(part):
    """Change a byte of a file."""
    return part[:300] + bytes([part[300] ^ 1]) + part[301:]


def run(*words):
    """Run the command."""
    return CliRunner().invoke(app, [str(word) for word in words])


def test_findings_are_the_same_wherever_they_are_written(images, out, unbroken):
    record = sieve(images, out)
    assert len(find_parts(out)) == len(record.parts) == 4
    assert_same(read_findings(str(out)), unbroken)
    told = json.loads((out / "run.json").read_text("utf-8"))
    assert told["counts"]["epochs"] == len(unbroken)
    assert (told["inputs"], set(told["parts"])) == ([str(images)], {path.name for path in find_parts(out)})


def test_findings_that_are_there_are_refused_replaced_or_gone_on_with(images, out, unbroken):
    sieve(images, out)
    with pytest.raises(ResultsError, match="has findings already"):
        sieve(images, out)
    find_parts(out)[1].unlink()
    with pytest.raises(ResultsError, match="is missing"):
        read_findings(out)
    assert sieve(images, out, Existing.RESUME).kept == 3
    assert_same(read_findings(out), unbroken)
    assert sieve(images, out, Existing.OVERWRITE).kept == 0
    assert_same(read_findings(out), unbroken)


@pytest.mark.parametrize("damage", [_tear, _flip])
def test_a_part_that_is_torn_or_altered_is_judged_again(images, out, unbroken, damage):
    sieve(images, out)
    part = find_parts(out)[2]
    part.write_bytes(damage(part.read_bytes()))
    with pytest.raises(ResultsError, match="is damaged"):
        read_findings(out)
    assert sieve(images, out, Existing.RESUME).kept == 3
    assert_same(read_findings(out), unbroken)


def test_shares_write_side_by_side(images, out, unbroken):
    for number in (1, 2):
        sieve(images, out, shard=Shard(number, 2))
    assert_same(read_findings(out), unbroken)


def test_one_run_at_a_time_writes(out, images):
    with open_store(out, SieveRequest([], out, Look()).provenance):
        for shard in (Shard(), Shard(1, 2)):
            with pytest.raises(ResultsError, match=f"another run is writing to {out}; wait for its end, or end it"):
                sieve(images, out, Existing.RESUME, shard)
    with open_store(out, SieveRequest([], out, Look()).provenance, shard=Shard(1, 2)):
        with pytest.raises(ResultsError, match="another run"):
            sieve(images, out)
        with pytest.raises(ResultsError, match="another run"):
            sieve(images, out, shard=Shard(1, 2))
        sieve(images, out, shard=Shard(2, 2))


def test_a_run_leaves_no_lock_behind(out, images):
    sieve(images, out)
    if isinstance(out, RemotePath):
        assert not list(out.glob(".*"))
        assert sorted(entry.name for entry in out.iterdir()) == ["findings", "run.json"]


def test_of_many_runs_that_start_at_once_one_gets_the_lock(s3):
    place, ready, got = find_place("s3://survey/out"), threading.Barrier(6), []

    def start():
        ready.wait()
        try:
            got.append(lease.Lease(place, Shard()))
        except ResultsError:
            got.append(None)

    runs = [threading.Thread(target=start) for _ in range(6)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    held = [each for each in got if each]
    assert (len(got), len(held)) == (6, 1)
    held[0].let_go()


@pytest.mark.usefixtures("hurry")
def test_the_lock_of_a_machine_that_died_runs_out(s3, images, unbroken, monkeypatch):
    out = find_place("s3://survey/out")
    (out / ".lock").write_bytes(json.dumps(lease.Holder("run", "another machine", "/tmp/w")._asdict()).encode())
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.5)
    sieve(images, out)
    assert_same(read_findings(out), unbroken)


@pytest.mark.usefixtures("hurry")
def test_the_lock_of_a_run_on_another_machine_holds_as_long_as_it_is_renewed(s3, images, monkeypatch):
    out = find_place("s3://survey/out")
    with open_store(out, SieveRequest([], out, Look()).provenance):
        monkeypatch.setattr(socket, "gethostname", lambda: "another machine")
        with pytest.raises(ResultsError, match="another run is writing"):
            sieve(images, out)


@pytest.mark.usefixtures("hurry")
def test_a_run_whose_lock_was_taken_writes_nothing_more(s3, images, monkeypatch):
    out = find_place("s3://survey/out")
    with open_store(out, SieveRequest([], out, Look()).provenance) as store:
        (out / ".lock").write_bytes(json.dumps(lease.Holder("run", "another machine", "/tmp/w")._asdict()).encode())
        deadline = time.monotonic() + 60
        while not store._locks[0]._lost.is_set() and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(ResultsError, match="another run has taken s3://survey/out over"):
            store.add(0, None)
    assert (out / ".lock").exists()  # the other's


def test_a_run_that_is_killed_goes_on_with_the_same_result(s3, images, tmp_path):
    rng, root, method = random.Random(20240719), s3.put(images), open_method("sieve")
    sieve_to_disk(SieveRequest([str(images)], tmp_path / "out", method), Nobody())
    for number in range(times(1, 10)):
        out = find_place(f"s3://survey/out{number}")
        process = start_sieve(root, out)
        while not find_parts(out) and process.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.1))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        kept = len(find_parts(out))
        record = sieve_to_disk(SieveRequest([root], out, method, existing=Existing.RESUME, runner=Hurried()), Nobody())
        assert record.kept >= kept > 0
        assert_same(read_findings(out), read_findings(tmp_path / "out"))


def test_a_second_run_is_refused_and_the_first_goes_on(s3, images):
    out = find_place("s3://survey/out")
    first = start_sieve(images, out)
    while not (out / ".lock").exists() and first.poll() is None:
        time.sleep(0.01)
    first.send_signal(signal.SIGSTOP)
    result = run("sieve", images, "--out", out, "--resume", "--quiet")
    first.send_signal(signal.SIGCONT)
    assert (result.exit_code, result.stderr) == (
        2,
        f"epochsieve: another run is writing to {out}; wait for its end, or end it\n",
    )
    assert (first.communicate()[1], first.returncode) == ("", 3)
    assert len(read_findings(out)) == 20


def test_results_are_read_wherever_they_lie(put, images, tmp_path, unbroken):
    sieve(images, tmp_path / "results")
    results = put(tmp_path / "results")
    assert_same(read_findings(results), unbroken)
    catalogue = read_catalogue(find_place(results))
    assert [str(name) for name in catalogue.names] == ["000", "001", "002", "003"]
    assert list(catalogue.read(1)["file"]) == list(unbroken["file"][5:10])


def test_what_reads_results_reads_them_from_a_store(s3, images, tmp_path):
    out = "s3://survey/out"
    assert run("sieve", f"{s3.put(images)}/00[01]", "--out", out, "--plots", "--quiet").exit_code == 3
    assert any(entry.name.endswith("_scores.png") for entry in (find_place(out) / "plots").iterdir())
    for words, written in (
        (("report", out, "--quiet"), find_place(out) / "report.html"),
        (("export", out, "--out", tmp_path / "a.ecsv", "--masks", tmp_path / "masks"), tmp_path / "a.ecsv"),
        (("clean", "--findings", out, "--out", tmp_path / "b.ecsv"), tmp_path / "b.ecsv"),
    ):
        result = run(*words)
        assert (result.exit_code, result.stderr) == (0, ""), words
        assert written.stat().st_size > 1000
    assert list((tmp_path / "masks").rglob("*_mask.fits"))
    assert b"data:image" in (find_place(out) / "report.html").read_bytes()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["report", "s3://nobucket/out"], "no findings in s3://nobucket/out"),
        (["report", "s3://denied/out"], "can't read s3://denied/out: Access Denied"),
        (["review", "s3://survey/out"], "s3://survey/out: what is reviewed must be on this machine"),
        (["sieve", "IN", "--out", "s3://nobucket/out"], "can't write to s3://nobucket/out: The specified bucket"),
        (["sieve", "IN", "--out", "s3://denied/out"], "can't write to s3://denied/out: Access Denied"),
    ],
)
def test_what_can_not_be_done_in_a_store_is_one_line(s3, images, words, line):
    s3.denied |= {"/denied", "/denied/out/.lock", "/denied/out/findings"}
    result = run(*[images if word == "IN" else word for word in words])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"epochsieve: {line}")
    assert result.stderr.count("\n") == 1


def test_an_archive_on_the_web_is_for_reading_only(web, images):
    result = run("sieve", images, "--out", f"{web(images)}/out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "can't write to http://" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["export", "o", "--out"], ["clean", "--findings", "o", "--out"], ["simulate", "--out"]]
)
def test_what_is_written_on_this_machine_only_refuses_an_address(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*words, "s3://survey/a.csv")
    assert result.exit_code == 2
    assert "must be on this machine" in " ".join(result.stderr.split())
    assert not list(tmp_path.iterdir())
