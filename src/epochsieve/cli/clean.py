"""Light curves with what the findings say of every point."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epochsieve.cli.options import Verbose, read_local
from epochsieve.cli.speaking import speak
from epochsieve.places.place import find_place

if TYPE_CHECKING:
    from epochsieve.cleaning.effect import Effect
    from epochsieve.jobs.cleaning import CleanReport

MOST_OBJECTS = 20
"""How many light curves are named, those first that change most."""


def clean(  # noqa: PLR0913, PLR0917 - one parameter per option
    findings: Annotated[
        Any,
        typer.Option(
            metavar="RESULTS", help="Folder with findings, or its address.", parser=find_place, show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="TABLE",
            parser=read_local,
            help="File to write; a folder where there are several.",
            show_default=False,
        ),
    ],
    light_curves: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="LIGHTCURVES",
            help="Tables, a folder of them or a glob pattern; left out, the findings' own quick-look photometry.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option("--format", help="csv, ecsv, fits, vot or parquet; else as TABLE is named, or as it was.")
    ] = "",
    on: Annotated[str, typer.Option(help="How rows find their epochs: file, epoch (its number) or time.")] = "",
    key: Annotated[str, typer.Option(metavar="COLUMN", help="Column with that; else by the usual names.")] = "",
    object_column: Annotated[str, typer.Option("--object", metavar="COLUMN", help="Column with the object.")] = "",
    flux: Annotated[str, typer.Option(metavar="COLUMN", help="Flux or magnitude, for the scatter.")] = "",
    error: Annotated[str, typer.Option(metavar="COLUMN", help="Its one-sigma error.")] = "",
    nested: Annotated[str, typer.Option(metavar="COLUMN", help="Parquet: column that holds light curves.")] = "",
    tolerance: Annotated[float, typer.Option(help="Seconds by which times of one epoch may differ.", min=0)] = 1.0,
    time_zero: Annotated[
        float | None, typer.Option(metavar="MJD", help="What times count from, where the table does not say.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Leave rows of flagged epochs out.")] = False,
    allow_unmatched: Annotated[
        bool, typer.Option("--allow-unmatched", help="Keep rows without a finding, flags and score empty.")
    ] = False,
    plots: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", parser=read_local, help="Draw every light curve, before and after, into this folder."
        ),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Give light curves the flags and the score of every point's epoch; nothing is dropped unless you say so."""
    with speak(verbose):
        from epochsieve.cleaning.choosing import Wishes
        from epochsieve.jobs.cleaning import CleanRequest, clean_light_curves

        wishes = Wishes(on, object_column, key, flux, error, time_zero)
        request = CleanRequest(
            light_curves or (), findings, out, kind, wishes, nested, tolerance, drop, allow_unmatched, plots
        )
        report = clean_light_curves(request)
        typer.echo(sum_up_cleaning(report))


def sum_up_cleaning(report: "CleanReport") -> str:
    """Sum up in a few lines what was done, and in a table what it does to the light curves that change most."""
    matched = f"{report.matched} of {report.rows} rows, joined on {report.on}"
    fate = f", {report.dropped} dropped" if report.dropped else ", none dropped"
    where = f"{report.written[0]}" + (f" and {len(report.written) - 1} more" if len(report.written) > 1 else "")
    lines = {
        "matched": matched,
        "unmatched": f"{report.rows - report.matched} rows; {report.idle} of {report.epochs} findings",
        "flagged": f"{report.flagged} rows{fate}",
        "written to": where,
    }
    head = "\n".join(f"{name:<12}{text}" for name, text in lines.items())
    return f"{head}\n\n{lay_out_effect(report.effect)}"


def lay_out_effect(effect: "Effect") -> str:
    """Lay out scatter and excess variance before and after, of the light curves that change most."""
    import numpy as np

    from epochsieve.cli.terminal import lay_out_table

    if not effect.brightness:
        return "no column of fluxes or magnitudes was found (--flux names one), so no scatter was measured"
    ratio = effect.ratio
    order = np.argsort(np.where(np.isfinite(ratio), ratio, np.inf), kind="stable")
    shown = order[:MOST_OBJECTS]
    header = ("light curve", "points", "flagged", "scatter", "after", "excess variance", "after")
    before, after = effect.before, effect.after
    rows = [
        (
            effect.names[i],
            int(before.points[i]),
            int(before.points[i] - after.points[i]),
            *(
                f"{float(value):.4g}"
                for value in (before.scatter[i], after.scatter[i], before.excess[i], after.excess[i])
            ),
        )
        for i in shown
    ]
    known = ratio[np.isfinite(ratio)]
    typical = f"scatter of {effect.brightness} after over before: median {np.median(known):.3g}" if known.size else ""
    more = [f"and {len(order) - len(shown)} more light curves"] if len(order) > len(shown) else []
    return "\n".join([lay_out_table(header, rows), *more, *([typical] if typical else [])])
