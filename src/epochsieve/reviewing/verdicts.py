"""Verdicts: what people say of epochs, on disk before the answer is given."""

import getpass
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from uuid import uuid4

from epochsieve.vocabulary.errors import ResultsError

VERDICTS_FILE = "verdicts.sqlite"
"""Name of the verdicts' database in a results folder."""

PATIENCE_SECONDS = 30.0
"""How long to wait while somebody else writes."""

FORMAT = 1
"""Number of this layout of the database, its ``user_version``."""

_LAYOUT = """
CREATE TABLE IF NOT EXISTS verdicts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    mark TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL,
    file TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('bad', 'good', 'unsure')),
    person TEXT NOT NULL,
    given_at TEXT NOT NULL,
    score REAL,
    flagged INTEGER NOT NULL,
    version TEXT NOT NULL,
    undone_at TEXT
);
CREATE INDEX IF NOT EXISTS verdicts_of_epochs ON verdicts (object, file, number);
"""

_FIELDS = "object, file, verdict, person, given_at, score, flagged, version, mark"

_STANDING = f"""
SELECT {_FIELDS} FROM verdicts
WHERE number IN (SELECT max(number) FROM verdicts WHERE undone_at IS NULL GROUP BY object, file)
"""  # noqa: S608 - no input is in it


class Ruling(StrEnum):
    """What can be said of an epoch."""

    BAD = "bad"
    GOOD = "good"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Verdict:
    """What somebody said of an epoch, and what was known of it then.

    Attributes
    ----------
    object, file : str
        Which epoch.
    verdict : Ruling
        What was said.
    person : str
        Who said it.
    given_at : str
        When: ISO 8601, UTC.
    score : float or None
        The score that the epoch had; None where it had none.
    flagged : bool
        Whether it was flagged.
    version : str
        Version of epochsieve that had judged it.
    mark : str
        Unique to this verdict, so that one which is sent twice counts once.
    """

    object: str
    file: str
    verdict: Ruling
    person: str
    given_at: str
    score: float | None
    flagged: bool
    version: str
    mark: str


class VerdictBook:
    """The verdicts of a results folder, in an SQLite database.

    Nothing is ever deleted: what is undone is marked so. Each call has a connection of its own, so that threads,
    processes and tabs may write side by side; a rollback journal, unlike a write-ahead log, works on network file
    systems, and every verdict is on disk before a call comes back.

    Parameters
    ----------
    path : Path or None
        The database; made at the first verdict. None keeps verdicts in memory, for findings that are in no folder.

    Raises
    ------
    ResultsError
        Where the file is there and is no database of verdicts, or one of a later version.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._lock = Lock()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False) if path is None else None
        if self._memory is not None:
            self._memory.executescript(_LAYOUT)
        elif self.exists:
            with self._open() as connection:
                _check(connection, self.path)

    @property
    def exists(self) -> bool:
        """Whether there is anything to read."""
        return self.path is None or self.path.is_file()

    def give(self, verdict: Verdict) -> None:
        """Write a verdict; one whose mark is there already is the same, sent once more.

        Parameters
        ----------
        verdict : Verdict
            What is said.

        Raises
        ------
        ResultsError
            Where the database can't be written.
        """
        values = (
            *(verdict.mark, verdict.object, verdict.file, str(verdict.verdict), verdict.person, verdict.given_at),
            *(verdict.score, int(verdict.flagged), verdict.version),
        )
        with self._open() as connection, connection:
            self._begin(connection)
            connection.execute(
                "INSERT OR IGNORE INTO verdicts"
                " (mark, object, file, verdict, person, given_at, score, flagged, version) VALUES (?,?,?,?,?,?,?,?,?)",
                values,
            )

    def undo(self, person: str, mark: str = "") -> Verdict | None:
        """Take back the last verdict of a person that stands.

        Parameters
        ----------
        person : str
            Whose.
        mark : str, optional
            That one, and no other.

        Returns
        -------
        Verdict or None
            What was taken back; None where there is nothing left. An earlier verdict on the epoch, by whomever, stands
            again. ResultsError where the database can't be written.
        """
        with self._open() as connection, connection:
            self._begin(connection)
            last = connection.execute(
                f"SELECT number, {_FIELDS} FROM verdicts WHERE person = ? AND undone_at IS NULL"  # noqa: S608 - no input is in it
                " AND (mark = ? OR ? = '') ORDER BY number DESC LIMIT 1",
                (person, mark, mark),
            ).fetchone()
            if last is None:
                return None
            connection.execute("UPDATE verdicts SET undone_at = ? WHERE number = ?", (_now(), last[0]))
            return _read(last[1:])

    def list_standing(self, name: str | None = None) -> list[Verdict]:
        """List what stands: the last verdict on each epoch that was not undone.

        Parameters
        ----------
        name : str, optional
            Of this object only.

        Returns
        -------
        list of Verdict
            In the order in which they were given.
        """
        if not self.exists:
            return []
        query = _STANDING + ("" if name is None else "AND object = ?") + " ORDER BY number"
        with self._open() as connection:
            if not _has_table(connection):
                return []
            return [_read(row) for row in connection.execute(query, () if name is None else (name,))]

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Make the tables where they are missing, and keep others from writing until the end."""
        if not _has_table(connection):
            connection.executescript(_LAYOUT)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection, and say in the house's words what SQLite complains of."""
        with self._lock:
            try:
                connection = self._memory or _connect(self.path)
                try:
                    yield connection
                finally:
                    if connection is not self._memory:
                        connection.close()
            except sqlite3.Error as error:
                raise ResultsError(f"{self.path}: {error}") from error


def make_verdict(  # noqa: PLR0913 - one parameter per fact
    name: str,
    file: str,
    ruling: Ruling,
    *,
    person: str,
    score: float | None,
    flagged: bool,
    version: str,
    mark: str = "",
) -> Verdict:
    """Make a verdict that is given now.

    Parameters
    ----------
    name, file : str
        Which epoch: its object and its file.
    ruling : Ruling
        What is said of it.
    person : str
        Who says so.
    score : float or None
        The score it has.
    flagged : bool
        Whether it is flagged.
    version : str
        Version of epochsieve that judged it.
    mark : str, optional
        Unique to this verdict; made up where it is left out.

    Returns
    -------
    Verdict
        To be written by `VerdictBook.give`.
    """
    return Verdict(name, file, ruling, person, _now(), score, flagged, version, mark or uuid4().hex)


def name_person() -> str:
    """Name whoever is at the keyboard, as far as the system knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _connect(path: Path | None) -> sqlite3.Connection:
    """Open a database such that what is written stays, whatever happens to power, process or network."""
    connection = sqlite3.connect(str(path), timeout=PATIENCE_SECONDS, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    return connection


def _check(connection: sqlite3.Connection, path: Path | None) -> None:
    """Make sure that a database is one of verdicts, of a version that is understood."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise ResultsError(f"{path}: verdicts in format {found}, written by a later version of epochsieve")


def _has_table(connection: sqlite3.Connection) -> bool:
    """Tell whether a database holds verdicts; one that was made by a process killed at once holds nothing."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'verdicts'").fetchone() is not None


def _read(row: tuple[object, ...]) -> Verdict:
    """Make a verdict of a row."""
    name, file, ruling, person, given_at, score, flagged, version, mark = row
    known = float(score) if isinstance(score, int | float) else None
    words = (str(person), str(given_at))
    return Verdict(str(name), str(file), Ruling(str(ruling)), *words, known, bool(flagged), str(version), str(mark))


def _now() -> str:
    """Tell the time as verdicts do."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
