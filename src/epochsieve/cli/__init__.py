"""The command line: parse, call, print. A file for each command; what it calls is in `jobs`."""

from typing import Annotated

import typer

from epochsieve import __version__
from epochsieve.cli.benchmark import benchmark
from epochsieve.cli.calibrate import calibrate
from epochsieve.cli.clean import clean
from epochsieve.cli.cut import cut
from epochsieve.cli.demo import demo
from epochsieve.cli.embedders import embedders
from epochsieve.cli.export import export
from epochsieve.cli.learn import learn
from epochsieve.cli.pack import pack
from epochsieve.cli.report import report
from epochsieve.cli.review import review
from epochsieve.cli.sieve import sieve
from epochsieve.cli.simulate import simulate
from epochsieve.running.memory import keep_memory
from epochsieve.running.threads import use_one_thread

app = typer.Typer(
    name="epochsieve",
    help="Find the problematic epochs of astronomical image time series.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for command in (sieve, cut, pack, report, review, learn, clean, export, calibrate, demo, simulate):
    app.command()(command)
app.add_typer(benchmark, name="benchmark")
app.add_typer(embedders, name="embedders")


def main() -> None:
    """Run the command line."""
    use_one_thread()
    keep_memory()
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
