"""What the verdicts in a results folder teach, written beside them."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochsieve.reviewing.learning import collect_judged, learn_lesson, predict_bad
from epochsieve.reviewing.lessons import Lesson, read_lesson
from epochsieve.reviewing.verdicts import VERDICTS_FILE, VerdictBook
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.catalogue import Catalogue

LESSON_FILE, PROBABILITIES_FILE = "learnt.json", "learnt.npy"
"""Names of what was learnt, and of each epoch's probability of being bad, in a results folder."""


def learn(results: Path, catalogue: Catalogue) -> Lesson:
    """Learn from the verdicts of a results folder, and write down what.

    Parameters
    ----------
    results : Path
        The results folder.
    catalogue : Catalogue
        Its epochs.

    Returns
    -------
    Lesson
        With the probability of each epoch.

    Raises
    ------
    SettingError
        Where there are too few verdicts, or scikit-learn is missing.
    ResultsError
        Where nothing can be written there.
    """
    said = {(v.object, v.file): v.verdict for v in VerdictBook(results / VERDICTS_FILE).list_standing()}
    objects = {name for name, _ in said}
    numbers = [number for number, name in enumerate(catalogue.names) if name in objects]
    lesson = learn_lesson(collect_judged(((number, catalogue.read(number)) for number in numbers), said))
    lesson = replace(lesson, bad=_predict_all(lesson, catalogue))
    _write(results, lesson)
    return lesson


def recall_lesson(results: Path, catalogue: Catalogue) -> Lesson | None:
    """Read what was learnt before; None where nothing was, or of other findings than these."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        lesson = read_lesson(json.loads((results / LESSON_FILE).read_text("utf-8")))
        bad = np.load(results / PROBABILITIES_FILE, allow_pickle=False)
        if bad.shape == (len(catalogue),) and bad.dtype == np.float32:
            return replace(lesson, bad=bad)
    return None


def _predict_all(lesson: Lesson, catalogue: Catalogue) -> NDArray[np.float32]:
    """Say of every epoch how likely it is bad."""
    return np.concatenate([predict_bad(lesson, findings) for findings in _walk(catalogue)])


def _walk(catalogue: Catalogue) -> Iterator[Findings]:
    """Read object after object."""
    return (catalogue.read(number) for number in range(len(catalogue.names)))


def _write(results: Path, lesson: Lesson) -> None:
    """Write a lesson, and the probabilities first: a lesson without them is none."""
    text = json.dumps(lesson.as_json(), indent=2) + "\n"
    try:
        write_atomically(results / PROBABILITIES_FILE, lambda path: _save(path, lesson.bad))
        write_atomically(results / LESSON_FILE, lambda path: _write_text(path, text))
    except OSError as error:
        raise ResultsError(f"can't write to {results}: {error.strerror or error}") from error


def _save(path: Path, values: NDArray[np.float32]) -> None:
    """Write an array under exactly this name."""
    with path.open("wb") as file:
        np.save(file, values)


def _write_text(path: Path, text: str) -> None:
    """Write a text file."""
    path.write_text(text, encoding="utf-8")
