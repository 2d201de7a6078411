"""The command line: parse, call, print."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer

from epochsieve import __version__
from epochsieve.running.threads import use_one_thread
from epochsieve.vocabulary.errors import InputError, ResultsError, SettingError

app = typer.Typer(
    name="epochsieve",
    help="Find the problematic epochs of astronomical image time series.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

benchmark = typer.Typer(help="Measure methods.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(benchmark, name="benchmark")

Roots = Annotated[
    list[str],
    typer.Argument(
        metavar="ROOT",
        help="A folder with a folder per object, or one object's folder; a glob pattern stands for several.",
        show_default=False,
    ),
]
Results = Annotated[Path, typer.Option(metavar="RESULTS", help="Folder for the results.", show_default=False)]
MethodName = Annotated[str, typer.Option(help="sieve, or paper for the published method.")]
Stack = Annotated[
    str, typer.Option(help="Which image is the stack: auto, first (by name), median (none is) or a glob pattern.")
]
Hdu = Annotated[str, typer.Option(help="HDU with the image, by name or number; else the first with one.")]
TimeKey = Annotated[str, typer.Option(help="Header key of the mid-exposure time; else the usual ones.")]
Embedder = Annotated[str, typer.Option(metavar="NAME|FILE", help="A shipped network, or an ONNX file.")]
FalseAlarm = Annotated[
    str | None,
    typer.Option(
        metavar="RATE", help="sieve: share of good epochs that may be flagged; or none, default (0.01) or hard (0.05)."
    ),
]
Calibration = Annotated[
    Path | None, typer.Option(metavar="FILE", help="sieve: what epochsieve calibrate wrote; else the shipped one.")
]
FlagSeeing = Annotated[bool | None, typer.Option("--flag-seeing", help="sieve: flag epochs for poor seeing alone.")]
Size = Annotated[int | None, typer.Option(help="paper: crop cutouts to this side in pixels.")]
Rescale = Annotated[bool | None, typer.Option("--rescale", help="paper: scale images by the stack's range.")]
Workers = Annotated[int, typer.Option(help="Objects at a time, each in a process; 0 for as many as cores.", min=0)]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the findings that RESULTS has.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the findings that RESULTS has.")]
Plots = Annotated[bool, typer.Option("--plots", help="Draw objects with flagged epochs, into RESULTS/plots.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log every step, and where errors happened.")]
Seed = Annotated[int, typer.Option(help="Seed of all randomness.", min=0)]


class ExitStatus(IntEnum):
    """What a command's exit status means."""

    ALL_JUDGED = 0
    FAILED = 1
    UNUSABLE_INPUT = 2
    SOME_NOT_JUDGED = 3
    INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    use_one_thread()
    app()


def _print_version(wanted: bool) -> None:
    """Print the version, and nothing else."""
    if wanted:
        typer.echo(f"epochsieve {__version__}")
        raise typer.Exit


@app.callback()
def _begin(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Find the problematic epochs of astronomical image time series."""


@app.command()
def sieve(  # noqa: PLR0913, PLR0917 - one parameter per option
    roots: Roots,
    out: Results,
    method: MethodName = "sieve",
    stack: Stack = "auto",
    hdu: Hdu = "",
    time_key: TimeKey = "",
    embedder: Embedder = "",
    false_alarm: FalseAlarm = None,
    calibration: Calibration = None,
    flag_seeing: FlagSeeing = None,
    size: Size = None,
    rescale: Rescale = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    plots: Plots = False,
    workers: Workers = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Judge every epoch of the objects below ROOT.

    Exit status: 0 where every epoch was judged, 3 where some were not, 2 for unusable input, 1 for a failed run.
    """
    with _speak(verbose):
        from epochsieve.methods import open_method
        from epochsieve.running.processes import choose_runner
        from epochsieve.runs import SieveRequest, sieve_to_disk
        from epochsieve.terminal import ProgressBar, sum_up_run
        from epochsieve.vocabulary.settings import ReadSettings
        from epochsieve.writing.store import Existing

        if resume and overwrite:
            raise SettingError("--resume and --overwrite exclude each other")
        existing = Existing.RESUME if resume else Existing.OVERWRITE if overwrite else Existing.REFUSE
        sieve_only = {"false_alarm": false_alarm, "calibration": calibration, "flag_seeing": flag_seeing}
        paper_only = {"size": size, "rescale": rescale}
        given = {name: value for name, value in (sieve_only | paper_only).items() if value is not None}
        judge = open_method(method, embedder or None, **given)
        reading = ReadSettings(stack, hdu, time_key)
        request = SieveRequest(roots, out, judge, reading, existing, plots, choose_runner(workers))
        with ProgressBar(quiet) as progress:
            record = sieve_to_disk(request, progress)
        typer.echo(sum_up_run(record, out))
        if record.tally.not_judged:
            raise typer.Exit(ExitStatus.SOME_NOT_JUDGED)


@app.command()
def calibrate(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="Folder with findings.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.  [default: RESULTS/calibration.json]")
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Refit the scores' calibration to your own findings; no epoch needs a label."""
    with _speak(verbose):
        from epochsieve.calibrating import CALIBRATION_FILE, sum_up_refit
        from epochsieve.calibrating import calibrate as refit

        target = out or results / CALIBRATION_FILE
        typer.echo(sum_up_refit(refit(results, target), target))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for images and results.")] = Path("epochsieve-demo"),
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Simulate a small survey, judge it, and compare with the truth."""
    with _speak(verbose):
        from epochsieve.demo import (
            OBJECTS,
            hold_against_truth,
            make_demo_folder,
            simulate_demo,
            tabulate_outcomes,
        )
        from epochsieve.methods import open_method
        from epochsieve.runs import SieveRequest, sieve_to_disk
        from epochsieve.terminal import ProgressBar, lay_out_table, sum_up_run

        judge = open_method("sieve")
        folder = make_demo_folder(out)
        _follow(simulate_demo(folder, seed), OBJECTS, quiet)
        request = SieveRequest([str(folder.images)], folder.results, judge, plots=True)
        with ProgressBar(quiet) as progress:
            record = sieve_to_disk(request, progress)
        rows = tabulate_outcomes(hold_against_truth(folder))
        typer.echo(lay_out_table(("what was done to the epoch", "epochs", "flagged", "share"), rows) + "\n")
        typer.echo(sum_up_run(record, folder.results))
        typer.echo(f"{'truth':<12}{folder.images / 'truth.csv'}")


@app.command()
def simulate(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Annotated[Path, typer.Option(metavar="OUT", help="Folder for the objects.", show_default=False)],
    survey: Annotated[str, typer.Option(metavar="NAME", help="Which survey.  [default: vst]")] = "",
    inject_into: Annotated[str, typer.Option(metavar="ROOT", help="Instead of a survey: spoil real series.")] = "",
    objects: Annotated[
        int | None, typer.Option(help="How many objects.  [default: 10; of ROOT, each once]", min=1)
    ] = None,
    seed: Seed = 1,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make series with defects: a folder of FITS cutouts per object, and the truth in truth.csv."""
    with _speak(verbose):
        from epochsieve.benchmarks import plan_folders
        from epochsieve.simulating.truth import TRUTH_FILE

        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ResultsError(f"{out} is there already; simulate into a new folder")
        folders, total = plan_folders(out, survey, inject_into, objects, seed)
        try:
            _follow(folders, total, quiet)
        except OSError as error:
            raise ResultsError(f"can't write to {out}: {error.strerror or error}") from error
        typer.echo(f"{total} objects in {out}, the truth about them in {out / TRUTH_FILE}")


@benchmark.command()
def quality(  # noqa: PLR0913, PLR0917 - one parameter per option
    surveys: Annotated[
        str, typer.Option(help="Simulated surveys: names with commas, all, none, or report: those not tuned on.")
    ] = "report",
    objects: Annotated[
        int, typer.Option(help="Series per survey and condition, and of each --inject-into.", min=1)
    ] = 4,
    seed: Annotated[int, typer.Option(help="Seed of all randomness; below 1000 for tuning.", min=0)] = 1000,
    methods: Annotated[str, typer.Option(help="Methods and baselines: names with commas, or all.")] = "all",
    stress: Annotated[
        str, typer.Option(help="Harder conditions besides: epochs24, epochs10, bad30, nostack, with commas, or all.")
    ] = "none",
    inject_into: Annotated[
        list[str] | None, typer.Option(metavar="ROOT", help="Real series to inject defects into.")
    ] = None,
    labelled: Annotated[list[str] | None, typer.Option(metavar="ROOT", help="Real series beside a labels.csv.")] = None,
    embedder: Embedder = "",
    workers: Workers = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for quality.json and quality.png.")] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Measure methods on series with known truth."""
    with _speak(verbose):
        from epochsieve.benchmarks import QualityRequest, choose_plan, open_judges, tell_tuning_from_reporting
        from epochsieve.running.processes import choose_runner
        from epochsieve.simulating.benchmark import measure_quality
        from epochsieve.simulating.quality_report import lay_out_quality, make_folder, write_quality
        from epochsieve.terminal import ProgressBar

        plan = choose_plan(surveys, stress, objects, seed)
        judges = open_judges(methods, embedder or None)
        request = QualityRequest(judges, plan, inject_into or (), labelled or (), objects, seed)
        specimens = request.list_specimens()
        folder = make_folder(out) if out else None
        with ProgressBar(quiet, "measuring") as progress:
            progress.start(len(specimens))
            rows = measure_quality(judges, specimens, choose_runner(workers), progress.advance)
        typer.echo(f"{lay_out_quality(rows)}\n\n{tell_tuning_from_reporting(request)}")
        for path in write_quality(rows, folder, request.describe()) if folder else ():
            typer.echo(f"written to {path}")


def _follow(folders: Iterable[Path], total: int, quiet: bool) -> None:
    """Show how far a simulation is."""
    from epochsieve.terminal import ProgressBar

    with ProgressBar(quiet, "simulating") as progress:
        progress.start(total)
        for folder in folders:
            progress.advance(sum(1 for _ in folder.iterdir()))


@contextmanager
def _speak(verbose: bool) -> Iterator[None]:
    """Let the log be seen, and turn errors into a line and an exit status."""
    from epochsieve.terminal import set_up_logging

    set_up_logging(logging.DEBUG if verbose else logging.WARNING)
    try:
        yield
    except typer.Exit:
        raise
    except InputError as error:
        raise _complain(str(error), ExitStatus.UNUSABLE_INPUT) from None
    except KeyboardInterrupt:
        raise _complain("interrupted", ExitStatus.INTERRUPTED) from None
    except Exception as error:
        logging.getLogger(__name__).debug("where it happened", exc_info=True)
        raise _complain(f"failed: {type(error).__name__}: {error}", ExitStatus.FAILED) from None


def _complain(text: str, status: ExitStatus) -> typer.Exit:
    """Print an error as one line, and make it an exit status."""
    print("epochsieve:", " ".join(text.split()), file=sys.stderr)  # noqa: T201 this is the command line
    return typer.Exit(status)
