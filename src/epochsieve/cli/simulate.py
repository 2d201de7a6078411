"""Series with known truth."""

from pathlib import Path
from typing import Annotated

import typer

from epochsieve.cli.options import Quiet, Seed, Verbose, read_local
from epochsieve.cli.speaking import follow, speak
from epochsieve.vocabulary.errors import ResultsError


def simulate(  # noqa: PLR0913, PLR0917 - one parameter per option
    out: Annotated[
        Path, typer.Option(metavar="OUT", parser=read_local, help="Folder for the objects.", show_default=False)
    ],
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
    with speak(verbose):
        from epochsieve.jobs.benchmarks import plan_folders
        from epochsieve.simulating.truth import TRUTH_FILE

        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ResultsError(f"{out} is there already; simulate into a new folder")
        folders, total = plan_folders(out, survey, inject_into, objects, seed)
        try:
            follow(folders, total, quiet)
        except OSError as error:
            raise ResultsError(f"can't write to {out}: {error.strerror or error}") from error
        typer.echo(f"{total} objects in {out}, the truth about them in {out / TRUTH_FILE}")
