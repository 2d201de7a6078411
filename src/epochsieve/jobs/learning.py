"""What the verdicts in a results folder teach, written beside them."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochsieve.jobs.calibrating import CALIBRATION_FILE, refit_to_findings, write_calibration
from epochsieve.judging.weighing.refitting import BAD, GOOD, UNKNOWN, Refit
from epochsieve.reviewing.learning import collect_judged, learn_lesson, predict_bad
from epochsieve.reviewing.lessons import Lesson, read_lesson
from epochsieve.reviewing.verdicts import VERDICTS_FILE, Ruling, VerdictBook
from epochsieve.vocabulary.errors import InputError, ResultsError
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.writing.atomic import write_atomically
from epochsieve.writing.catalogue import Catalogue

_log = logging.getLogger(__name__)

_CODES: Mapping[Ruling | None, int] = {Ruling.GOOD: GOOD, Ruling.BAD: BAD}

MOST_OBJECTS = 2000
"""A calibration is refitted to about so many objects, and to all that were judged."""

LESSON_FILE, PROBABILITIES_FILE = "learnt.json", "learnt.npy"
"""Names of what was learnt, and of each epoch's probability of being bad, in a results folder."""


@dataclass(frozen=True)
class Learnt:
    """What came of learning.

    Attributes
    ----------
    lesson : Lesson
        Threshold and model.
    refit : Refit or None
        The calibration with verdicts; None where the findings are not of the default method with its network.
    """

    lesson: Lesson
    refit: Refit | None


def learn(results: Path, catalogue: Catalogue) -> Learnt:
    """Learn from the verdicts of a results folder, and write down what.

    Parameters
    ----------
    results : Path
        The results folder; it gets ``learnt.json``, ``learnt.npy`` and, where the default method made the findings,
        ``calibration.json``.
    catalogue : Catalogue
        Its epochs.

    Returns
    -------
    Learnt
        The lesson with the probability of each epoch.

    Raises
    ------
    SettingError
        Where there are too few verdicts, or scikit-learn is missing.
    ResultsError
        Where nothing can be written there.
    """
    said = {(v.object, v.file): v.verdict for v in VerdictBook(results / VERDICTS_FILE).list_standing()}
    objects = {name for name, _ in said}
    judged = [number for number, name in enumerate(catalogue.names) if name in objects]
    lesson = learn_lesson(collect_judged(((number, catalogue.read(number)) for number in judged), said))
    lesson = replace(lesson, bad=_predict_all(lesson, catalogue))
    _write(results, lesson)
    refit = _refit(catalogue, judged, said)
    if refit is not None:
        write_calibration(refit, results / CALIBRATION_FILE)
    return Learnt(lesson, refit)


def sum_up_learnt(learnt: Learnt, results: Path) -> str:
    """Sum up what was learnt in a few lines: what it is worth, and how to use it."""
    lesson = learnt.lesson
    rows = {"flagged now": lesson.before, f"flagged from {lesson.threshold:.2f}": lesson.with_threshold}
    rows["flagged by the model"] = lesson.with_model
    lines = [
        f"verdicts    {lesson.judged}, {lesson.judged_bad} of them bad",
        f"{'':<24}{'precision':>10}{'recall':>8}{'average precision':>19}",
        *(
            f"{name:<24}{quality.precision:>10.2f}{quality.recall:>8.2f}{quality.average_precision:>19.2f}"
            for name, quality in rows.items()
        ),
        "Of judged epochs only; what was fitted is measured on verdicts that had no part in the fit.",
    ]
    path = results / CALIBRATION_FILE
    if learnt.refit is not None:
        lines.append(f"calibration {learnt.refit.calibration.name}; epochsieve sieve --calibration {path} uses it")
    if learnt.refit is not None and lesson.threshold > 0:
        lines.append(
            f"threshold   epochsieve sieve --false-alarm {10**-lesson.threshold:.2g} asks for it,"
            " with the calibration that gave these scores"
        )
    return "\n".join([*lines, f"queue       epochsieve review {results} can begin with what is most likely bad"])


def recall_lesson(results: Path, catalogue: Catalogue) -> Lesson | None:
    """Read what was learnt before; None where nothing was, or of other findings than these."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        lesson = read_lesson(json.loads((results / LESSON_FILE).read_text("utf-8")))
        bad = np.load(results / PROBABILITIES_FILE, allow_pickle=False)
        if bad.shape == (len(catalogue),) and bad.dtype == np.float32:
            return replace(lesson, bad=bad)
    return None


def _refit(catalogue: Catalogue, judged: list[int], said: Mapping[tuple[str, str], Ruling]) -> Refit | None:
    """Refit the calibration to all judged objects and as many others as it takes, spread over the survey."""
    step = max(1, len(catalogue.names) // MOST_OBJECTS)
    numbers = sorted({*judged, *range(0, len(catalogue.names), step)})
    findings = concatenate_findings(catalogue.read(number) for number in numbers)
    words = [said.get(key) for key in zip(findings["object"], findings["file"], strict=True)]
    try:
        return refit_to_findings(findings, np.array([_CODES.get(word, UNKNOWN) for word in words], np.int8))
    except InputError as error:
        _log.info("no calibration: %s", error)
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
