"""Cutouts of a catalogue's objects, out of whole frames."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epochsieve.cli.options import (
    Align,
    CutSize,
    DecColumn,
    Hdu,
    IdColumn,
    MaskHdu,
    Quiet,
    RaColumn,
    TimeKey,
    Verbose,
    WeightHdu,
    read_local,
)
from epochsieve.cli.speaking import ExitStatus, speak

if TYPE_CHECKING:
    from epochsieve.reading.frames.survey import CutSurvey

MOST_NAMES = 10
"""How many objects that lie on no frame are named."""


def cut(  # noqa: PLR0913, PLR0917 - one parameter per option
    frames: Annotated[
        list[str],
        typer.Argument(
            metavar="FRAMES", help="Calibrated FITS frames with a WCS: folders, files or patterns.", show_default=False
        ),
    ],
    catalogue: Annotated[
        Path, typer.Option(metavar="TABLE", help="Objects: CSV, ECSV, FITS, VOTable or Parquet.", show_default=False)
    ],
    size: CutSize,
    out: Annotated[
        Path,
        typer.Option(metavar="ROOT", parser=read_local, help="Folder for the objects' folders.", show_default=False),
    ],
    align: Align = False,
    hdu: Hdu = "",
    mask_hdu: MaskHdu = "",
    weight_hdu: WeightHdu = "",
    time_key: TimeKey = "",
    id_column: IdColumn = "",
    ra_column: RaColumn = "",
    dec_column: DecColumn = "",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Cut the objects of a catalogue out of frames: a folder for each, with an image per frame and a stack.

    Exit status: 0 where every frame was read, 3 where some were not, 2 for unusable input, 1 for a failed run.
    """
    with speak(verbose):
        from epochsieve.cli.terminal import ProgressBar
        from epochsieve.jobs.catalogues import CatalogueColumns
        from epochsieve.jobs.cutting import CutRequest, cut_to_scratch, make_root, write_cutouts
        from epochsieve.vocabulary.settings import CutSettings, ReadSettings

        reading = ReadSettings("auto", hdu, time_key, mask_hdu, weight_hdu)
        columns = CatalogueColumns(id_column, ra_column, dec_column)
        request = CutRequest(frames, catalogue, CutSettings(size, align, reading), columns)
        make_root(out)
        with (
            ProgressBar(quiet, "cutting") as bar,
            cut_to_scratch(request, bar.start, bar.advance) as survey,
            ProgressBar(quiet, "writing") as progress,
        ):
            progress.start(len(survey.sources))
            for source in survey.sources:
                progress.advance(write_cutouts(source, out))
        typer.echo(sum_up_cut(survey))
        typer.echo(f"written     {out}")
        if survey.wrong:
            raise typer.Exit(ExitStatus.SOME_NOT_JUDGED)


def sum_up_cut(survey: "CutSurvey") -> str:
    """Sum up what was cut.

    Parameters
    ----------
    survey : CutSurvey
        What came of it.

    Returns
    -------
    str
        A line each for frames, objects, cutouts, and what was complained of.
    """
    named = ", ".join(survey.off[:MOST_NAMES]) + (", ..." if len(survey.off) > MOST_NAMES else "")
    lines = [
        f"frames      {survey.frames}" + (f" ({len(survey.wrong)} not read, or not whole)" if survey.wrong else ""),
        f"objects     {len(survey.sources)}",
        f"off         {len(survey.off)}" + (f" on no frame: {named}" if survey.off else ""),
        f"cutouts     {survey.cutouts}",
    ]
    complaints = ", ".join(f"{name} {count} times" for name, count in survey.complaints.most_common())
    return "\n".join(lines + ([f"warnings    {complaints}"] if complaints else []))
