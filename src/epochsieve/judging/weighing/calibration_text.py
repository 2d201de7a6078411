"""Calibrations as text: read and checked, and the one that is shipped."""

import json
from dataclasses import fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from epochsieve.judging.weighing.calibration import (
    EVIDENCE_KNOTS,
    ODDS_KNOTS,
    RANKS,
    RATIO_KNOTS,
    RATIO_OF,
    Calibration,
)
from epochsieve.judging.weighing.testimony import NAMES
from epochsieve.vocabulary.errors import InputError

_ADVICE = "make it anew with epochsieve calibrate"


@lru_cache(maxsize=1)
def load_default() -> Calibration:
    """Load the calibration that is shipped."""
    return read_calibration(
        files("epochsieve.judging.weighing").joinpath("calibrations/default.json").read_text("utf-8")
    )


def read_calibration(text: str) -> Calibration:
    """Read a calibration from JSON.

    Parameters
    ----------
    text : str
        What `Calibration.to_json` wrote.

    Returns
    -------
    Calibration
        The same.

    Raises
    ------
    InputError
        Where the text is something else, or was written for other detectors than this version has.
    """
    content = _parse(text)
    calibration = Calibration(**{name: _freeze(value) for name, value in content.items()})
    if calibration.detectors != NAMES:
        raise InputError(f"a calibration for other detectors than this version has; {_ADVICE}")
    for name, shape in _list_shapes(calibration).items():
        _check_numbers(name, getattr(calibration, name), shape)
    if calibration.spread <= 0 or min(calibration.scatter) <= 0:
        raise InputError("no calibration: spread and scatter must be above zero")
    for name in ("chances", "tail_chances"):
        _check_chances(name, getattr(calibration, name))
    _check_rising("tail", calibration.tail)
    for table in calibration.quantiles:
        _check_rising("quantiles", table)
    return calibration


def _parse(text: str) -> dict[str, Any]:
    """Parse JSON with all fields of a calibration, and no others."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise InputError(f"no calibration: {error}") from None
    if not isinstance(content, dict):
        raise InputError("no calibration: not a JSON object")
    known = {field.name for field in fields(Calibration)}
    wrong = [f"lacks {name}" for name in sorted(known - content.keys())]
    wrong += [f"has an unknown {name}" for name in sorted(content.keys() - known)]
    if wrong:
        raise InputError(f"no calibration of this version: it {', '.join(wrong)}; {_ADVICE}")
    for name in ("name", "embedder", "eye"):
        if not isinstance(content[name], str):
            raise InputError(f"no calibration: its {name} is no text")
    return content


def _list_shapes(calibration: Calibration) -> dict[str, tuple[int, ...]]:
    """List which numbers a calibration has, and how many of each."""
    detectors, chances, tail = (
        _count(part) for part in (calibration.detectors, calibration.chances, calibration.tail_chances)
    )
    return {
        "scatter": (detectors,),
        "chances": (chances,),
        "quantiles": (detectors, chances),
        "weights": (detectors, len(EVIDENCE_KNOTS)),
        "ratio_weights": (len(RATIO_OF), len(RATIO_KNOTS)),
        "odds_weights": (len(ODDS_KNOTS),),
        "rank_weights": (RANKS, len(EVIDENCE_KNOTS)),
        "median": (),
        "spread": (),
        "tail_chances": (tail,),
        "tail": (tail,),
    }


def _count(part: Any) -> int:
    """Count the items of a list; two at least make a table."""
    return max(len(part), 2) if isinstance(part, tuple) else 2


def _check_numbers(name: str, value: Any, shape: tuple[int, ...]) -> None:
    """Make sure that a field is numbers, as many as there should be."""
    try:
        numbers = np.array(value)
    except ValueError:
        numbers = np.array(None)
    if numbers.dtype.kind not in "if" or numbers.shape != shape or not np.isfinite(numbers).all():
        wanted = f"{' x '.join(map(str, shape))} finite numbers" if shape else "a finite number"
        raise InputError(f"no calibration: {name} must be {wanted}")


def _check_chances(name: str, chances: tuple[float, ...]) -> None:
    """Make sure that probabilities are some, and fall."""
    if not 0 < chances[-1] <= chances[0] < 1 or np.any(np.diff(chances) >= 0):
        raise InputError(f"no calibration: {name} must be probabilities that fall")


def _check_rising(name: str, table: tuple[float, ...]) -> None:
    """Make sure that a table's values do not fall."""
    if np.any(np.diff(table) < 0):
        raise InputError(f"no calibration: {name} must not fall")


def _freeze(value: Any) -> Any:
    """Turn lists into tuples, all the way down."""
    return tuple(_freeze(item) for item in value) if isinstance(value, list) else value
