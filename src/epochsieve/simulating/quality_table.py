"""Results of a benchmark as text for a terminal."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isnan

from epochsieve.simulating.metrics import Decisions, Quality, Share, add_shares
from epochsieve.simulating.results import Row

_NONE = "-"
_NAMES = ("method", "survey", "condition")


def format_ranking(rows: Sequence[Row]) -> str:
    """Lay out how well the scores rank.

    Parameters
    ----------
    rows : sequence of Row
        The results.

    Returns
    -------
    str
        One line per row: average precision, area under the ROC curve, and, in per cent, recall (R) at false-alarm rates
        of 0.1, 1 and 5 %; at 1 % also what an oracle would recall, recall of defects stronger than 25 sigmas, the share
        of brightenings and fadings, and of novae, that are flagged, and recall of the defect that is found least.
    """
    heads = ["AP", "ROC", "R 0.1", "R 1", "R 5", "oracle", "strong", "varying", "nova", "weakest"]
    return _align([[*_NAMES, *heads], *([*_name(row), *_rank(row.quality)] for row in rows)])


def format_decisions(rows: Sequence[Row]) -> str:
    """Lay out what the methods' own thresholds give.

    Parameters
    ----------
    rows : sequence of Row
        The results; those of methods that decide nothing are left out.

    Returns
    -------
    str
        One line per row, in per cent: recall, recall of defects stronger than 25 sigmas, false alarms with their 95 %
        interval, flagged brightenings and fadings, and novae, and the flagged defects with a fitting reason; then the
        milliseconds that judging an epoch takes.
    """
    heads = ["recall", "strong", "alarms", "interval", "varying", "nova", "fitting", "ms"]
    deciding = [(row, row.quality.shipped) for row in rows]
    return _align([[*_NAMES, *heads], *([*_name(row), *_decide(row, own)] for row, own in deciding if own)])


def format_kinds(rows: Sequence[Row]) -> str:
    """Lay out recall at 1 % false alarms, defect by defect and method by method, pooled over the rows.

    Parameters
    ----------
    rows : sequence of Row
        The results.

    Returns
    -------
    str
        One line per defect, per cent.
    """
    methods = list(dict.fromkeys(row.method for row in rows))
    kinds = sorted({kind for row in rows for kind in row.quality.standard.by_kind})
    lines = [[kind, *(_percent(_pool(rows, method, kind)) for method in methods)] for kind in kinds]
    return _align([["defect", *methods], *lines])


def format_reasons(rows: Sequence[Row]) -> str:
    """Lay out which reasons a method gave for what, pooled over the rows.

    Parameters
    ----------
    rows : sequence of Row
        Of one method, which decides.

    Returns
    -------
    str
        One line per kind of epoch: the share of the flagged with a reason that fits, and all reasons with their counts.
    """
    given: dict[str, Counter[str]] = {}
    for kind, counts in (item for row in rows for item in row.reasons.items()):
        given.setdefault(kind, Counter()).update(counts)
    lines = [[kind, _percent(_pool_fitting(rows, kind)), _list_counts(given[kind])] for kind in sorted(given)]
    return _align([["kind", "fitting", "reasons"], *lines])


def _name(row: Row) -> list[str]:
    """Say what was measured."""
    return [row.method, row.survey, row.condition]


def _rank(quality: Quality) -> list[str]:
    """Write how well the scores rank."""
    standard = quality.standard
    kind, share = standard.weakest
    recalls = [_percent(decisions.recall) for decisions in quality.at_rate.values()]
    oracle = _NONE if isnan(quality.oracle) else f"{100 * quality.oracle:.1f}"
    figures = [_number(quality.average_precision), _number(quality.roc_area), *recalls, oracle]
    harmless = _write_harmless(standard.harmless)
    return [*figures, _percent(standard.strong_recall), *harmless, f"{_percent(share)} {kind}".strip()]


def _decide(row: Row, shipped: Decisions) -> list[str]:
    """Write what the shipped threshold gives, and the time."""
    low, high = (100 * end for end in shipped.false_alarms.interval)
    recalls = [_percent(share) for share in (shipped.recall, shipped.strong_recall)]
    alarms = [_percent(shipped.false_alarms, 2), f"{low:.1f}-{high:.1f}"]
    fitting = _percent(add_shares(row.fitting.values()))
    return [*recalls, *alarms, *_write_harmless(shipped.harmless), fitting, f"{row.milliseconds:.1f}"]


def _write_harmless(harmless: dict[str, Share]) -> list[str]:
    """Write how many brightenings and fadings, and how many novae, are flagged."""
    varying = add_shares(share for kind, share in harmless.items() if kind != "nova")
    return [_percent(varying), _percent(harmless.get("nova", Share(0, 0)))]


def _pool(rows: Iterable[Row], method: str, kind: str) -> Share:
    """Pool a method's recall of a defect over rows."""
    found = (row.quality.standard.by_kind for row in rows if row.method == method)
    return add_shares(by_kind[kind] for by_kind in found if kind in by_kind)


def _pool_fitting(rows: Iterable[Row], kind: str) -> Share:
    """Pool the shares of a defect's flagged epochs with a reason that fits."""
    return add_shares(row.fitting[kind] for row in rows if kind in row.fitting)


def _list_counts(counts: Counter[str]) -> str:
    """Write names with their counts, the largest first."""
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _percent(share: Share, decimals: int = 1) -> str:
    """Write a share in per cent."""
    return f"{100 * share.value:.{decimals}f}" if share.total else _NONE


def _number(value: float) -> str:
    """Write a figure between 0 and 1."""
    return _NONE if isnan(value) else f"{value:.3f}"


def _align(cells: Sequence[Sequence[str]]) -> str:
    """Put cells into columns, with a rule under the heading."""
    columns = [_pad(column) for column in zip(*cells, strict=True)]
    head, *lines = ("  ".join(line).rstrip() for line in zip(*columns, strict=True))
    return "\n".join([head, "-" * len(head), *lines])


def _pad(column: Sequence[str]) -> list[str]:
    """Pad a column's cells to one width, text to the left and figures to the right."""
    width = max(map(len, column))
    figures = all(cell == _NONE or cell[:1].isdigit() for cell in column[1:])
    return [cell.rjust(width) if figures else cell.ljust(width) for cell in column]
