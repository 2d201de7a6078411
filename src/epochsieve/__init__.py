"""Finds the problematic epochs of astronomical image time series.

>>> import epochsieve as es
>>> series = es.read_series("0070")
>>> findings = es.sieve(series)
>>> findings.select(findings.flagged).to_table()
>>> es.show(findings)
>>> es.review(findings)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from epochsieve.api import as_series, read_findings, read_series, search_outliers, show, sieve
    from epochsieve.jobs.notebooks import review
    from epochsieve.vocabulary.findings import Findings
    from epochsieve.vocabulary.flags import Flag
    from epochsieve.vocabulary.series import CutoutSeries

__version__ = "0.1.0"

__all__ = [
    "CutoutSeries",
    "Findings",
    "Flag",
    "__version__",
    "as_series",
    "read_findings",
    "read_series",
    "review",
    "search_outliers",
    "show",
    "sieve",
]

_HOMES = {
    "CutoutSeries": "epochsieve.vocabulary.series",
    "Findings": "epochsieve.vocabulary.findings",
    "Flag": "epochsieve.vocabulary.flags",
    "review": "epochsieve.jobs.notebooks",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for, and nothing before: importing the package stays quick."""
    if name not in __all__:
        raise AttributeError(f"module 'epochsieve' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "epochsieve.api")), name)


def __dir__() -> list[str]:
    """List the public names, for completion."""
    return sorted(__all__)
