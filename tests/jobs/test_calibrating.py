import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from epochsieve.cli import app
from epochsieve.judging.weighing.calibration_text import load_default, read_calibration
from epochsieve.writing.store import read_findings


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Findings of four small simulated series, and what `calibrate` makes of them."""
    folder = tmp_path_factory.mktemp("calibrating")
    call("simulate", "--out", folder / "in", "--survey", "coarse", "--objects", 4, "--quiet")
    assert call("sieve", folder / "in", "--out", folder / "out", "--quiet").exit_code == 0
    said = call("calibrate", folder / "out")
    assert said.exit_code == 0, said.output
    (folder / "said").write_text(said.stdout)
    return folder / "out"


def test_calibrating_writes_a_calibration_near_the_shipped_one_and_says_how_to_use_it(results: Path) -> None:
    written = read_calibration((results / "calibration.json").read_text())
    shipped = load_default()
    epochs = int(np.isfinite(read_findings(results)["score_pixel"]).sum())
    assert written.name == f"refitted to {epochs} epochs of 4 objects, from {shipped.name}"
    np.testing.assert_allclose(written.tail, shipped.tail, rtol=0.1, atol=0.1)
    np.testing.assert_allclose(written.scatter, shipped.scatter, rtol=0.3)
    assert f"--calibration {results / 'calibration.json'} uses it" in (results.parent / "said").read_text()


def test_sieving_with_it_changes_scores_little_and_the_record_says_which_was_used(results: Path) -> None:
    own = results / "calibration.json"
    out = results.parent / "again"
    images = results.parent / "in"
    assert call("sieve", images, "--out", out, "--calibration", own, "--quiet").exit_code == 0
    written = read_calibration(own.read_text())
    stated = [json.loads((folder / "run.json").read_text())["settings"]["calibration"] for folder in (results, out)]
    assert stated[0] == {"name": load_default().name, "sha256": load_default().sha256}
    assert stated[1] == {"name": written.name, "sha256": written.sha256}
    before, after = read_findings(results), read_findings(out)
    np.testing.assert_array_equal(after["score_pixel"], before["score_pixel"])
    assert (after["score"] != before["score"]).any()
    assert (after["flagged"] == before["flagged"]).mean() > 0.95


def test_calibrating_what_a_refitted_calibration_judged_gives_the_same_once_more(results: Path) -> None:
    own, again = results / "calibration.json", results.parent / "twice"
    call("sieve", results.parent / "in", "--out", again, "--calibration", own, "--quiet")
    assert call("calibrate", again, "--out", again / "own.json").exit_code == 0
    assert (again / "own.json").read_text() == own.read_text()


def test_findings_of_another_calibration_are_judged_again_when_resumed(results: Path) -> None:
    out = results.parent / "resumed"
    for options in ((), ("--resume", "--calibration", results / "calibration.json")):
        said = call("sieve", results.parent / "in", "--out", out, "--quiet", *options)
        assert said.exit_code == 0
    assert "by an earlier run" not in said.stdout


@pytest.mark.parametrize("rate", ["none", "hard"])
def test_a_rate_by_name_is_a_threshold(results: Path, rate: str) -> None:
    out = results.parent / rate
    assert call("sieve", results.parent / "in", "--out", out, "--false-alarm", rate, "--quiet").exit_code == 0
    findings = read_findings(out)
    threshold = {"none": np.inf, "hard": -np.log10(0.05)}[rate]
    np.testing.assert_allclose(findings["threshold"], threshold)
    np.testing.assert_array_equal(findings["flagged"], findings["score"] >= threshold)


def test_an_empty_image_is_flagged_and_drawn_even_where_no_score_is(results: Path, tmp_path: Path) -> None:
    from astropy.io import fits

    folder = next(path for path in sorted((results.parent / "in").iterdir()) if path.is_dir())
    for path in folder.iterdir():
        (tmp_path / "in").mkdir(exist_ok=True)
        image, header = fits.getdata(path, header=True)
        fits.writeto(tmp_path / "in" / path.name, np.zeros_like(image) if "003" in path.name else image, header)
    said = call("sieve", tmp_path / "in", "--out", tmp_path / "out", "--false-alarm", "none", "--plots", "--quiet")
    assert said.exit_code == 0, said.output
    findings = read_findings(tmp_path / "out")
    assert [str(name) for name in findings["file"][findings["flagged"]]] == [
        name for name in sorted(path.name for path in folder.iterdir()) if "003" in name
    ]
    assert {"in_scores.png", "in_flagged.png"} <= {path.name for path in (tmp_path / "out" / "plots").iterdir()}


def test_what_cannot_be_calibrated_is_a_line_and_status_two(results: Path, tmp_path: Path) -> None:
    call("sieve", results.parent / "in", "--out", tmp_path / "paper", "--method", "paper", "--quiet")
    for arguments, complaint in (
        ((tmp_path / "nowhere",), "no findings in"),
        ((tmp_path / "paper",), "these findings lack score_"),
        ((results, "--out", tmp_path), "can't write"),
    ):
        said = call("calibrate", *arguments)
        assert said.exit_code == 2
        assert said.stderr.startswith("epochsieve: ")
        assert complaint in said.stderr
        assert said.stderr.count("\n") == 1
    assert not (tmp_path / "paper" / "calibration.json").exists()


def test_a_file_that_is_no_calibration_is_a_line_before_anything_is_judged(results: Path, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(json.dumps({"name": "old", "weights": [1, 2]}))
    options = ("--out", tmp_path / "out", "--calibration", tmp_path / "own.json")
    said = call("sieve", results.parent / "in", *options)
    assert said.exit_code == 2
    assert said.stderr.startswith(f"epochsieve: {tmp_path / 'own.json'}: no calibration of this version: it lacks")
    assert said.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
