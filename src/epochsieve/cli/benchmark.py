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
        str,
        typer.Option(
            help="Harder conditions besides: epochs24, epochs10, bad30, nostack, recurring, with commas, or all."
        ),
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


@benchmark.command()
def device(  # noqa: PLR0913, PLR0917 - one parameter per option
    device: Annotated[str, typer.Option(help="cuda for a graphics card; cpu to try it out. Needs PyTorch.")] = "cuda",
    survey: Annotated[str, typer.Option(help="Simulated survey to judge.")] = "vst",
    objects: Annotated[int, typer.Option(help="How many objects of it.", min=1)] = 100,
    few: Annotated[int, typer.Option(help="How many of them for the notebook's steps.", min=1)] = 5,
    rate: Annotated[
        float, typer.Option(metavar="TOP/S", help="The card's rate in single precision; 0 to measure it.", min=0)
    ] = 0,
    half_rate: Annotated[
        float, typer.Option(metavar="TOP/S", help="Its rate in half precision; 0 to measure it.", min=0)
    ] = 0,
    bandwidth: Annotated[
        float, typer.Option(metavar="GB/S", help="Its memory's bandwidth; 0 to measure it.", min=0)
    ] = 0,
    seconds: Annotated[float, typer.Option(help="How long to measure each network, at least.", min=0)] = 2,
    seed: Annotated[int, typer.Option(help="Seed of the survey.", min=0)] = 1000,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON file for everything that is measured.")] = None,
    verbose: Verbose = False,
) -> None:
    """Measure a graphics card: networks alone, both methods with data in memory, and the notebook's steps."""
    with speak(verbose):
        from epochsieve.cli.terminal import lay_out_table
        from epochsieve.jobs.device_speed import DeviceRequest, measure_device
        from epochsieve.jobs.speed_report import write_report
        from epochsieve.simulating.quality_report import make_folder

        if out is not None:
            make_folder(out.parent)
        rates = rate * 1e12, half_rate * 1e12, bandwidth * 1e9
        report = measure_device(DeviceRequest(device, survey, objects, few, *rates, seconds, seed))
        head = ("images/s", "", "in memory", "on the device", "operations allow", "memory allows", "share of that")
        typer.echo(report.describe_device())
        typer.echo("\n" + lay_out_table(head, report.list_rates()))
        typer.echo("\n" + lay_out_table(("compared", "ratio"), [(n, f"{r:.1f}") for n, r in report.compare().items()]))
        for remark in report.remarks:
            typer.echo(remark)
        if out is not None:
            write_report(report, out)
            typer.echo(f"written to {out}")


@benchmark.command()
def speed(  # noqa: PLR0913, PLR0917 - one parameter per option
    survey: Annotated[str, typer.Option(help="Simulated survey to judge.")] = "vst",
    objects: Annotated[int, typer.Option(help="How many objects of it.", min=1)] = 100,
    more: Annotated[
        int, typer.Option(help="How many more, in another run, for the cost and memory of one more; 0 for none.", min=0)
    ] = 0,
    few: Annotated[
        int, typer.Option(help="Objects for --method paper; the published algorithm gets a fifth of them.", min=1)
    ] = 20,
    workers: Annotated[int, typer.Option(help="Worker processes, beside a single one.", min=1)] = 2,
    repeats: Annotated[int, typer.Option(help="How often to run each command; the fastest counts.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the survey.", min=0)] = 1000,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="JSON file for everything that is measured.")] = None,
    verbose: Verbose = False,
) -> None:
    """Measure the whole command, its stages, and the published algorithm, in images a second."""
    with speak(verbose):
        from epochsieve.cli.terminal import lay_out_table
        from epochsieve.jobs.speed import SpeedRequest, measure_speed
        from epochsieve.jobs.speed_report import write_report
        from epochsieve.simulating.quality_report import make_folder

        if out is not None:
            make_folder(out.parent)
        report = measure_speed(SpeedRequest(survey, objects, more, few, workers, repeats, seed))
        head = ("measured", "workers", "objects", "images/s", "ms an image", "core ms", "MB at most")
        typer.echo(lay_out_table(head, report.list_rates()))
        ratios = [(name, f"{value:.2f}") for name, value in report.compare().items()]
        typer.echo("\n" + lay_out_table(("compared", "ratio"), ratios))
        typer.echo("\n" + lay_out_table(("start", "s"), [(n, f"{s:.2f}") for n, s in report.starts.items()]))
        if report.flags_alike is not None:
            typer.echo(
                f"\n--method paper flags as the published algorithm does: {report.flags_alike:.1%} of the epochs"
            )
        for remark in report.remarks:
            typer.echo(remark)
        if out is not None:
            write_report(report, out)
            typer.echo(f"written to {out}")
