"""How good and how fast methods are."""

from pathlib import Path
from typing import Annotated

import typer

from epochsieve.cli.options import Calibration, Device, Embedder, Quiet, Verbose, Workers
from epochsieve.cli.speaking import speak

benchmark = typer.Typer(help="Measure methods.", no_args_is_help=True, rich_markup_mode=None)


@benchmark.command()
def quality(  # noqa: PLR0913, PLR0917 - one parameter per option
    surveys: Annotated[
        str, typer.Option(help="Simulated surveys: names with commas, all, none, or report: those not tuned on.")
    ] = "report",
    objects: Annotated[
        int, typer.Option(help="Series per survey and condition, and of each --inject-into.", min=1)
    ] = 4,
    seed: Annotated[int, typer.Option(help="Seed of all randomness; below 1000 for tuning.", min=0)] = 1000,
    methods: Annotated[
        str, typer.Option(help="Methods and baselines: names with commas, or all; network is that detector alone.")
    ] = "all",
    stress: Annotated[
        str, typer.Option(help="Harder conditions besides: epochs24, epochs10, bad30, nostack, with commas, or all.")
    ] = "none",
    inject_into: Annotated[
        list[str] | None, typer.Option(metavar="ROOT", help="Real series to inject defects into.")
    ] = None,
    labelled: Annotated[list[str] | None, typer.Option(metavar="ROOT", help="Real series beside a labels.csv.")] = None,
    embedder: Embedder = "",
    device: Device = "cpu",
    calibration: Calibration = None,
    workers: Workers = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for quality.json and quality.png.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Measure methods on series with known truth."""
    with speak(verbose):
        from epochsieve.cli.terminal import ProgressBar
        from epochsieve.jobs.benchmarks import QualityRequest, choose_plan, open_judges, tell_tuning_from_reporting
        from epochsieve.running.choosing import choose_runner
        from epochsieve.simulating.benchmark import measure_quality
        from epochsieve.simulating.quality_report import lay_out_quality, make_folder, write_quality

        plan = choose_plan(surveys, stress, objects, seed)
        judges = open_judges(methods, embedder or None, calibration, device)
        request = QualityRequest(judges, plan, inject_into or (), labelled or (), objects, seed)
        specimens = request.list_specimens()
        folder = make_folder(out) if out else None
        with ProgressBar(quiet, "measuring") as progress:
            progress.start(len(specimens))
            rows = measure_quality(judges, specimens, choose_runner(workers), progress.advance)
        typer.echo(f"{lay_out_quality(rows)}\n\n{tell_tuning_from_reporting(request)}")
        for path in write_quality(rows, folder, request.describe()) if folder else ():
            typer.echo(f"written to {path}")
