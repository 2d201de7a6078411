"""What verdicts teach."""

from pathlib import Path
from typing import Annotated

import typer

from epochsieve.cli.options import Verbose, read_local
from epochsieve.cli.speaking import speak


def learn(
    results: Annotated[
        Path,
        typer.Argument(
            metavar="RESULTS", parser=read_local, help="Folder with findings and verdicts.", show_default=False
        ),
    ],
    verbose: Verbose = False,
) -> None:
    """Learn from verdicts: a threshold, a calibration, and which epochs to look at first."""
    with speak(verbose):
        from epochsieve.jobs.learning import learn as learn_from
        from epochsieve.jobs.learning import sum_up_learnt
        from epochsieve.writing.catalogue import read_catalogue

        typer.echo(sum_up_learnt(learn_from(results, read_catalogue(results)), results))
