"""A report to read, and to send."""

from typing import Annotated, Any

import typer

from epochsieve.cli.options import Quiet, ResultsFolder, Verbose
from epochsieve.cli.speaking import speak
from epochsieve.places.place import find_place


def report(
    results: ResultsFolder,
    out: Annotated[
        Any, typer.Option(metavar="FILE", parser=find_place, help="Where to write.  [default: RESULTS/report.html]")
    ] = None,
    objects: Annotated[int, typer.Option(help="How many objects to show, those with the worst epochs.", min=0)] = 25,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write one HTML file that needs nothing else: the survey in numbers, the worst epochs, objects in pictures."""
    with speak(verbose):
        from epochsieve.cli.terminal import ProgressBar
        from epochsieve.jobs.reporting import REPORT_FILE, write_report

        target = out or results / REPORT_FILE
        with ProgressBar(quiet, "reporting") as progress:
            write_report(results, target, objects, progress)
        typer.echo(f"{target}  {target.stat().st_size / 1e6:.1f} MB")
