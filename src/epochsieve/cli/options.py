"""Options that several commands share, each worded once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from epochsieve.places.place import find_local, find_place
from epochsieve.vocabulary.errors import InputError


def read_local(text: str) -> Path:
    """Read a path of this machine, and refuse an address: what is written there would go astray."""
    try:
        return find_local(text, "what is written here")
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


# Typer knows no unions: what `find_place` reads is of the type Any.
Roots = Annotated[
    list[str],
    typer.Argument(
        metavar="ROOT",
        help="A folder with a folder per object, one object's folder, or files with series (cubes, archives, Parquet "
        "and others: see the tutorials); a glob pattern stands for several. "
        "Or its address in a store: s3://bucket/survey.",
        show_default=False,
    ),
]
Results = Annotated[
    Any,
    typer.Option(
        metavar="RESULTS", help="Folder for the results, or its address.", parser=find_place, show_default=False
    ),
]
ResultsFolder = Annotated[
    Any,
    typer.Argument(
        metavar="RESULTS", help="Folder with findings, or its address.", parser=find_place, show_default=False
    ),
]
MethodName = Annotated[str, typer.Option(help="sieve, or paper for the published method.")]
Stack = Annotated[
    str, typer.Option(help="Which image is the stack: auto, first (by name), median (none is) or a glob pattern.")
]
Hdu = Annotated[
    str, typer.Option(help="HDU with the image, by name or number (of a Parquet table: column); else the first.")
]
TimeKey = Annotated[str, typer.Option(help="Header key of the mid-exposure time; else the usual ones.")]
MaskHdu = Annotated[str, typer.Option(help="HDU with a mask, by name or number: pixels that are not 0 are missing.")]
WeightHdu = Annotated[str, typer.Option(help="HDU with weights, the pixels' inverse variances, by name or number.")]
Embedder = Annotated[
    str,
    typer.Option(metavar="NAME|FILE", help="A network that epochsieve embedders lists, NAME/LAYER, or an ONNX file."),
]
Device = Annotated[
    str, typer.Option(help="Where networks run: cpu, cuda for a graphics card, or auto for one where there is one.")
]
CutSize = Annotated[int, typer.Option(metavar="PIXELS", help="Side of the cutouts.", show_default=False)]
Align = Annotated[
    bool, typer.Option("--align", help="Put each object's cutouts on one grid, north up; needs the extra align.")
]
IdColumn = Annotated[str, typer.Option("--id", metavar="COLUMN", help="Catalogue's column of names; else found.")]
RaColumn = Annotated[str, typer.Option("--ra", metavar="COLUMN", help="Column of right ascensions; else found.")]
DecColumn = Annotated[str, typer.Option("--dec", metavar="COLUMN", help="Column of declinations; else found.")]
QualityBits = Annotated[
    str | None,
    typer.Option(metavar="BITS", help="Compare with the mission's flags: a bit mask such as 1130799, 32+128 or any."),
]
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
Size = Annotated[
    int | None, typer.Option(help="Side in pixels: of cutouts with --catalogue, else what the method paper crops to.")
]
CatalogueFile = Annotated[
    Path | None, typer.Option(metavar="TABLE", help="ROOT holds whole frames; judge these objects on them.")
]
Rescale = Annotated[bool | None, typer.Option("--rescale", help="paper: scale images by the stack's range.")]
Workers = Annotated[int, typer.Option(help="Worker processes; 0 for as many as cores.", min=0)]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS", help="Give an object up that takes longer, twice; needs worker processes of its own."
    ),
]
Cluster = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: its scheduler's address or file, or local.")
]
Share = Annotated[
    str, typer.Option("--shard", metavar="I/N", help="Judge one of N shares of the objects; all may share RESULTS.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the findings that RESULTS has.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the findings that RESULTS has.")]
Plots = Annotated[bool, typer.Option("--plots", help="Draw objects with flagged epochs, into RESULTS/plots.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log every step, and where errors happened.")]
Seed = Annotated[int, typer.Option(help="Seed of all randomness.", min=0)]
