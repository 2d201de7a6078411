from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from epochsieve.cli import app
from epochsieve.reviewing.verdicts import Ruling, VerdictBook, make_verdict


def call(*arguments: object) -> object:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_report_is_one_file_with_pictures_verdicts_and_provenance(results: Path) -> None:
    facts = {"person": "ada", "score": 9.0, "flagged": True, "version": "0.1.0"}
    verdict = make_verdict("alpha", "alpha_002.fits", Ruling.BAD, **facts)
    VerdictBook(results / "verdicts.sqlite").give(verdict)
    said = call("report", results)
    assert said.exit_code == 0, said.output
    page = (results / "report.html").read_text("utf-8")
    assert page.count("data:image/png") == 3 * 12
    for words in ("12 epochs of 24 flagged", "alpha_002.fits", "called bad", "run.json is missing"):
        assert words in " ".join(page.split())


def test_objects_beyond_those_asked_for_are_counted_and_the_file_goes_where_it_is_told(results: Path) -> None:
    said = call("report", results, "--objects", 1, "--out", results.parent / "one.html", "--quiet")
    assert said.exit_code == 0, said.output
    page = (results.parent / "one.html").read_text("utf-8")
    assert 'id="object-alpha"' in page
    assert 'id="object-beta"' not in page
    assert "2 more objects with flagged epochs are not shown here" in page
    assert not (results / "report.html").exists()


def test_images_that_are_gone_cost_the_pictures_alone(results: Path) -> None:
    (results.parent / "in" / "alpha").rename(results.parent / "in" / "elsewhere")
    assert call("report", results, "--quiet").exit_code == 0
    page = (results / "report.html").read_text("utf-8")
    assert "No images:" in page
    assert page.count("data:image/png") == 3 * 8


def test_a_large_survey_makes_a_small_file(tmp_path: Path, write_survey: Callable[..., Path]) -> None:
    results = write_survey(tmp_path / "out", 10_000, 10)
    assert call("report", results, "--quiet").exit_code == 0
    assert (results / "report.html").stat().st_size < 1_000_000
    assert "more objects with flagged epochs are not shown" in (results / "report.html").read_text("utf-8")


@pytest.mark.parametrize("arguments", [("nowhere",), ("nowhere", "--objects", "-1")])
def test_what_cannot_be_reported_is_a_line_and_status_two(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = call("report", tmp_path / arguments[0], *arguments[1:])
    assert said.exit_code == 2
    assert not list(tmp_path.iterdir())
