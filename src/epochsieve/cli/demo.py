"""A look at what it does, on simulated series."""

from pathlib import Path
from typing import Annotated

import typer

from epochsieve.cli.options import Quiet, Seed, Verbose
from epochsieve.cli.speaking import follow, speak


def demo(
    out: Annotated[Path, typer.Option(help="Folder for images and results.")] = Path("epochsieve-demo"),
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Simulate a small survey, judge it, compare with the truth, and write a report."""
    with speak(verbose):
        from epochsieve.cli.terminal import ProgressBar, lay_out_table, sum_up_run
        from epochsieve.jobs.demo import (
            OBJECTS,
            hold_against_truth,
            make_demo_folder,
            simulate_demo,
            tabulate_outcomes,
        )
        from epochsieve.jobs.reporting import REPORT_FILE, write_report
        from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
        from epochsieve.methods import open_method

        judge = open_method("sieve")
        folder = make_demo_folder(out)
        follow(simulate_demo(folder, seed), OBJECTS, quiet)
        request = SieveRequest([str(folder.images)], folder.results, judge, plots=True)
        with ProgressBar(quiet) as progress:
            record = sieve_to_disk(request, progress)
        report = folder.results / REPORT_FILE
        with ProgressBar(quiet, "reporting") as progress:
            write_report(folder.results, report, OBJECTS, progress)
        rows = tabulate_outcomes(hold_against_truth(folder))
        typer.echo(lay_out_table(("what was done to the epoch", "epochs", "flagged", "share"), rows) + "\n")
        typer.echo(sum_up_run(record, folder.results))
        typer.echo(f"{'report':<12}{report}")
        typer.echo(f"{'truth':<12}{folder.images / 'truth.csv'}")
