"""The calibration that is a user's own."""

from typing import Annotated, Any

import typer

from epochsieve.cli.options import ResultsFolder, Verbose
from epochsieve.cli.speaking import speak
from epochsieve.places.place import find_place


def calibrate(
    results: ResultsFolder,
    out: Annotated[
        Any,
        typer.Option(metavar="FILE", parser=find_place, help="Where to write.  [default: RESULTS/calibration.json]"),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Refit the scores' calibration to your own findings; no epoch needs a label."""
    with speak(verbose):
        from epochsieve.jobs.calibrating import CALIBRATION_FILE, sum_up_refit
        from epochsieve.jobs.calibrating import calibrate as refit

        target = out or results / CALIBRATION_FILE
        typer.echo(sum_up_refit(refit(results, target), target))
