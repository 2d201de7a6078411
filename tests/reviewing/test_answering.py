import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.jobs.reviewing import open_desk
from epochsieve.reviewing.answering import Answer, Question, answer
from epochsieve.reviewing.desk import Desk


@pytest.fixture
def desk(results: Path) -> Desk:
    return open_desk(results, "ada")


def ask(desk: Desk, path: str, **query: object) -> Any:
    said = answer(desk, Question("GET", path, {name: str(value) for name, value in query.items()}))
    assert said.status == 200, said.body
    return json.loads(said.body)


def tell(desk: Desk, path: str, **content: object) -> Answer:
    return answer(desk, Question("POST", path, {}, json.dumps(content).encode()))


def rule(desk: Desk, row: int, verdict: str = "bad", mark: str = "m") -> Answer:
    shown = ask(desk, f"objects/{row // 8}")
    facts = {"object": shown["name"], "file": shown["epochs"]["file"][row % 8]}
    return tell(desk, "verdicts", row=row, verdict=verdict, mark=f"{mark}{row}", **facts)


def test_the_summary_counts_what_there_is(desk: Desk) -> None:
    said = ask(desk, "summary")
    assert (said["objects"], said["epochs"], said["flagged"]) == (3, 24, 12)
    assert {name: facts["count"] for name, facts in said["reasons"].items()} == {"blank": 3, "trail": 9}
    assert said["nights"][0] == {"night": 60000, "date": "2023-02-25", "epochs": 3, "flagged": 0}
    assert said["verdicts"] == {"bad": 0, "good": 0, "unsure": 0, "waiting": 12}


def test_the_queue_comes_in_pages_that_fit_together(desk: Desk) -> None:
    pages = [ask(desk, "queue", offset=offset, limit=5) for offset in (0, 5, 10)]
    rows = [item["row"] for page in pages for item in page["items"]]
    assert rows == [item["row"] for item in ask(desk, "queue")["items"]]
    assert pages[0]["total"] == 12
    assert pages[0]["items"][0] == {
        "row": 1,
        "object": 0,
        "name": "alpha",
        "epoch": 2,
        "date": "2023-02-27",
        "score": 8.9,
        "reasons": ["trail"],
        "verdict": "",
        "bad": None,
    }


def test_pixels_are_those_of_the_file(desk: Desk, results: Path) -> None:
    query = {"kind": "epoch", "first": "2", "last": "3"}
    said = answer(desk, Question("GET", "objects/1/pixels", query))
    assert said.headers["x-shape"] == "2,21,21"
    pixels = np.frombuffer(said.body, "<f4").reshape(2, 21, 21)
    expected = fits.getdata(results.parent / "in" / "beta" / "beta_004.fits")
    np.testing.assert_array_equal(pixels[1], expected)


def test_expected_and_residual_come_for_every_epoch_with_the_residuals_scale(desk: Desk) -> None:
    for kind in ("reference", "residual"):
        query = {"kind": kind, "first": "1", "last": "1"}
        said = answer(desk, Question("GET", "objects/0/pixels", query))
        assert float(said.headers["x-limit"]) >= 8
        image = np.frombuffer(said.body, "<f4").reshape(21, 21)
        assert np.isfinite(image).all()
        assert (image[3].mean() > 5 + image[16].mean()) == (kind == "residual")


def test_an_object_whose_images_are_gone_is_shown_without_and_says_why(desk: Desk, results: Path) -> None:
    (results.parent / "in" / "beta").rename(results.parent / "in" / "elsewhere")
    shown = ask(desk, "objects/1")
    assert shown["images"] is None
    assert "beta" in shown["why"]
    assert len(shown["epochs"]["file"]) == 8
    assert answer(desk, Question("GET", "objects/1/pixels", {"kind": "epoch"})).status == 400


def test_a_verdict_is_written_counted_shown_and_undone(desk: Desk) -> None:
    assert rule(desk, 9, "good").status == 200
    assert ask(desk, "summary")["verdicts"]["good"] == 1
    assert ask(desk, "objects/1")["verdicts"][1]["verdict"] == "good"
    assert ask(desk, "queue", kept="good")["items"][0]["row"] == 9
    assert json.loads(tell(desk, "undo").body)["row"] == 9
    assert ask(desk, "summary")["verdicts"]["good"] == 0
    assert json.loads(tell(desk, "undo").body)["row"] is None


def test_a_verdict_says_which_version_judged_what_it_is_about(desk: Desk) -> None:
    rule(desk, 9)
    assert desk.book.list_standing()[0].version == "0.0.9"
    assert desk.book.list_standing()[0].score == pytest.approx(7.9)


def test_undoing_a_certain_verdict_leaves_later_ones(desk: Desk) -> None:
    rule(desk, 1)
    rule(desk, 3)
    assert json.loads(tell(desk, "undo", mark="m1").body)["row"] == 1
    assert json.loads(tell(desk, "undo", mark="m1").body)["row"] is None
    assert [item["row"] for item in ask(desk, "queue", kept="judged")["items"]] == [3]


def test_verdicts_are_there_when_the_desk_is_opened_again(desk: Desk, results: Path) -> None:
    rule(desk, 9, "unsure")
    again = open_desk(results, "bob")
    assert ask(again, "summary")["verdicts"]["unsure"] == 1
    assert again.ruled[9] > 0


def test_what_was_just_judged_stays_in_its_queue_until_it_is_renewed(desk: Desk) -> None:
    before = ask(desk, "queue", kept="open")["total"]
    rule(desk, 1)
    assert ask(desk, "queue", kept="open")["total"] == before
    assert ask(desk, "queue", kept="open", anew=1)["total"] == before - 1


def test_a_verdict_on_another_epoch_than_the_one_seen_is_refused(desk: Desk) -> None:
    said = tell(desk, "verdicts", row=9, verdict="bad", mark="m", object="alpha", file="alpha_002.fits")
    assert said.status == 400
    assert b"findings have changed" in said.body
    assert ask(desk, "summary")["verdicts"]["bad"] == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *[("nowhere", 404), ("objects/99", 404), ("objects", 404), ("objects/-1", 404), ("objects/1/2/pixels", 404)],
        *[("objects/1/../../verdicts.sqlite", 404), ("queue/1", 404), ("queue?", 404), ("", 404)],
    ],
)
def test_what_has_no_address_is_not_found(desk: Desk, path: str, status: int) -> None:
    assert answer(desk, Question("GET", path)).status == status


@pytest.mark.parametrize(
    "query",
    [{"order": "best"}, {"kept": "ugly"}, {"reason": "moon"}, {"lowest": "high"}, {"offset": "x"}, {"order": "learnt"}],
)
def test_questions_without_sense_are_refused_in_a_line(desk: Desk, query: dict[str, str]) -> None:
    said = answer(desk, Question("GET", "queue", query))
    assert said.status == 400
    assert b"\n" not in said.body


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"row": 1, "verdict": "meh", "mark": "m", "object": "", "file": ""}']
)
def test_verdicts_without_sense_are_refused(desk: Desk, body: bytes) -> None:
    assert answer(desk, Question("POST", "verdicts", {}, body)).status == 400
