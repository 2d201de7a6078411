"""Whole runs: the same findings wherever the work happens, and no object that ends a run."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.judging.sieve import SieveMethod
from epochsieve.methods import open_method
from epochsieve.running.dask_cluster import DaskCluster
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.contracts import Method, Runner
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.provenance import RunRecord
from epochsieve.writing.shard import Shard
from epochsieve.writing.store import Existing, read_findings


class Count:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.objects = 0
        self.images = 0
        self.judged = 0

    def start(self, objects: int) -> None:
        self.objects = objects

    def advance(self, images: int, objects: int = 1) -> None:
        self.judged += objects
        self.images += images


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Five objects, a to e; one of b's images is no image, and c's headers are complained of."""
    folders = list(write_survey(SURVEYS["sparse"], 5, 3, tmp_path / "written"))
    for name, folder in zip("abcde", folders, strict=True):
        shutil.move(folder, tmp_path / "in" / name)
    next((tmp_path / "in" / "b").glob("*_003.fits")).write_text("no image")
    for path in (tmp_path / "in" / "c").iterdir():
        path.write_bytes(path.read_bytes().replace(b"EXTEND  =", b"exte\xe9d  ="))
    return tmp_path / "in"


def run(images: Path, method: Method, runner: Runner) -> tuple[RunRecord, Findings, Count]:
    count = Count()
    results = images.parent / f"out-{type(runner).__name__}"
    record = sieve_to_disk(SieveRequest([str(images)], results, method, runner=runner), count)
    return record, read_findings(results), count


@pytest.mark.parametrize(
    ("name", "runner"),
    [("sieve", Processes(2)), ("paper", Processes(2)), ("sieve", "local cluster")],
    ids=str,
)
def test_findings_are_the_same_to_the_last_bit_from_every_runner(
    images: Path, name: str, runner: Runner | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(runner, str):
        pytest.importorskip("distributed")
        monkeypatch.setattr("epochsieve.running.dask_cluster.count_cores", lambda: 1)
        runner = DaskCluster("local")
    method = open_method(name)
    record, findings, count = run(images, method, InProcess())
    assert record.tally.objects == 5
    assert record.warnings
    record_apart, apart, count_apart = run(images, method, runner)
    for column, values in findings.columns.items():
        np.testing.assert_array_equal(apart[column], values, err_msg=column)
    assert (record_apart.tally, record_apart.warnings) == (record.tally, record.warnings)
    assert vars(count_apart) == vars(count) == {"objects": 5, "judged": 5, "images": 55}


def test_objects_that_networks_look_at_together_are_found_the_same_to_the_last_bit(images: Path) -> None:
    method = open_method("sieve")
    assert isinstance(method, SieveMethod)
    together = replace(method, pixels_at_once=50_000)
    _, expected, _ = run(images, method, InProcess())
    record, found, count = run(images, together, Processes(2))
    assert record.parts
    assert count.judged == 5
    for name in expected.columns:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def test_an_object_that_kills_its_worker_is_rows_with_a_status(
    images: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "running")
    import odd_jobs

    record, findings, count = run(images, odd_jobs.DeadlyMethod(), Processes(2))
    lost = findings.select(findings["object"] == "b")
    assert len(lost) == 11
    assert set(lost["status"]) == {
        "not judged: the worker process died, 3 times; was there too little memory?",
    }
    assert list(dict.fromkeys(findings["object"])) == list("abcde")
    assert (findings["status"][findings["object"] != "b"] == "ok").all()
    assert record.tally.not_judged == 11
    assert count.judged == 5
    assert "b: not judged: the worker process died" in caplog.text


def test_shares_that_run_at_the_same_time_are_together_what_one_run_is(images: Path) -> None:
    method = open_method("paper")
    _, whole, _ = run(images, method, InProcess())
    together = images.parent / "together"
    records = []
    for number in (1, 2, 3):
        request = SieveRequest([str(images)], together, method, shard=Shard(number, 3))
        records.append(sieve_to_disk(request, Count()))
    findings = read_findings(together)
    for column, values in whole.columns.items():
        np.testing.assert_array_equal(findings[column], values, err_msg=column)
    assert sum(record.tally.objects for record in records) == 5
    assert [path.name for path in sorted(together.glob("*.json"))] == [f"run-s0000{n}of00003.json" for n in (1, 2, 3)]

    gathered = sieve_to_disk(SieveRequest([str(images)], together, method, existing=Existing.RESUME), Count())
    assert (gathered.kept, gathered.images, gathered.tally.objects) == (5, 0, 5)
    assert [path.name for path in together.glob("*.json")] == ["run.json"]
