"""The desk at which epochs are reviewed: every question that the page asks, whichever way it comes."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reviewing.album import Album
from epochsieve.reviewing.lessons import Lesson
from epochsieve.reviewing.queueing import CODES, Choice, number_nights, queue_rows
from epochsieve.reviewing.verdicts import Ruling, Verdict, VerdictBook, make_verdict
from epochsieve.vocabulary.errors import EpochsieveError, SettingError
from epochsieve.vocabulary.flags import Flag
from epochsieve.writing.catalogue import Catalogue

QUEUES_KEPT = 8
"""Queues that stay as they are while somebody goes through them."""


@dataclass(frozen=True)
class Setting:
    """What a desk is told about the findings on it.

    Attributes
    ----------
    title : str
        Name of the results.
    identity : str
        Tells these results from any others on this machine.
    version : str
        Version of epochsieve that judged them.
    person : str
        Who gives verdicts here.
    learn : callable or None
        Learns from the verdicts that stand, and says what; None where that can't be done.
    """

    title: str
    identity: str
    version: str
    person: str
    learn: Callable[[], Lesson] | None = None


class Desk:
    """Findings, their images and the verdicts on them.

    Parameters
    ----------
    catalogue : Catalogue
        All epochs.
    album : Album
        Their images.
    book : VerdictBook
        Where verdicts are written.
    setting : Setting
        Names, and what can be learnt.
    lesson : Lesson, optional
        What was learnt before.
    """

    def __init__(
        self, catalogue: Catalogue, album: Album, book: VerdictBook, setting: Setting, lesson: Lesson | None = None
    ) -> None:
        self.catalogue = catalogue
        self.album = album
        self.book = book
        self.setting = setting
        self.lesson = lesson
        self.nights = number_nights(catalogue.mjd)
        self.ruled = np.zeros(len(catalogue), np.int8)
        self._numbers = {str(name): number for number, name in enumerate(catalogue.names)}
        self._rows: dict[tuple[int, str], int | None] = {}
        self._queues: OrderedDict[Choice, NDArray[np.intp]] = OrderedDict()
        self._lock = Lock()
        self.refresh()

    @cached_property
    def reasons(self) -> dict[str, int]:
        """Flagged epochs by reason; those that none has are left out."""
        masks = self.catalogue.flags[self.catalogue.flagged]
        counts = {flag.name.lower(): int(((masks & int(flag)) != 0).sum()) for flag in Flag if flag.name}
        return {name: count for name, count in counts.items() if count}

    @cached_property
    def busy_nights(self) -> tuple[NDArray[np.int32], NDArray[np.intp], NDArray[np.intp]]:
        """Every night's number, its epochs and its flagged epochs; epochs of unknown time are left out."""
        first = int(self.nights[self.nights > 0].min(initial=np.iinfo(np.int32).max))
        places = np.maximum(self.nights - first + 1, 0)
        epochs = np.bincount(places)
        flagged = np.bincount(places[self.catalogue.flagged], minlength=len(epochs))
        there = np.flatnonzero(epochs[1:]) + 1
        return (there + first - 1).astype(np.int32), epochs[there], flagged[there]

    def warm_up(self) -> None:
        """Read and compare what is shown first, so that nobody waits; what goes wrong is told when it is asked for."""
        _ = self.reasons, self.busy_nights
        rows = self.queue(Choice(), anew=False)
        if len(rows):
            with suppress(EpochsieveError, OSError, ValueError):
                self.album.take_compared(self.catalogue.find_object(int(rows[0])))

    def queue(self, choice: Choice, *, anew: bool) -> NDArray[np.intp]:
        """List the rows to look at.

        Parameters
        ----------
        choice : Choice
            Which, and in which order.
        anew : bool
            Whether verdicts given since the queue was made first may change it. Where not, it stays: what somebody has
            just judged does not vanish under their eyes.

        Returns
        -------
        ndarray of int, shape (chosen rows,)
            Row numbers of the catalogue.
        """
        with self._lock:
            rows = None if anew else self._queues.get(choice)
            if rows is None:
                learnt = self.lesson.bad if self.lesson else None
                rows = queue_rows(self.catalogue, choice, self.nights, self.ruled, learnt)
            self._queues[choice] = rows
            self._queues.move_to_end(choice)
            while len(self._queues) > QUEUES_KEPT:
                self._queues.popitem(last=False)
            return rows

    def rule(self, row: int, name: str, file: str, ruling: Ruling, mark: str) -> Verdict:
        """Write a verdict on an epoch.

        Parameters
        ----------
        row : int
            Which.
        name, file : str
            Its object and file, as whoever judges them sees them.
        ruling : Ruling
            What is said of it.
        mark : str
            Unique to this verdict.

        Returns
        -------
        Verdict
            On disk.

        Raises
        ------
        SettingError
            Where another epoch than that stands in this row.
        """
        number, facts = self.read_row(row)
        if (str(self.catalogue.names[number]), str(facts["file"])) != (name, file):
            raise SettingError(
                f"{file} of {name} is no longer where it was: the findings have changed, load the page anew"
            )
        score = float(facts["score"])
        verdict = make_verdict(
            name,
            file,
            ruling,
            person=self.setting.person,
            score=score if np.isfinite(score) else None,
            flagged=bool(facts["flagged"]),
            version=self.setting.version,
            mark=mark,
        )
        self.book.give(verdict)
        self._reread(number)
        return verdict

    def undo(self, mark: str = "") -> int | None:
        """Take back this person's last verdict, or that of this mark; give its row, None where there is none."""
        verdict = self.book.undo(self.setting.person, mark)
        if verdict is None or verdict.object not in self._numbers:
            return None
        number = self._numbers[verdict.object]
        self._reread(number)
        return self._find_row(number, verdict.file)

    def learn(self) -> Lesson:
        """Learn from the verdicts that stand; SettingError where that can't be done here."""
        if self.setting.learn is None:
            raise SettingError("nothing can be learnt here: these findings are in no results folder")
        self.lesson = self.setting.learn()
        with self._lock:
            self._queues.clear()
        return self.lesson

    def refresh(self) -> None:
        """Read all verdicts that stand, whoever gave them and wherever: others may review at the same time."""
        ruled = np.zeros(len(self.catalogue), np.int8)
        for name, verdicts in group_by_object(self.book.list_standing()).items():
            if name in self._numbers:
                self._put_down(ruled, self._numbers[name], verdicts)
        self.ruled = ruled

    def list_verdicts(self, number: int) -> dict[str, Verdict]:
        """List an object's verdicts that stand, by file."""
        return {verdict.file: verdict for verdict in self.book.list_standing(str(self.catalogue.names[number]))}

    def read_row(self, row: int) -> tuple[int, Mapping[str, Any]]:
        """Read one epoch, and the number of its object; SettingError where there is no such row."""
        if not 0 <= row < len(self.catalogue):
            raise SettingError(f"no epoch {row}: there are {len(self.catalogue)}")
        number = self.catalogue.find_object(row)
        findings = self.catalogue.read(number)
        place = row - int(self.catalogue.starts[number])
        return number, {name: findings[name][place] for name in ("file", "score", "flagged")}

    def _reread(self, number: int) -> None:
        """Read the verdicts on one object."""
        rows = self.catalogue.list_rows(number)
        self.ruled[rows.start : rows.stop] = 0
        self._put_down(self.ruled, number, list(self.list_verdicts(number).values()))

    def _put_down(self, ruled: NDArray[np.int8], number: int, verdicts: list[Verdict]) -> None:
        """Note verdicts on an object in their rows."""
        for verdict in verdicts:
            row = self._find_row(number, verdict.file)
            if row is not None:
                ruled[row] = CODES[verdict.verdict]

    def _find_row(self, number: int, file: str) -> int | None:
        """Find the row of an object's file; looked up once, for reading parts takes time."""
        if (number, file) not in self._rows:
            found = np.flatnonzero(self.catalogue.read(number)["file"] == file)
            self._rows[number, file] = int(self.catalogue.starts[number] + found[0]) if len(found) else None
        return self._rows[number, file]


def group_by_object(verdicts: list[Verdict]) -> dict[str, list[Verdict]]:
    """Group verdicts by their object."""
    grouped: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        grouped.setdefault(verdict.object, []).append(verdict)
    return grouped
