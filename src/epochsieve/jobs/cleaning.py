"""Light curves cleaned: tables read, joined with findings, and written with what the findings say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.cleaning.choosing import Wishes, choose_columns
from epochsieve.cleaning.effect import Effect, measure_effect
from epochsieve.cleaning.joining import LightCurves, join_findings, make_columns
from epochsieve.cleaning.matching import NOBODY
from epochsieve.places.place import Place, find_local
from epochsieve.tables.ecsv_tables import EcsvTable
from epochsieve.tables.files import convert_table, read_table
from epochsieve.tables.formats import Format, change_suffix, choose_format, name_format
from epochsieve.vocabulary.errors import InputError, SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.atomic import write_output
from epochsieve.writing.store import read_findings

_QUICK_LOOK = ("object", "file", "epoch", "mjd", "flux", "flux_error")


@dataclass(frozen=True)
class CleanRequest:
    """What is to be cleaned, and how.

    Attributes
    ----------
    light_curves : sequence of str
        Tables, folders of them, or glob patterns; none for the findings' own quick-look photometry.
    results : Path or RemotePath
        The results folder.
    out : Path
        File for one table, folder for several.
    kind : str
        Format to write; empty for that of the name of `out`, or of each table.
    wishes : Wishes
        Columns that the user named.
    nested : str
        Parquet: the column that holds light curves.
    tolerance_seconds : float
        How far apart two times of one epoch may be.
    drop : bool
        Whether rows of flagged epochs are left out.
    allow_unmatched : bool
        Whether rows may have no finding.
    plots : Path or None
        Folder for a picture of each light curve.
    """

    light_curves: Sequence[str]
    results: Place
    out: Path
    kind: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    nested: str = ""
    tolerance_seconds: float = 1.0
    drop: bool = False
    allow_unmatched: bool = False
    plots: Path | None = None


@dataclass(frozen=True, eq=False)
class CleanReport:
    """What was done.

    Attributes
    ----------
    written : tuple of Path
        The tables.
    on : str
        How rows were joined.
    rows, matched, flagged, dropped : int
        Rows of the light curves: all, with a finding, of flagged epochs, and left out.
    idle : int
        Findings that no row is of.
    epochs : int
        All findings.
    effect : Effect
        What cleaning does to the scatter.
    """

    written: tuple[Path, ...]
    on: str
    rows: int
    matched: int
    flagged: int
    dropped: int
    idle: int
    epochs: int
    effect: Effect


def clean_light_curves(request: CleanRequest) -> CleanReport:
    """Join light curves with findings, and write them with what the findings say.

    Parameters
    ----------
    request : CleanRequest
        What to do.

    Returns
    -------
    CleanReport
        What was done.

    Raises
    ------
    InputError
        Where a table can't be read or joined, or rows have no finding, which was not allowed; nothing is written.
    """
    findings = read_findings(request.results)
    curves, targets = _read_all(request, findings)
    matches = join_findings(curves, findings, request.tolerance_seconds)
    if not request.allow_unmatched and (matches == NOBODY).any():
        raise InputError(_complain(curves, matches))
    bad = np.where(matches == NOBODY, False, findings["flagged"][np.maximum(matches, 0)])
    parts = np.split(np.arange(len(matches)), np.cumsum([len(curve.table) for curve in curves])[:-1])
    effect = measure_effect(curves, findings, matches, bad)
    for curve, target, rows in zip(curves, targets, parts, strict=True):
        columns = make_columns(findings, matches[rows])
        _write(curve, target, columns, ~bad[rows] if request.drop else None)
    if request.plots:
        _draw(effect, findings, matches, request.plots)
    return CleanReport(
        written=tuple(path for path, _ in targets),
        on=curves[0].choice.on,
        rows=len(matches),
        matched=int((matches != NOBODY).sum()),
        flagged=int(bad.sum()),
        dropped=int(bad.sum()) if request.drop else 0,
        idle=len(findings) - len(np.unique(matches[matches != NOBODY])),
        epochs=len(findings),
        effect=effect,
    )


Target = tuple[Path, Format]


def _read_all(request: CleanRequest, findings: Findings) -> tuple[list[LightCurves], list[Target]]:
    """Read the tables that are meant, and say where each is to go."""
    kind = choose_format(request.kind) if request.kind else None
    if not request.light_curves:
        return [_make_quick_look(findings)], [_aim(request.out, kind, Format.ECSV)]
    paths, single = _list_tables(request.light_curves)
    curves = [_open(path, request) for path in paths]
    if single:
        return curves, [_aim(request.out, kind, curves[0].table.format)]
    names = [change_suffix(path.name, kind or curve.table.format) for path, curve in zip(paths, curves, strict=True)]
    if len(set(names)) < len(names):
        raise InputError("several light curves of the same name: clean them one by one")
    kinds = [kind or curve.table.format for curve in curves]
    return curves, [(request.out / name, chosen) for name, chosen in zip(names, kinds, strict=True)]


def _aim(out: Path, kind: Format | None, default: Format) -> Target:
    """Choose what to write one table in: what was asked for, what its name says, or what it was."""
    if out.is_dir():
        raise SettingError(f"{out} is a folder: --out is a file where there is one table")
    return out, kind or name_format(out) or default


def _list_tables(roots: Sequence[str]) -> tuple[list[Path], bool]:
    """List the files that are meant, and whether it is just one that was named."""
    paths: list[Path] = []
    for root in roots:
        path = find_local(root, "light curves")
        if path.is_dir():
            paths += sorted(file for file in path.iterdir() if file.is_file() and name_format(file))
        elif has_magic(root) and not path.exists():
            paths += sorted(Path(match) for match in glob(root))  # noqa: PTH207 - may be absolute
        else:
            paths.append(path)
    if not paths:
        raise InputError(f"no tables in {', '.join(roots)}")
    return paths, len(paths) == 1 and not Path(roots[0]).is_dir()


def _open(path: Path, request: CleanRequest) -> LightCurves:
    """Read a table, and choose its columns."""
    table = read_table(path, request.nested)
    label = change_suffix(path.name, Format.CSV).removesuffix(".csv")
    return LightCurves(label, table, choose_columns(table, request.wishes, str(path)))


def _make_quick_look(findings: Findings) -> LightCurves:
    """Make light curves of the findings' own photometry."""
    from astropy.table import Table

    rows = Table(findings.to_table()[list(_QUICK_LOOK)])
    rows.meta.clear()
    table = EcsvTable(rows)
    return LightCurves("quick look", table, choose_columns(table, Wishes(on="file"), "the findings"))


def _write(curve: LightCurves, target: Target, columns: Sequence[Any], kept: NDArray[np.bool_] | None) -> None:
    """Write a table with its new columns, less the rows that are not kept."""
    path, kind = target
    chosen = curve.table if kept is None else curve.table.select(kept)
    added = columns if kept is None else [column.select(kept) for column in columns]
    table = convert_table(chosen, kind).add(added)
    write_output(path, table.write)


def _draw(effect: Effect, findings: Findings, matches: NDArray[np.intp], folder: Path) -> None:
    """Draw every light curve that is one."""
    from epochsieve.showing.light_curves import Points
    from epochsieve.showing.plots import write_light_curve

    dated = bool(np.isfinite(findings["mjd"][matches[matches != NOBODY]]).all())
    times = (findings["mjd"] if dated else findings["epoch"].astype(float))[np.maximum(matches, 0)]
    for name, rows in effect.split():
        if np.isfinite(effect.values[rows]).any():
            columns = (times[rows], effect.values[rows], effect.errors[rows], effect.bad[rows])
            title = "modified Julian date" if dated else "epoch"
            write_light_curve(Points(name, *columns, title, effect.brightness, effect.magnitudes), folder)


def _complain(curves: Sequence[LightCurves], matches: NDArray[np.intp]) -> str:
    """Say which rows have no finding."""
    lost = np.flatnonzero(matches == NOBODY)
    starts = np.cumsum([0, *(len(curve.table) for curve in curves)])
    which = int(np.searchsorted(starts, lost[0], side="right")) - 1
    curve, row = curves[which], int(lost[0] - starts[which])
    key = curve.table.get(curve.choice.key)[row]
    first = f"the first: row {row + 1} of {curve.label}, {curve.choice.key} {key}"
    if curve.choice.object:
        first += f", {curve.choice.object} {curve.table.get(curve.choice.object)[row]}"
    told = f"{len(lost)} of {len(matches)} rows have no finding, joined on {curve.choice.on}"
    return f"{told} ({first}); --allow-unmatched keeps them"
