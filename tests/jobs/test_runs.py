"""Whole runs: the same findings wherever the work happens, and no object that ends a run."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.methods import open_method
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.contracts import Method, Runner
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.provenance import RunRecord
from epochsieve.writing.store import read_findings


class Count:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.objects = 0
        self.images: list[int] = []

    def start(self, objects: int) -> None:
        self.objects = objects

    def advance(self, images: int) -> None:
        self.images.append(images)


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
    results = images.parent / f"out-{runner}".replace("/", "")
    record = sieve_to_disk(SieveRequest([str(images)], results, method, runner=runner), count)
    return record, read_findings(results), count


@pytest.mark.parametrize(("name", "workers"), [("sieve", 1), ("sieve", 3), ("paper", 2)])
def test_findings_are_the_same_to_the_last_bit_on_any_number_of_workers(images: Path, name: str, workers: int) -> None:
    method = open_method(name)
    record, findings, count = run(images, method, InProcess())
    assert record.tally.objects == 5
    assert record.warnings
    record_apart, apart, count_apart = run(images, method, Processes(workers))
    for column, values in findings.columns.items():
        np.testing.assert_array_equal(apart[column], values, err_msg=column)
    assert (record_apart.tally, record_apart.warnings) == (record.tally, record.warnings)
    assert (count_apart.objects, count_apart.images) == (count.objects, count.images)


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
    assert len(count.images) == 5
    assert "b: not judged: the worker process died" in caplog.text
