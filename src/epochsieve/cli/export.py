"""Findings for other people's tools."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epochsieve.cli.options import ResultsFolder, Verbose, read_local
from epochsieve.cli.speaking import speak

if TYPE_CHECKING:
    from epochsieve.jobs.exporting import ExportReport


def export(
    results: ResultsFolder,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            parser=read_local,
            help="Its name says the format: .csv, .ecsv, .vot, .fits, .parquet or .reg (DS9).",
            show_default=False,
        ),
    ],
    masks: Annotated[
        Path | None,
        typer.Option(metavar="DIR", parser=read_local, help="Write a mask image of every flagged epoch, too."),
    ] = None,
    samp: Annotated[bool, typer.Option("--samp", help="Send table and images to TOPCAT, Aladin and DS9.")] = False,
    verbose: Verbose = False,
) -> None:
    """Write findings, with the verdicts of a review, as TOPCAT, DS9, Aladin and astropy read them."""
    with speak(verbose):
        from epochsieve.jobs.exporting import ExportRequest, export_findings

        typer.echo(sum_up_export(export_findings(ExportRequest(results, out, masks, samp)), out, masks))


def sum_up_export(report: "ExportReport", out: Path, masks: Path | None) -> str:
    """Sum up in a few lines what was written and sent."""
    no_mask = "; ".join(report.no_mask[:3]) + (f"; and {len(report.no_mask) - 3} more" if report.no_mask[3:] else "")
    lines = {
        "epochs": f"{report.rows}, {report.flagged} of them flagged",
        "verdicts": f"{report.verdicts}" if report.verdicts else "",
        "written to": f"{out}",
        "masks": f"{len(report.masks)} in {masks}" if masks else "",
        "no mask": no_mask,
        "sent": f"the table and {report.images_sent} images, to {report.listeners} programs"
        if report.images_sent or report.listeners
        else "",
    }
    return "\n".join(f"{name:<12}{text}" for name, text in lines.items() if text)
