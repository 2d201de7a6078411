"""What cleaning does to each light curve: its scatter and excess variance before and after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.cleaning.joining import LightCurves
from epochsieve.cleaning.matching import NOBODY
from epochsieve.cleaning.variability import Variability, measure_variability
from epochsieve.vocabulary.findings import Findings

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Effect:
    """Of every light curve: one per object, or per object and band where a table tells bands apart.

    Attributes
    ----------
    names : tuple of str
        The object, and the band behind it.
    brightness : str
        The column that was measured; empty where no table has one.
    magnitudes : bool
        Whether that is in magnitudes.
    before, after : Variability
        With and without the flagged epochs.
    curves : ndarray of int, shape (rows of all tables,)
        Which light curve each row is of; `NOBODY` for none.
    values, errors : ndarray, shape (rows of all tables,)
        Brightness and its error; NaN where unknown.
    bad : ndarray of bool, shape (rows of all tables,)
        Rows of flagged epochs.
    """

    names: tuple[str, ...]
    brightness: str
    magnitudes: bool
    before: Variability
    after: Variability
    curves: NDArray[np.intp]
    values: Array
    errors: Array
    bad: NDArray[np.bool_]

    @property
    def ratio(self) -> Array:
        """Scatter after over scatter before, shape (light curves,); NaN where either is unknown."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.after.scatter / self.before.scatter)

    def split(self) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Iterate over the light curves: each one's name, and its rows in their order."""
        order = np.argsort(self.curves, kind="stable")
        starts = np.searchsorted(self.curves[order], np.arange(len(self.names) + 1))
        return ((name, order[starts[i] : starts[i + 1]]) for i, name in enumerate(self.names))


def measure_effect(
    curves: Sequence[LightCurves], findings: Findings, matches: NDArray[np.intp], bad: NDArray[np.bool_]
) -> Effect:
    """Measure what leaving flagged epochs out does.

    Parameters
    ----------
    curves : sequence of LightCurves
        All tables.
    findings : Findings
        What they were joined with.
    matches : ndarray of int, shape (rows of all tables,)
        From `join_findings`; rows without a finding do not count.
    bad : ndarray of bool, shape (rows of all tables,)
        Rows of flagged epochs.

    Returns
    -------
    Effect
        Light curves by name.
    """
    values, errors, bands = (np.concatenate(parts) for parts in zip(*map(_read, curves), strict=True))
    matched = matches != NOBODY
    objects, seen = findings["object"][matches[matched]].astype(np.str_), bands[matched]
    names, numbers = np.unique(
        np.char.add(np.char.add(objects, np.where(seen == "", "", " ")), seen), return_inverse=True
    )
    which = np.full(len(matches), NOBODY, np.intp)
    which[matched] = numbers
    choice = next((curve.choice for curve in curves if curve.choice.flux), None)
    brightness = choice.flux if choice else ""
    magnitudes = "mag" in brightness.lower()
    before = measure_variability(values, errors, which, len(names), magnitudes)
    after = measure_variability(values, errors, np.where(bad, NOBODY, which), len(names), magnitudes)
    return Effect(tuple(names.tolist()), brightness, magnitudes, before, after, which, values, errors, bad)


def _read(curve: LightCurves) -> tuple[Array, Array, Array]:
    """Read a table's brightness, error and band; NaN and empty where it has none."""
    table, choice = curve.table, curve.choice
    unknown = np.full(len(table), np.nan)
    values, errors = (_to_numbers(table.get(name)) if name else unknown for name in (choice.flux, choice.error))
    bands = table.get(choice.band).astype(np.str_) if choice.band else np.full(len(table), "")
    return values, errors, bands


def _to_numbers(values: Array) -> Array:
    """Take numbers as floats; what is text is unknown."""
    return values.astype(float) if values.dtype.kind in "iuf" else np.full(len(values), np.nan)
