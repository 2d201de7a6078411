"""The page's questions by their paths, and the desk's answers as bytes; whatever carries them."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from epochsieve.reviewing.desk import Desk
from epochsieve.reviewing.phrasing import (
    count_verdicts,
    describe_verdict,
    list_items,
    list_nights,
    list_plain,
    make_plain,
    write_day,
)
from epochsieve.reviewing.queueing import Choice, Kept, Order
from epochsieve.reviewing.verdicts import Ruling
from epochsieve.vocabulary.errors import EpochsieveError, SettingError
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import FloatImage

MOST_ROWS = 200
"""Rows of the queue in one answer."""

MOST_BYTES = 4_000_000
"""Size of images that one answer may have, unless a single one is larger."""


_EPOCH_COLUMNS = (
    "epoch",
    "file",
    "mjd",
    "score",
    "flagged",
    "reasons",
    "x",
    "y",
    "flux",
    "flux_error",
    "fwhm",
    "status",
)


@dataclass(frozen=True)
class Question:
    """A question of the page.

    Attributes
    ----------
    method, path : str
        ``GET`` or ``POST``, and what is asked, as ``"queue"`` or ``"objects/3/pixels"``.
    query : mapping of str to str
        Its parameters.
    body : bytes
        JSON, where something is told.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def words(self) -> tuple[str, ...]:
        """What is asked, without the object's number."""
        return (self.method, *re.sub(r"^objects/\d{1,9}(?=/|$)", "objects", self.path).split("/"))

    @property
    def number(self) -> int:
        """Of which object; -1 where none is meant."""
        found = re.match(r"objects/(\d{1,9})(/|$)", self.path)
        return int(found[1]) if found else -1


@dataclass(frozen=True)
class Answer:
    """An answer to the page.

    Attributes
    ----------
    body : bytes
        JSON, or pixels: float32, little endian, image after image.
    status : int
        As in HTTP.
    headers : dict of str to str
        For pixels, ``x-shape``: images, rows, columns.
    """

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def answer(desk: Desk, question: Question) -> Answer:
    """Answer one question.

    Parameters
    ----------
    desk : Desk
        Who knows.
    question : Question
        What is asked.

    Returns
    -------
    Answer
        Status 404 where nothing has this path, 400 with a line where the question has no answer.
    """
    handle = _HANDLERS.get(question.words)
    if handle is None or (("objects" in question.words) != (0 <= question.number < len(desk.catalogue.names))):
        return _complain("nothing here has this address", 404)
    try:
        return handle(desk, question)
    except EpochsieveError as error:
        return _complain(" ".join(str(error).split()), 400)
    except (ValueError, TypeError, LookupError):
        return _complain("this question makes no sense", 400)


def _sum_up(desk: Desk, _: Question) -> Answer:
    """Say what there is to review, in numbers."""
    desk.refresh()
    catalogue = desk.catalogue
    reasons = {name: {"count": count, "meaning": Flag[name.upper()].meaning} for name, count in desk.reasons.items()}
    return _say(
        {
            "title": desk.setting.title,
            "id": desk.setting.identity,
            "person": desk.setting.person,
            "objects": len(catalogue.names),
            "epochs": len(catalogue),
            "flagged": int(catalogue.flagged.sum()),
            "reasons": reasons,
            "nights": list_nights(desk),
            "verdicts": count_verdicts(desk),
            "learns": desk.setting.learn is not None,
            "lesson": desk.lesson.as_json() if desk.lesson else None,
        }
    )


def _list_queue(desk: Desk, question: Question) -> Answer:
    """Give a page of the queue."""
    query = question.query
    rows = desk.queue(_read_choice(query), anew=query.get("anew") == "1")
    offset = max(int(query.get("offset", 0)), 0)
    shown = rows[offset : offset + min(int(query.get("limit", MOST_ROWS)), MOST_ROWS)]
    found = {"total": len(rows), "offset": offset, "items": list_items(desk, shown)}
    if query.get("row", "").isdigit():
        places = np.flatnonzero(rows == int(query["row"]))
        found["place"] = int(places[0]) if len(places) else None
    return _say(found)


def _show_object(desk: Desk, question: Question) -> Answer:
    """Give an object's epochs, verdicts, and how to draw its images."""
    number = question.number
    findings = desk.catalogue.read(number)
    verdicts = desk.list_verdicts(number)
    shown: dict[str, Any] = {
        "number": number,
        "name": str(desk.catalogue.names[number]),
        "start": int(desk.catalogue.starts[number]),
        "threshold": make_plain(findings["threshold"][0]),
        "epochs": {name: list_plain(findings[name]) for name in _EPOCH_COLUMNS},
        "dates": [write_day(mjd) for mjd in findings["mjd"]],
        "verdicts": [describe_verdict(verdicts.get(file)) for file in findings["file"]],
    }
    try:
        shots = desk.album.take_shots(number)
    except EpochsieveError as error:
        return _say({**shown, "images": None, "why": " ".join(str(error).split())})
    height, width = shots.series.stack.shape
    chunk = int(np.clip(MOST_BYTES // (4 * height * width), 1, 64))
    levels = [make_plain(shots.levels.get(str(file), np.nan)) for file in findings["file"]]
    images = {"height": height, "width": width, "chunk": chunk, "levels": levels, **asdict(shots.limits)}
    return _say({**shown, "images": images})


def _send_pixels(desk: Desk, question: Question) -> Answer:
    """Give images of some of an object's epochs; one that is not there is not a number all over."""
    number, query = question.number, question.query
    findings, shots = desk.catalogue.read(number), desk.album.take_shots(number)
    first, last = int(query.get("first", 0)), int(query.get("last", 0))
    files = [str(file) for file in findings["file"][max(first, 0) : last + 1]]
    height, width = shots.series.stack.shape
    if len(files) * height * width * 4 > MOST_BYTES and len(files) > 1:
        raise SettingError("too many images for one answer")
    headers = {}
    if query.get("kind") == "epoch":
        cube = shots.cube
    else:
        compared = desk.album.take_compared(number)
        cube = compared.explanation.residual if query.get("kind") == "residual" else compared.explanation.reference
        headers["x-limit"] = f"{compared.limit:g}"
    pixels = np.full((len(files), height, width), np.nan, "<f4")
    for place, file in enumerate(files):
        if file in shots.places:
            pixels[place] = cube[shots.places[file]]
    return _send(pixels, headers)


def _rule(desk: Desk, question: Question) -> Answer:
    """Write a verdict."""
    said = json.loads(question.body)
    ruling, mark = Ruling(said["verdict"]), str(said["mark"])[:64]
    verdict = desk.rule(int(said["row"]), str(said["object"]), str(said["file"]), ruling, mark)
    return _say({"verdict": describe_verdict(verdict), "verdicts": count_verdicts(desk)})


def _undo(desk: Desk, question: Question) -> Answer:
    """Take the last verdict back, or that of a mark."""
    row = desk.undo(str(json.loads(question.body).get("mark", "")))
    number = None if row is None else desk.catalogue.find_object(row)
    return _say({"row": row, "object": number, "verdicts": count_verdicts(desk)})


def _find(desk: Desk, question: Question) -> Answer:
    """Say of which object a row is."""
    return _say({"object": desk.read_row(int(question.query["row"]))[0]})


def _learn(desk: Desk, _: Question) -> Answer:
    """Learn from the verdicts."""
    return _say({"lesson": desk.learn().as_json()})


_HANDLERS: dict[tuple[str, ...], Callable[..., Answer]] = {
    ("GET", "summary"): _sum_up,
    ("GET", "queue"): _list_queue,
    ("GET", "find"): _find,
    ("GET", "objects"): _show_object,
    ("GET", "objects", "pixels"): _send_pixels,
    ("POST", "verdicts"): _rule,
    ("POST", "undo"): _undo,
    ("POST", "learn"): _learn,
}


def _read_choice(query: Mapping[str, str]) -> Choice:
    """Read what somebody wants to look at."""
    return Choice(
        order=Order(query.get("order", Order.WORST)),
        kept=Kept(query.get("kept", Kept.ALL)),
        flagged=query.get("flagged", "1") == "1",
        reason=query.get("reason", ""),
        name=query.get("name", "").strip(),
        night=int(query.get("night") or 0),
        lowest=float(query.get("lowest") or -np.inf),
    )


def _send(pixels: FloatImage, headers: Mapping[str, str]) -> Answer:
    """Send images."""
    shape = ",".join(map(str, pixels.shape))
    return Answer(pixels.tobytes(), 200, {"content-type": "application/octet-stream", "x-shape": shape, **headers})


def _say(content: Any) -> Answer:
    """Send JSON."""
    return Answer(json.dumps(content, separators=(",", ":")).encode())


def _complain(why: str, status: int) -> Answer:
    """Say in a line what was wrong."""
    return Answer(json.dumps({"error": why}).encode(), status)
