import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from epochsieve.reviewing.columns import VERDICT_COLUMNS, lay_beside
from epochsieve.reviewing.verdicts import Ruling, Verdict, VerdictBook, make_verdict
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings


def say(file: str, ruling: str = "bad", person: str = "ada", mark: str = "") -> Verdict:
    facts = {"score": 3.5, "flagged": True, "version": "0.1.0"}
    return make_verdict("a", file, Ruling(ruling), person=person, mark=mark, **facts)


@pytest.fixture
def book(tmp_path: Path) -> VerdictBook:
    return VerdictBook(tmp_path / "verdicts.sqlite")


def standing(book: VerdictBook) -> dict[str, str]:
    return {verdict.file: str(verdict.verdict) for verdict in book.list_standing()}


def test_a_verdict_comes_back_as_it_was_given(book: VerdictBook) -> None:
    given = say("1.fits", "unsure")
    book.give(given)
    assert VerdictBook(book.path).list_standing() == [given]


def test_reading_makes_no_database(book: VerdictBook) -> None:
    assert book.list_standing() == []
    assert not book.exists


def test_the_last_word_on_an_epoch_counts(book: VerdictBook) -> None:
    for ruling in ("bad", "unsure", "good"):
        book.give(say("1.fits", ruling))
    assert standing(book) == {"1.fits": "good"}


def test_undoing_again_and_again_goes_back_to_the_start_and_then_says_so(book: VerdictBook) -> None:
    steps = [{}]
    for file, ruling in (("1.fits", "bad"), ("2.fits", "good"), ("1.fits", "unsure")):
        book.give(say(file, ruling))
        steps.append(standing(book))
    for before in reversed(steps[:-1]):
        assert book.undo("ada") is not None
        assert standing(book) == before
    assert book.undo("ada") is None


def test_nobody_undoes_what_others_said(book: VerdictBook) -> None:
    book.give(say("1.fits", person="ada"))
    book.give(say("1.fits", "good", person="bob"))
    assert book.undo("ada").person == "ada"
    assert standing(book) == {"1.fits": "good"}


def test_a_verdict_sent_twice_counts_once_even_when_undone_between(book: VerdictBook) -> None:
    book.give(say("1.fits", mark="once"))
    book.undo("ada")
    book.give(say("1.fits", mark="once"))
    assert standing(book) == {}


def test_two_tabs_writing_at_once_lose_nothing(book: VerdictBook) -> None:
    def write(person: str) -> None:
        own = VerdictBook(book.path)
        for number in range(4):
            own.give(say(f"{person}{number}.fits", person=person))

    tabs = [threading.Thread(target=write, args=(person,)) for person in "ab"]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(book.list_standing()) == 8


def test_what_was_given_before_a_kill_is_there(book: VerdictBook) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from epochsieve.reviewing.verdicts import *\n"
        "facts = dict(person='ada', score=None, flagged=False, version='0')\n"
        "VerdictBook(Path(sys.argv[1])).give(make_verdict('a', '1.fits', Ruling.BAD, **facts))\n"
        "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(book.path)], check=False).returncode != 0
    assert standing(book) == {"1.fits": "bad"}
    assert book.list_standing()[0].score is None


def test_another_file_or_a_later_format_is_a_clear_error(book: VerdictBook, tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").write_text("this is no database, but it is long enough to be asked for its header" * 20)
    with pytest.raises(ResultsError, match="not a database"):
        VerdictBook(tmp_path / "other.sqlite")
    book.give(say("1.fits"))
    connection = sqlite3.connect(book.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ResultsError, match="later version"):
        VerdictBook(book.path)


def test_a_database_that_was_only_begun_is_empty_and_can_be_written(book: VerdictBook) -> None:
    book.path.touch()
    assert book.list_standing() == []
    book.give(say("1.fits"))
    assert standing(book) == {"1.fits": "bad"}


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="unable to open"):
        VerdictBook(tmp_path / "nowhere" / "verdicts.sqlite").give(say("1.fits"))


def test_verdicts_stand_beside_the_rows_they_are_of_in_any_order(book: VerdictBook) -> None:
    book.give(say("2.fits", "good"))
    book.give(say("gone.fits"))
    findings = Findings({"object": ["b", "a", "a"], "file": ["2.fits", "1.fits", "2.fits"]})
    columns = lay_beside(findings, book.list_standing())
    assert list(columns) == [column.name for column in VERDICT_COLUMNS]
    assert columns["verdict"].tolist() == ["", "", "good"]
    assert columns["verdict_score"][2] == 3.5
    backwards = lay_beside(findings.select(slice(None, None, -1)), book.list_standing())
    assert backwards["verdict"].tolist() == ["good", "", ""]


def test_a_book_in_memory_does_the_same() -> None:
    book = VerdictBook(None)
    book.give(say("1.fits"))
    assert standing(book) == {"1.fits": "bad"}
    assert book.undo("ada") is not None
    assert standing(book) == {}
