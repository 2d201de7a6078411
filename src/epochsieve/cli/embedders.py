"""The networks that images can be shown to."""

from pathlib import Path
from typing import Annotated

import typer

from epochsieve.cli.options import Quiet, Verbose
from epochsieve.cli.speaking import speak

embedders = typer.Typer(help="List networks, or add one.", invoke_without_command=True, rich_markup_mode=None)


@embedders.callback()
def _list_without_a_command(context: typer.Context) -> None:
    """List networks, or add one."""
    if context.invoked_subcommand is None:
        show_list()


@embedders.command("list")
def show_list(verbose: Verbose = False) -> None:
    """List the networks that --embedder takes, and those that can be added."""
    with speak(verbose):
        from epochsieve.cli.terminal import lay_out_table
        from epochsieve.embedding.cache import find_cache
        from epochsieve.jobs.embedders import list_embedders

        rows = [(one.name, one.state, one.layers, one.size, one.licence) for one in list_embedders()]
        typer.echo(lay_out_table(("network", "", "layers", "size", "licence"), rows))
        typer.echo(f"\ncache  {find_cache()}")


@embedders.command()
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="efficientnet-b0 to -b7, or timm:NAME.", show_default=False)
    ],
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its weights; else the published ones are fetched.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Convert a network to ONNX, once, and put it into the cache; it then runs without PyTorch."""
    with speak(verbose):
        from epochsieve.embedding.cache import locate_added
        from epochsieve.jobs.embedders import add_embedder

        made = add_embedder(name, file, lambda line: None if quiet else typer.echo(line, err=True))
        typer.echo(f"{made.description}: added as --embedder {made.name}\n{locate_added(made.name)}")
