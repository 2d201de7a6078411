import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from epochsieve.cli.terminal import ProgressBar, lay_out_table, set_up_logging, sum_up_run
from epochsieve.writing.provenance import Provenance, RunRecord
from epochsieve.writing.tally import Tally


@pytest.fixture
def _restored_logging() -> Iterator[None]:
    yield
    logger = logging.getLogger("epochsieve")
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)


def record(tally: Tally, images: int = 10, kept: int = 0, warnings: dict[str, int] | None = None) -> RunRecord:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    later = moment + timedelta(seconds=2)
    return RunRecord(Provenance("1", {}), ["in"], moment, later, images, kept, tally, warnings or {})


def test_text_stands_left_and_numbers_right() -> None:
    table = lay_out_table(("kind", "epochs", "share"), [("trail", 12, "50%"), ("hot pixels", 3, "100%")])
    assert table.splitlines() == [
        "kind        epochs  share",
        "trail           12  50%",
        "hot pixels       3  100%",
    ]


def test_a_table_without_rows_is_its_header() -> None:
    assert lay_out_table(("kind", "epochs"), []) == "kind  epochs"


def test_a_summary_names_the_commonest_reason_first() -> None:
    text = sum_up_run(record(Tally(1, 9, 5, 0, {"edge": 1, "trail": 4})), Path("out"))
    assert "flagged     5 (trail 4, edge 1)" in text.splitlines()
    assert "speed       5 images/s (10 in 2.0 s)" in text.splitlines()


def test_a_summary_says_what_was_there_before_and_leaves_out_what_did_not_happen() -> None:
    text = sum_up_run(record(Tally(3, 9), images=0, kept=3), Path("out"))
    assert "3 (3 of them judged by an earlier run)" in text
    assert "speed" not in text
    assert "headers" not in text


def test_header_warnings_are_one_line() -> None:
    text = sum_up_run(record(Tally(), warnings={"VerifyWarning": 54, "FITSFixedWarning": 2}), Path("out"))
    assert "headers     astropy warned of FITSFixedWarning 2 times, VerifyWarning 54 times" in text.splitlines()


def test_a_quiet_bar_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(quiet=True) as bar:
        bar.start(1)
        bar.advance(55)
    assert capsys.readouterr() == ("", "")


def test_a_bar_counts_objects_and_the_rate_of_images(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(quiet=False) as bar:
        bar.start(1)
        bar.advance(55)
    shown = capsys.readouterr().err
    assert "1/1" in shown
    assert "images/s" in shown


def test_a_bar_that_never_started_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(quiet=False):
        pass
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("_restored_logging")
def test_log_lines_of_the_level_asked_for_are_seen_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        set_up_logging(logging.WARNING)
    log = logging.getLogger("epochsieve.reading")
    log.warning("clouds")
    log.info("stars")
    assert capsys.readouterr().err == "WARNING: clouds\n"
