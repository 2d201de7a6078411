"""The calibration that is a user's own."""

from pathlib import Path
from typing import Annotated

import typer

from epochsieve.cli.options import Verbose
from epochsieve.cli.speaking import speak


def calibrate(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="Folder with findings.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.  [default: RESULTS/calibration.json]")
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Refit the scores' calibration to your own findings; no epoch needs a label."""
    with speak(verbose):
        from epochsieve.jobs.calibrating import CALIBRATION_FILE, sum_up_refit
        from epochsieve.jobs.calibrating import calibrate as refit

        target = out or results / CALIBRATION_FILE
        typer.echo(sum_up_refit(refit(results, target), target))
