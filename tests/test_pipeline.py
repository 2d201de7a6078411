import logging
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochsieve.judging.rows import build_findings
from epochsieve.pipeline import Parcel, SeriesWork, list_missing, sieve_objects
from epochsieve.running.in_process import InProcess
from epochsieve.tasks import SeriesTask, find_origin, list_tasks
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.provenance import Provenance
from epochsieve.writing.store import Existing, open_store, read_findings

PROVENANCE = Provenance("1", {"method": "brightest"})


@dataclass(frozen=True)
class BrightestPixel:
    """Scores an epoch by its brightest pixel."""

    name: str = "brightest"
    fails_on: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        return {"method": self.name}

    def judge(self, series: CutoutSeries) -> Findings:
        if series.name in self.fails_on:
            raise ZeroDivisionError("nothing to\ndivide by")
        score = series.cube.max(axis=(1, 2))
        return build_findings(series, {"score": score, "flagged": score > 5, "threshold": 5.0}, self.describe())

    def explain(self, series: CutoutSeries) -> Explanation:
        return Explanation(series.cube, series.cube)


def list_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.txt"))


@dataclass(frozen=True)
class TextSource:
    """A folder where each file holds the value of all pixels of an epoch."""

    folder: Path

    @property
    def parts(self) -> tuple[str, ...]:
        return self.folder.parts

    @property
    def origin(self) -> str:
        return str(self.folder)

    def list_images(self) -> list[str]:
        return [path.name for path in list_files(self.folder)]

    def take_fingerprint(self) -> str:
        return " ".join(self.list_images())

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        if complaints is not None:
            complaints["OddHeader"] += 1
        texts = {path.name: path.read_text() for path in list_files(self.folder)}
        if not any(text.isdigit() for text in texts.values()):
            raise NoSeriesError("not a single image")
        epochs = [
            Epoch(name, np.full((2, 2), int(text), np.float32))
            if text.isdigit()
            else Epoch(name, None, status="no number")
            for name, text in texts.items()
        ]
        return CutoutSeries(self.folder.name, np.zeros((2, 2), np.float32), tuple(epochs), origin=str(self.folder))


def draw_nothing(findings: Findings, series: CutoutSeries) -> None:
    pass


@dataclass
class Run:
    """A run over the folders below a root, into ``out`` beside it."""

    root: Path
    method: BrightestPixel = field(default_factory=BrightestPixel)
    draw: Callable[[Findings, CutoutSeries], object] = draw_nothing
    parcels: list[Parcel] = field(default_factory=list)

    @property
    def results(self) -> Path:
        return self.root.parent / "out"

    def __call__(self, existing: Existing = Existing.REFUSE) -> Findings:
        work = SeriesWork(PROVENANCE, self.method, self.draw)
        tasks = list_tasks(map(TextSource, sorted(self.root.iterdir())))
        with open_store(self.results, PROVENANCE, existing) as store:
            sieve_objects(list_missing(tasks, store), work, InProcess(), store, self.parcels.append)
        return read_findings(self.results)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Five objects of three epochs; the last of the third object is bright."""
    for name in "abcde":
        (tmp_path / "in" / name).mkdir(parents=True)
        for i in range(3):
            (tmp_path / "in" / name / f"{name}{i}.txt").write_text("9" if (name, i) == ("c", 2) else str(i))
    return Run(tmp_path / "in")


def test_every_epoch_of_every_object_becomes_a_row(run: Run) -> None:
    findings = run()
    assert list(findings["file"]) == [f"{name}{i}.txt" for name in "abcde" for i in range(3)]
    assert list(findings["file"][findings["flagged"]]) == ["c2.txt"]
    assert (findings["status"] == "ok").all()


def test_every_parcel_is_reported_with_its_objects_images_and_warnings(run: Run) -> None:
    run()
    assert sum(parcel.objects for parcel in run.parcels) == 5
    assert sum(parcel.images for parcel in run.parcels) == 15
    assert sum((Counter(parcel.warnings) for parcel in run.parcels), Counter()) == {"OddHeader": 5}


def test_a_chunk_of_objects_is_one_part_named_by_the_place_of_its_first(run: Run) -> None:
    work = SeriesWork(PROVENANCE, run.method, run.draw)
    tasks = list_tasks(map(TextSource, sorted(run.root.iterdir())))
    parcel = work.join([work(task) for task in tasks[2:4]])
    assert (parcel.number, parcel.objects, parcel.images, parcel.warnings) == (2, 2, 6, {"OddHeader": 2})
    with open_store(run.results, PROVENANCE) as store:
        store.add(parcel.number, parcel.part)
    assert [path.name for path in find_parts(run.results)] == ["part-0000002.parquet"]
    assert set(read_findings(run.results)["object"]) == {"c", "d"}


def test_a_spoilt_file_is_a_row_and_ends_nothing(run: Run) -> None:
    (run.root / "b" / "b1.txt").write_text("what?")
    findings = run()
    assert len(findings) == 15
    assert dict(zip(findings["file"], findings["status"], strict=True))["b1.txt"] == "no number"


def test_a_folder_that_is_no_series_gives_a_row_per_file(run: Run) -> None:
    for path in list_files(run.root / "b"):
        path.write_text("what?")
    findings = run()
    rows = findings.select(findings["object"] == "b")
    assert list(rows["file"]) == ["b0.txt", "b1.txt", "b2.txt"]
    assert list(rows["status"]) == ["not read: not a single image"] * 3
    assert rows["flagged"].all()
    assert len(findings) == 15


def test_an_object_whose_judging_fails_ends_nothing_and_blames_no_epoch(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run.method = BrightestPixel(fails_on=("d",))
    (run.root / "d" / "d1.txt").write_text("what?")
    caplog.set_level(logging.DEBUG, "epochsieve")
    findings = run()
    rows = findings.select(findings["object"] == "d")
    failed = "not judged: ZeroDivisionError: nothing to divide by"
    assert list(rows["status"]) == [failed, "no number", failed]
    assert list(rows["flagged"]) == [False, True, False]
    assert len(findings) == 15
    assert "Traceback" in caplog.text


def test_an_object_that_is_given_up_has_a_row_per_image_and_blames_none(run: Run) -> None:
    work = SeriesWork(PROVENANCE, run.method, run.draw)
    task = SeriesTask("b", TextSource(run.root / "b"))
    outcome = work.give_up(task, "it ate everybody")
    assert list(outcome.findings["file"]) == ["b0.txt", "b1.txt", "b2.txt"]
    assert list(outcome.findings["status"]) == ["not judged: it ate everybody"] * 3
    assert not outcome.findings["flagged"].any()
    assert (outcome.source, outcome.images) == (find_origin(task), 3)


def test_a_picture_that_fails_costs_the_picture_alone(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    def draw(findings: Findings, series: CutoutSeries) -> None:
        raise RuntimeError("no ink")

    run.draw = draw
    assert (run()["status"] == "ok").all()
    assert "a: not drawn: RuntimeError: no ink" in caplog.text


def test_an_interrupt_is_no_failed_object(run: Run) -> None:
    class Interrupted(BrightestPixel):
        def judge(self, series: CutoutSeries) -> Findings:
            if series.name == "d":
                raise KeyboardInterrupt
            return super().judge(series)

    run.method = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        run()
    assert list(dict.fromkeys(read_findings(run.results)["object"])) == ["a", "b", "c"]


def test_resume_judges_no_object_twice(run: Run) -> None:
    whole = run()
    for part in find_parts(run.results)[2:4]:
        part.unlink()
    run.parcels.clear()
    again = run(Existing.RESUME)
    assert [parcel.number for parcel in run.parcels] == [2, 3]
    for name, column in whole.columns.items():
        np.testing.assert_array_equal(again[name], column)


def test_an_object_with_a_new_epoch_is_judged_again(run: Run) -> None:
    run()
    (run.root / "b" / "b3.txt").write_text("7")
    run.parcels.clear()
    findings = run(Existing.RESUME)
    assert [(parcel.number, parcel.objects) for parcel in run.parcels] == [(1, 1)]
    assert len(findings) == 16


def test_scores_do_not_depend_on_the_other_objects_of_the_run(run: Run) -> None:
    both = run()
    for name in "abde":
        for path in list_files(run.root / name):
            path.unlink()
        (run.root / name).rmdir()
    alone = run(Existing.OVERWRITE)
    np.testing.assert_array_equal(alone["score"], both["score"][both["object"] == "c"])


def test_objects_are_not_read_before_their_turn(run: Run) -> None:
    taken = []

    class LateSource(TextSource):
        def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
            taken.append(self.folder.name)
            return super().read(complaints)

    tasks = [SeriesTask(name, LateSource(run.root / name)) for name in "ab"]
    parcels = InProcess().map(SeriesWork(PROVENANCE, BrightestPixel(), draw_nothing), ([task] for task in tasks))
    assert next(parcels).images == 3
    assert taken == ["a"]


def test_objects_of_one_name_are_told_apart_by_their_parents(tmp_path: Path) -> None:
    folders = [tmp_path / place for place in ("north/1", "south/1", "south/2", "far/south/3", "south/2")]
    assert [task.name for task in list_tasks(map(TextSource, folders))] == ["north/1", "south/1", "2", "3"]
    deep = [tmp_path / place for place in ("x/south/1", "y/south/1")]
    assert [task.name for task in list_tasks(map(TextSource, deep))] == ["x/south/1", "y/south/1"]


CHILD = """
import sys, time
from pathlib import Path
import importlib.util

spec = importlib.util.spec_from_file_location("story", sys.argv[1])
story = importlib.util.module_from_spec(spec)
sys.modules["story"] = story
spec.loader.exec_module(story)

class Slow(story.BrightestPixel):
    def judge(self, series):
        time.sleep(0.004)
        return super().judge(series)

run = story.Run(Path(sys.argv[2]), Slow())
run.parcels = type("Nothing", (), {"append": staticmethod(lambda parcel: None)})()
run(story.Existing.RESUME)
"""


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """Forty objects of two epochs."""
    for number in range(40):
        folder = tmp_path / "in" / f"{number:03d}"
        folder.mkdir(parents=True)
        for i in range(2):
            (folder / f"{i}.txt").write_text(str(number % 7 + i))
    return tmp_path / "in"


def kill_at_random_moments(survey: Path, times: int) -> Iterator[int]:
    """Start a run again and again, and kill it a while after its next part; give its number of parts then."""
    rng = random.Random(20240719)
    results = survey.parent / "out"
    for _ in range(times):
        wanted = len(find_parts(results)) + rng.randint(1, 3)
        command = [sys.executable, "-c", CHILD, __file__, str(survey)]
        with subprocess.Popen(command) as child:
            while len(find_parts(results)) < wanted and child.poll() is None:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.012))
            child.send_signal(signal.SIGKILL)
        yield len(find_parts(results))


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_run_killed_again_and_again_ends_as_an_unbroken_one(survey: Path, tmp_path: Path) -> None:
    seen = []
    for parts in kill_at_random_moments(survey, times=3):
        seen.append(parts)
        assert len(read_findings(tmp_path / "out")) >= 2 * parts  # whole parts, and nothing torn among them
    assert 0 < seen[0] < seen[-1] < 20
    resumed = Run(survey)(Existing.RESUME)
    assert not list((tmp_path / "out" / "findings").glob(".*"))
    unbroken = Run(survey)(Existing.OVERWRITE)
    for name, column in unbroken.columns.items():
        np.testing.assert_array_equal(resumed[name], column)
