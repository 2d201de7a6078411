"""Light-curve tables joined with findings, and what the findings say put into columns."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.cleaning.choosing import Choice
from epochsieve.cleaning.matching import NOBODY, match_keys, match_times, number_names
from epochsieve.cleaning.times import to_mjd
from epochsieve.tables.columns import NewColumn
from epochsieve.tables.contract import TableFile
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.findings import Findings

FLAGS_COLUMN, SCORE_COLUMN = "epochsieve_flags", "epochsieve_score"
"""What a cleaned light curve gains."""

OBJECT_KEYS = ("OBJECT", "OBJECTID", "LABEL", "TARGETID")
"""Where a table that has no column of objects may name the one it is of."""

_IMAGE_SUFFIXES = (".fits.gz", ".fits.fz", ".fits", ".fit", ".fts")


@dataclass(frozen=True, eq=False)
class LightCurves:
    """A table of light curves, and which of its columns says what.

    Attributes
    ----------
    label : str
        What to call it: its file's name without the suffix.
    table : TableFile
        The table.
    choice : Choice
        Its columns.
    """

    label: str
    table: TableFile
    choice: Choice

    def name_objects(self, known: Sequence[str]) -> list[str]:
        """Name the object of every row: by column, by keyword, by the file's name, or the only one that there is."""
        if self.choice.object:
            return [str(value) for value in self.table.get(self.choice.object).tolist()]
        facts = self.table.facts
        stated = [str(facts[key]).strip() for key in OBJECT_KEYS if facts.get(key)]
        candidates = [*stated, self.label]
        plain = dict(zip(name_plainly(known), known, strict=True))
        usual = next((name for name in candidates if strip_zeros(name) in plain), None)
        alone = known[0] if len(known) == 1 else self.label
        return [usual or alone] * len(self.table)


def join_findings(curves: Sequence[LightCurves], findings: Findings, tolerance_seconds: float) -> NDArray[np.intp]:
    """Find the finding of every row.

    Parameters
    ----------
    curves : sequence of LightCurves
        All joined in the same way.
    findings : Findings
        Of any number of objects.
    tolerance_seconds : float
        How far apart two times of one epoch may be.

    Returns
    -------
    ndarray of int, shape (rows of all tables,)
        Rows of the findings; `NOBODY` where a row has none.

    Raises
    ------
    InputError
        Where tables are to be joined in different ways.
    """
    ways = {curve.choice.on for curve in curves}
    if len(ways) > 1:
        raise InputError(f"some tables would be joined on {' and others on '.join(sorted(ways))}: --on says which")
    known = [str(name) for name in findings["object"]]
    objects = _number_objects(curves, known)
    return _MATCHERS[ways.pop()](curves, findings, objects, tolerance_seconds)


def make_columns(findings: Findings, matches: NDArray[np.intp]) -> tuple[NewColumn, NewColumn]:
    """Put flags and scores of matched rows into columns; a row without a finding has neither.

    Parameters
    ----------
    findings : Findings
        As they were joined.
    matches : ndarray of int, shape (rows,)
        From `join_findings`.

    Returns
    -------
    flags, score : NewColumn
        For `TableFile.add`.
    """
    missing = matches == NOBODY
    flags, score = (findings[name][np.maximum(matches, 0)] for name in ("flags", "score"))
    score = np.where(missing, np.nan, score)
    described = "epochsieve: bit mask of reasons; 0 is good"
    return (
        NewColumn(FLAGS_COLUMN, np.where(missing, 0, flags).astype(np.int32), missing, described, "meta.code.qual"),
        NewColumn(SCORE_COLUMN, score, np.isnan(score), "epochsieve: how bad; larger is worse", "stat.value"),
    )


def name_plainly(names: Iterable[str]) -> list[str]:
    """Take leading zeros off numbers, which tables lose, as long as that makes no two names one."""
    given = list(names)
    plain = [strip_zeros(name) for name in given]
    return plain if len(set(plain)) == len(set(given)) else given


def strip_zeros(name: str) -> str:
    """Take leading zeros off a name that is a number."""
    return str(int(name)) if name.isdecimal() and name.isascii() else name


def name_images(files: Iterable[str]) -> list[str]:
    """Take folders and the suffixes of images off file names, as long as that makes no two names one."""
    bases = [PurePosixPath(str(file).replace("\\", "/")).name for file in files]
    short = {base: next((base.removesuffix(s) for s in _IMAGE_SUFFIXES if base.endswith(s)), base) for base in bases}
    unclear = {name for name, count in Counter(short.values()).items() if count > 1}
    return [base if short[base] in unclear else short[base] for base in bases]


def _number_objects(curves: Sequence[LightCurves], known: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the objects of rows and findings numbers."""
    distinct = list(dict.fromkeys(known))
    names = [name for curve in curves for name in curve.name_objects(distinct)]
    plain = dict(zip(distinct, name_plainly(distinct), strict=True))
    if list(plain) != list(plain.values()):
        cache = {name: name if name in plain and plain[name] == name else strip_zeros(name) for name in set(names)}
        names = [cache[name] for name in names]
    return number_names(names, [plain[name] for name in known])


Numbers = tuple[NDArray[np.intp], NDArray[np.intp]]
Matcher = Callable[[Sequence[LightCurves], Findings, Numbers, float], NDArray[np.intp]]


def _match_files(curves: Sequence[LightCurves], findings: Findings, objects: Numbers, _: float) -> NDArray[np.intp]:
    """Match by the names of images."""
    names = [str(name) for curve in curves for name in curve.table.get(curve.choice.key).tolist()]
    known = [str(name) for name in findings["file"]]
    short = dict(zip(known, name_images(known), strict=True))
    given = {name: PurePosixPath(name.replace("\\", "/")).name for name in set(names)}
    wanted = {name: short.get(base, name_images([base])[0]) for name, base in given.items()}
    keys = number_names([wanted[name] for name in names], [short[name] for name in known])
    return match_keys(objects[0], keys[0], objects[1], keys[1])


def _match_epochs(curves: Sequence[LightCurves], findings: Findings, objects: Numbers, _: float) -> NDArray[np.intp]:
    """Match by epoch numbers."""
    numbers = np.concatenate([np.asarray(curve.table.get(curve.choice.key), float) for curve in curves])
    keys = np.where(np.isfinite(numbers) & (numbers >= 0), numbers, NOBODY).astype(np.intp)
    return match_keys(objects[0], keys, objects[1], findings["epoch"].astype(np.intp))


def _match_times(
    curves: Sequence[LightCurves], findings: Findings, objects: Numbers, tolerance_seconds: float
) -> NDArray[np.intp]:
    """Match by times."""
    if not np.isfinite(findings["mjd"]).any():
        raise InputError("the findings have no times: join on file or epoch instead (--on)")
    times = np.concatenate([_read_times(curve) for curve in curves])
    return match_times(objects[0], times, objects[1], findings["mjd"], tolerance_seconds / 86400.0)


def _read_times(curve: LightCurves) -> NDArray[Any]:
    """Read a table's times as modified Julian dates."""
    key, table = curve.choice.key, curve.table
    values = table.get(key)
    if values.dtype.kind not in "iuf":
        raise InputError(f"{curve.label}: column {key} holds no times in days")
    return to_mjd(values, table.get_unit(key), table.facts, curve.choice.time_zero)


_MATCHERS: dict[str, Matcher] = {"file": _match_files, "epoch": _match_epochs, "time": _match_times}
