import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner, Result

import epochsieve
from epochsieve import methods
from epochsieve.cli import app
from epochsieve.judging.rows import build_findings
from epochsieve.simulating.truth import read_truth
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.store import read_findings


@dataclass(frozen=True)
class BrightestPixel:
    """Scores an epoch by its brightest pixel."""

    name: str = "sieve"

    def describe(self) -> dict[str, Any]:
        return {"method": self.name, "settings": {}}

    def judge(self, series: CutoutSeries) -> Findings:
        score = np.nan_to_num(series.cube).max(axis=(1, 2))
        columns = {"score": score, "flagged": score > 50, "threshold": 50.0, "x": 1, "y": 2}
        return build_findings(series, {**columns, "flags": np.where(score > 50, Flag.POINT, 0)}, self.describe())

    def explain(self, series: CutoutSeries) -> Explanation:
        return Explanation(np.zeros_like(series.cube), series.cube)


def offer(monkeypatch: pytest.MonkeyPatch, method: BrightestPixel) -> None:
    """Let every method's name stand for this one."""

    def open_method(name: str, embedder: str | None = None, **settings: object) -> BrightestPixel:
        return method

    monkeypatch.setattr(methods, "open_method", open_method)


@pytest.fixture
def _fake_method(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, BrightestPixel())


@pytest.fixture
def root(tmp_path: Path, _fake_method: None) -> Path:
    """Two objects of a stack and four epochs; the third epoch of each has a bright pixel."""
    rng = np.random.default_rng(1)
    for name in "ab":
        (tmp_path / "in" / name).mkdir(parents=True)
        for i in range(5):
            image = rng.normal(size=(9, 9)).astype(np.float32)
            image[2, 1] += 99.0 * (i == 3)
            header = fits.Header({"MJD-AVG": 60000.0 + i})
            fits.writeto(tmp_path / "in" / name / f"{name}_{'stack' if i == 0 else i}.fits", image, header)
    return tmp_path / "in"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def sieve(root: Path, *options: object) -> Result:
    return call("sieve", root, "--out", root.parent / "out", *options)


def assert_one_line(result: Result, pattern: str, status: int = 2) -> None:
    """Check that a command ended with one line of complaint, whatever progress was shown before."""
    complaints = [line for line in result.stderr.splitlines() if line.startswith("epochsieve: ")]
    assert len(complaints) == 1, result.stderr
    assert re.search(pattern, complaints[0]), complaints[0]
    assert result.stderr.rstrip().endswith(complaints[0])
    assert "Traceback" not in result.output
    assert result.exit_code == status


def test_sieving_writes_findings_and_sums_them_up(root: Path) -> None:
    result = sieve(root)
    assert result.exit_code == 0
    summary = dict(line.split(maxsplit=1) for line in result.stdout.splitlines() if not line.startswith("not"))
    assert (summary["objects"], summary["epochs"], summary["flagged"]) == ("2", "8", "2 (point 2)")
    assert "images/s (10 in" in summary["speed"]
    assert str(root.parent / "out" / "findings") in summary["results"]
    findings = read_findings(root.parent / "out")
    assert list(findings["file"][findings["flagged"]]) == ["a_3.fits", "b_3.fits"]
    assert findings["mjd"][0] == 60001


def test_the_record_of_a_run_names_inputs_settings_and_counts(root: Path) -> None:
    sieve(root, "--stack", "first")
    record = json.loads((root.parent / "out" / "run.json").read_text())
    assert record["epochsieve"] == epochsieve.__version__
    assert record["inputs"] == [str(root)]
    assert record["settings"]["reading"]["stack"] == "first"
    assert record["counts"] == {"objects": 2, "epochs": 8, "flagged": 2, "not_judged": 0, "reasons": {"point": 2}}
    assert record["images"] == 10


def test_progress_is_shown_unless_quiet(root: Path) -> None:
    assert "2/2" in sieve(root).stderr
    assert sieve(root, "--overwrite", "--quiet").stderr == ""


def test_findings_progress_and_log_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    call("simulate", "--out", tmp_path / "in", "--survey", "sparse", "--objects", 2)
    for workers in (1, 2):
        options = ["--method", "paper", "--workers", workers, "--verbose"]
        result = call("sieve", tmp_path / "in", "--out", tmp_path / str(workers), *options)
        assert result.exit_code == 0, result.output
        assert "2/2" in result.stderr
        assert result.stderr.count("the stack is sparse") == 2
    one, two = (read_findings(tmp_path / str(workers)) for workers in (1, 2))
    np.testing.assert_array_equal(one["score"], two["score"])


def test_several_roots_and_patterns_are_one_run(root: Path) -> None:
    result = call("sieve", root / "a", root / "[b-z]", "--out", root.parent / "out")
    assert result.exit_code == 0
    assert list(dict.fromkeys(read_findings(root.parent / "out")["object"])) == ["a", "b"]


def test_plots_are_drawn_for_objects_with_flagged_epochs_only(root: Path) -> None:
    (root / "b" / "b_3.fits").unlink()
    sieve(root, "--plots")
    assert [path.name for path in sorted((root.parent / "out" / "plots").iterdir())] == [
        "a_flagged.png",
        "a_scores.png",
    ]
    assert sieve(root, "--overwrite").exit_code == 0
    assert not any((root.parent / "out" / "plots").iterdir())


def test_one_bad_file_is_a_row_and_makes_the_status_three(root: Path) -> None:
    (root / "a" / "a_2.fits").write_text("this is no FITS file")
    result = sieve(root)
    assert result.exit_code == 3
    assert "not judged  1" in result.stdout
    assert len(read_findings(root.parent / "out")) == 8


def test_existing_findings_ask_for_a_decision(root: Path) -> None:
    sieve(root)
    assert_one_line(sieve(root), "has findings already: --resume .* --overwrite")
    assert "2 (2 of them judged by an earlier run)" in sieve(root, "--resume").stdout
    assert sieve(root, "--overwrite").exit_code == 0


def test_a_missing_root_is_a_line_and_leaves_no_results(root: Path) -> None:
    assert_one_line(call("sieve", root / "nowhere", "--out", root.parent / "out"), "nowhere")
    assert not (root.parent / "out").exists()


def test_a_missing_root_costs_no_findings_even_when_told_to_overwrite(root: Path) -> None:
    sieve(root)
    assert_one_line(call("sieve", root / "nowhere", "--out", root.parent / "out", "--overwrite"), "nowhere")
    assert len(read_findings(root.parent / "out")) == 8


def test_an_empty_folder_is_a_line(root: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert_one_line(call("sieve", tmp_path / "empty", "--out", tmp_path / "out"), "empty: no FITS images")


def test_a_folder_of_text_files_named_fits_gives_rows_and_status_three(root: Path) -> None:
    shutil.rmtree(root / "b")
    for path in (root / "a").iterdir():
        path.write_text("this is no FITS file")
    assert sieve(root).exit_code == 3
    assert (read_findings(root.parent / "out")["status"] != "ok").all()


def test_a_results_folder_that_is_a_file_is_a_line(root: Path) -> None:
    (root.parent / "out").touch()
    assert_one_line(sieve(root), "can't write to .*out")


def test_resume_and_overwrite_exclude_each_other(root: Path) -> None:
    assert_one_line(sieve(root, "--resume", "--overwrite"), "exclude each other")


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        (["--method", "magic"], "no method 'magic': choose sieve or paper"),
        (["--method", "paper", "--false-alarm", "0.1"], "paper has no setting false_alarm"),
        (["--method", "paper", "--flag-seeing"], "paper has no setting flag_seeing"),
        (["--size", "9"], "sieve has no setting size"),
        (["--rescale"], "sieve has no setting rescale"),
        (["--false-alarm", "2"], "between 0 and 1"),
        (["--method", "paper", "--size", "-1"], "number of pixels"),
        (["--method", "paper", "--embedder", "resnet"], "resnet: no such network"),
    ],
)
def test_options_without_a_meaning_are_a_line(tmp_path: Path, options: list[str], pattern: str) -> None:
    assert_one_line(call("sieve", tmp_path, "--out", tmp_path / "out", *options), pattern)


def test_an_unexpected_error_is_a_line_and_status_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("the ceiling\ncame down")

    monkeypatch.setattr("epochsieve.jobs.runs.write_record", fail)
    assert_one_line(sieve(root), "failed: RuntimeError: the ceiling came down", 1)
    assert "Traceback" in sieve(root, "--overwrite", "--verbose").stderr


def test_an_interrupt_is_a_line_and_keeps_what_is_judged(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(BrightestPixel):
        def judge(self, series: CutoutSeries) -> Findings:
            if series.name == "b":
                raise KeyboardInterrupt
            return super().judge(series)

    offer(monkeypatch, Interrupted())
    assert_one_line(sieve(root), "interrupted", 130)
    assert set(read_findings(root.parent / "out")["object"]) == {"a"}


def test_the_log_says_which_stack_was_chosen_when_verbose(root: Path) -> None:
    assert "the stack is a_stack.fits" in sieve(root, "--verbose").stderr


def test_simulating_writes_a_folder_per_object_and_the_truth(tmp_path: Path) -> None:
    result = call("simulate", "--out", tmp_path / "sim", "--survey", "coarse", "--objects", 2)
    assert result.exit_code == 0
    assert (tmp_path / "sim" / "truth.csv").is_file()
    assert sum(path.is_dir() for path in (tmp_path / "sim").iterdir()) == 2
    assert_one_line(call("simulate", "--out", tmp_path / "sim"), "there already")


def test_simulating_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        call("simulate", "--out", tmp_path / name, "--survey", "coarse", "--objects", 1, "--seed", seed)
    one, again, other = ((tmp_path / name / "truth.csv").read_text() for name in ("one", "again", "other"))
    assert one == again != other


def test_an_unknown_survey_is_a_line_that_lists_the_known_ones(tmp_path: Path) -> None:
    assert_one_line(call("simulate", "--out", tmp_path / "sim", "--survey", "moon"), "no survey 'moon': .*vst")


def test_defects_are_injected_into_real_series_and_written_with_their_truth(root: Path, tmp_path: Path) -> None:
    result = call("simulate", "--inject-into", root, "--objects", 3, "--out", tmp_path / "sim")
    assert result.exit_code == 0, result.output
    truth = read_truth(tmp_path / "sim")
    assert list(truth) == ["a.0", "b.0", "a.1"]
    for name, epochs in truth.items():
        assert {epoch.file for epoch in epochs} == {f"{name[0]}_{i}.fits" for i in range(1, 5)}
        assert {path.name for path in (tmp_path / "sim" / name).iterdir()} > {epoch.file for epoch in epochs}


def test_simulating_both_ways_at_once_is_a_line(root: Path, tmp_path: Path) -> None:
    both = call("simulate", "--survey", "vst", "--inject-into", root, "--out", tmp_path / "sim")
    assert_one_line(both, "choose one")


QUALITY = ("benchmark", "quality", "--surveys", "coarse", "--objects", 1, "--methods", "pixels")


def test_the_benchmark_prints_tables_and_writes_json_and_a_figure(root: Path, tmp_path: Path) -> None:
    result = call(*QUALITY, "--stress", "epochs10", "--inject-into", root, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "4/4" in result.stderr
    rows = [line.split()[:3] for line in result.stdout.splitlines() if line.startswith("pixels")]
    assert rows == [["pixels", "coarse", "usual"], ["pixels", "coarse", "10"], ["pixels", "in", "injected"]]
    content = json.loads((tmp_path / "out" / "quality.json").read_text())
    assert [row["condition"] for row in content["rows"]] == ["usual", "10 epochs", "injected"]
    assert content["plan"]["surveys"] == ["coarse"]
    assert (tmp_path / "out" / "quality.png").read_bytes().startswith(b"\x89PNG")


def test_the_benchmark_writes_nothing_unless_told_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(*QUALITY, "--quiet").stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("seed", "side"), [(3, "tuning"), (1003, "reporting")])
def test_the_benchmark_says_whether_its_seed_is_for_tuning(seed: int, side: str) -> None:
    said = call(*QUALITY, "--seed", seed).stdout.splitlines()[-2:]
    assert said[0].startswith("For tuning: seeds 0 to 999, surveys vst, ")
    assert said[1] == f"Measured here: seed {seed}, for {side}; surveys for tuning: coarse."


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        (["--surveys", "moon"], "no survey moon: choose from vst"),
        (["--methods", "magic,pixels"], "no method magic here: choose from sieve, paper, pixels"),
        (["--methods", ","], "no method"),
        (["--stress", "deadline"], "no stress deadline: choose from epochs24"),
        (["--surveys", "none"], "nothing to measure"),
        (["--labelled", "/nowhere"], "no labels: /nowhere"),
        (["--inject-into", "/nowhere"], "/nowhere"),
        (["--methods", "paper", "--embedder", "resnet"], "resnet: no such network"),
    ],
)
def test_a_benchmark_of_what_is_not_there_is_a_line(options: list[str], pattern: str) -> None:
    assert_one_line(call("benchmark", "quality", "--methods", "pixels", *options), pattern)


def test_the_benchmark_complains_of_its_folder_before_it_measures(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    result = call(*QUALITY, "--out", tmp_path / "out")
    assert_one_line(result, "can't write to .*out")
    assert "0/1" not in result.stderr


@pytest.mark.usefixtures("_fake_method")
def test_the_demo_sets_what_was_flagged_beside_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("epochsieve.jobs.demo.OBJECTS", 1)
    monkeypatch.setattr("epochsieve.jobs.demo.EPOCHS", 10)
    result = call("demo", "--out", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    for words in ("recall", "false alarms", "harmless", "run.json", "truth.csv"):
        assert words in result.stdout
    assert (tmp_path / "demo" / "results" / "run.json").is_file()
    assert call("demo", "--out", tmp_path / "demo").exit_code == 0


@pytest.mark.usefixtures("_fake_method")
def test_the_demo_spares_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("all of it")
    assert_one_line(call("demo", "--out", tmp_path), "not empty")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_version_is_the_packages() -> None:
    assert call("--version").stdout == f"epochsieve {epochsieve.__version__}\n"


def test_help_lists_every_command_and_loads_no_numpy() -> None:
    report = "import sys, epochsieve.cli; print('numpy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True).stdout == "False\n"
    )
    listed = call("--help").stdout
    assert all(name in listed for name in ("benchmark", "demo", "sieve", "simulate"))


def test_the_module_runs_as_the_command_does() -> None:
    command = [sys.executable, "-m", "epochsieve", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("epochsieve ")
