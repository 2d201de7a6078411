"""Frames and a catalogue to a folder of cutouts for every object."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from glob import glob, has_magic
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from epochsieve.jobs.catalogues import CatalogueColumns, read_catalogue
from epochsieve.places.place import find_local
from epochsieve.reading.folders import SUFFIXES
from epochsieve.reading.frames.cutting import import_reproject
from epochsieve.reading.frames.objects import STACK_NAME, CutoutsSource
from epochsieve.reading.frames.survey import CutSurvey, cut_frames
from epochsieve.vocabulary.errors import InputError, NoSeriesError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import CutSettings

WEIGHT_HDU = "WEIGHT"
"""Name of the HDU with the weights, in a cutout's file."""


@dataclass(frozen=True)
class CutRequest:
    """What is to be cut out of what.

    Attributes
    ----------
    frames : sequence of str
        Folders, files or glob patterns.
    catalogue : Path
        A table of objects.
    settings : CutSettings
        How.
    columns : CatalogueColumns
        The catalogue's columns that the user names.
    """

    frames: Sequence[str]
    catalogue: Path
    settings: CutSettings
    columns: CatalogueColumns = field(default_factory=CatalogueColumns)


@contextmanager
def cut_to_scratch(
    request: CutRequest, start: Callable[[int], object], report: Callable[[int], object]
) -> Iterator[CutSurvey]:
    """Cut all objects out of all frames, for as long as somebody reads them.

    Parameters
    ----------
    request : CutRequest
        What is to be cut.
    start : callable
        Told how many frames there are.
    report : callable
        Told after each frame how many cutouts it gave.

    Yields
    ------
    CutSurvey
        With a source for every object; the cutouts are gone when the context is left.

    Raises
    ------
    InputError
        Where there are no frames, or the catalogue can't be used.
    """
    if request.settings.align:
        import_reproject()
    frames = list_frames(request.frames)
    catalogue = read_catalogue(request.catalogue, request.columns)
    start(len(frames))
    with TemporaryDirectory(prefix="epochsieve-", ignore_cleanup_errors=True) as folder:
        yield cut_frames(frames, catalogue, request.settings, Path(folder), report)


def list_frames(roots: Sequence[str]) -> list[Path]:
    """List the frames' files.

    Parameters
    ----------
    roots : sequence of str
        Folders, whose FITS files are meant, files, or glob patterns for either.

    Returns
    -------
    list of Path
        Each once, by path.

    Raises
    ------
    NoSeriesError
        Where there are none.
    """
    found = [path for root in roots for match in _match(root) for path in _list_files(match)]
    if not found:
        raise NoSeriesError(f"{' '.join(roots)}: no FITS files ({' '.join(SUFFIXES)})")
    return sorted({path.resolve(): path for path in found}.values())


def make_root(root: Path) -> None:
    """Make the folder for the objects' folders.

    Parameters
    ----------
    root : Path
        Missing or empty: cutouts of two runs would be one series.

    Raises
    ------
    InputError
        Where it is neither, or can't be made.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()):
            raise InputError(f"{root} is not empty: cutouts of two runs would become one series")
    except OSError as error:
        raise InputError(f"can't write to {root}: {error.strerror or error}") from error


def write_cutouts(source: CutoutsSource, root: Path) -> int:
    """Write one object's folder: a cutout for each frame, and the stack.

    Parameters
    ----------
    source : CutoutsSource
        The object.
    root : Path
        Where its folder is made.

    Returns
    -------
    int
        How many cutouts were written; a frame that could not be read has none.
    """
    series, described = source.read(), source.describe_epochs()
    folder = root / re.sub(r"[^\w.+-]", "_", source.name)
    folder.mkdir(parents=True)
    written = [epoch for epoch in series.epochs if epoch.pixels is not None]
    for epoch in written:
        _write_cutout(folder / epoch.file, epoch, describe_cutout(epoch, series, described[epoch.file]))
    _write_stack(folder / series.stack_file, series)
    return len(written)


def describe_cutout(epoch: Epoch, series: CutoutSeries, row: Mapping[str, Any]) -> dict[str, Any]:
    """Make a cutout's header.

    Parameters
    ----------
    epoch : Epoch
        The epoch.
    series : CutoutSeries
        Its series.
    row : mapping
        Where it is from: path, chip, x, y, and the chip's cards.

    Returns
    -------
    dict of str to value or (value, comment)
        The chip's WCS moved to the cutout, time and seeing as they are read again, and the origin.
    """
    cards = dict(row["cards"])
    for key, shift in (("CRPIX1", row["x"]), ("CRPIX2", row["y"])):
        if key in cards:
            cards[key] -= shift
    known = {"MJD-AVG": (epoch.mjd, "[d] middle of the exposure"), "FWHM": (epoch.fwhm, "[pix] of a point source")}
    return {
        **cards,
        **{key: card for key, card in known.items() if isfinite(card[0])},
        "OBJECT": series.name,
        "ORIGFILE": (Path(row["path"]).name, "frame that this was cut out of"),
        "ORIGHDU": (row["chip"], "its HDU: number and name"),
        "ORIGX": (row["x"], "0-based pixel of the frame at the first here"),
        "ORIGY": (row["y"], "0-based pixel of the frame at the first here"),
    }


def _match(root: str) -> list[Path]:
    """Find what a root stands for."""
    path = find_local(root, "frames")
    if path.exists():
        return [path]
    found = [Path(match) for match in glob(root)] if has_magic(root) else []  # noqa: PTH207 - may be absolute
    if not found:
        raise InputError(f"{root}: no such frames")
    return found


def _list_files(path: Path) -> list[Path]:
    """List a folder's FITS files, or a file itself."""
    if not path.is_dir():
        return [path]
    return [file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES) and not file.name.startswith(".")]


def _write_cutout(path: Path, epoch: Epoch, cards: Mapping[str, Any]) -> None:
    """Write one cutout, with its weights where they are known."""
    from astropy.io import fits

    hdus = [fits.PrimaryHDU(epoch.pixels)]
    for key, card in cards.items():
        hdus[0].header[key] = card
    if epoch.noise is not None:
        hdus.append(fits.ImageHDU((1 / epoch.noise.astype(float) ** 2).astype(np.float32), name=WEIGHT_HDU))
    fits.HDUList(hdus).writeto(path, output_verify="silentfix")


def _write_stack(path: Path, series: CutoutSeries) -> None:
    """Write the stack."""
    from astropy.io import fits

    image: FloatImage = series.stack
    hdu = fits.PrimaryHDU(image)
    hdu.header["OBJECT"] = series.name
    hdu.header["NCOMBINE"] = (len(series), f"cutouts, {STACK_NAME} by their robust mean")
    hdu.writeto(path)
