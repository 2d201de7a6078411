"""Images of findings, read and explained once more: as they were read and judged the first time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from epochsieve.methods import open_method
from epochsieve.reading.sources import find_source
from epochsieve.vocabulary.contracts import Explanation, Method
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.vocabulary.settings import ReadSettings


def read_again(findings: Findings, name: str) -> CutoutSeries:
    """Read an object's images from where they were when it was judged.

    Parameters
    ----------
    findings : Findings
        With the object's origin.
    name : str
        The object's name.

    Returns
    -------
    CutoutSeries
        Under the same name.

    Raises
    ------
    SettingError
        Where it is not known where the images were.
    NoSeriesError
        Where they are no longer there.
    """
    if name not in findings.origins:
        raise SettingError(f"{name} was never in a folder: give its series instead of its name")
    settings = ReadSettings(**findings.settings.get("reading", {}))
    return replace(find_source(findings.origins[name], settings, name).read(), name=name)


def reopen_method(settings: Mapping[str, Any]) -> Method:
    """Open the method that made findings, to have it explain what it compared.

    Parameters
    ----------
    settings : mapping
        What the findings say that they depend on.

    Returns
    -------
    Method
        With the shipped network and calibration: they have no part in what was expected of an epoch.

    Raises
    ------
    SettingError
        Where the findings do not say which method made them.
    """
    if "method" not in settings:
        raise SettingError("these findings do not say which method made them")
    return open_method(settings["method"], **settings.get("settings", {}))


def make_explainer(settings: Mapping[str, Any]) -> Callable[[CutoutSeries], Explanation]:
    """Make what says what was expected of a series: the method that made findings, opened when it is first needed.

    Parameters
    ----------
    settings : mapping
        What the findings say that they depend on.

    Returns
    -------
    callable
        From a series to its explanation; SettingError where the findings do not say which method made them.
    """

    @lru_cache(maxsize=1)
    def open_once() -> Method:
        """Open the method, for all series that are to come."""
        return reopen_method(settings)

    return lambda series: open_once().explain(series)
