"""Masks of flagged epochs: their images read and explained once more, and what stands out written."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from epochsieve import __version__
from epochsieve.exporting.masks import draw_mask, make_mask_hdu
from epochsieve.places.place import find_place
from epochsieve.reading.world import read_world
from epochsieve.revisiting import read_again, reopen_method
from epochsieve.vocabulary.contracts import Method
from epochsieve.vocabulary.errors import NoSeriesError, SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import FloatImage
from epochsieve.writing.atomic import write_output


def write_masks(findings: Findings, folder: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write a mask of every flagged epoch that has an image.

    Parameters
    ----------
    findings : Findings
        Of objects whose images are still where they were.
    folder : Path
        Gets a folder per object.

    Returns
    -------
    written : tuple of Path
        ``OBJECT/FILE_mask.fits``.
    without : tuple of str
        What has no mask, and why: a line an object.

    Raises
    ------
    SettingError
        Where findings don't say which method made them.
    ResultsError
        Where the folder can't be written.
    """
    method = reopen_method(findings.settings)
    written: list[Path] = []
    without: list[str] = []
    for name in dict.fromkeys(findings["object"][findings["flagged"]]):
        rows = findings.select(findings["object"] == name)
        try:
            drawn = [_save_mask(folder, rows, i, residual) for i, residual in _explain(rows, name, method)]
        except (NoSeriesError, SettingError) as error:
            without.append(f"{name}: {error}")
            continue
        written += drawn
        lost = int(rows["flagged"].sum()) - len(drawn)
        without += [f"{name}: {lost} flagged without an image"] if lost else []
    return tuple(written), tuple(without)


def _explain(rows: Findings, name: str, method: Method) -> Iterator[tuple[int, FloatImage]]:
    """Give the residual of every flagged epoch of an object that has an image, with its row."""
    if name not in rows.origins:
        raise SettingError("its images were never in a folder")
    series = read_again(rows, name)
    residuals = method.explain(series).residual
    files = [epoch.file for epoch in series.epochs if epoch.usable]
    flagged = {str(rows["file"][i]): int(i) for i in np.flatnonzero(rows["flagged"])}
    for file, residual in zip(files, residuals, strict=True):
        if file in flagged:
            yield flagged[file], residual


def _save_mask(folder: Path, rows: Findings, i: int, residual: FloatImage) -> Path:
    """Write one mask."""
    name, file = str(rows["object"][i]), str(rows["file"][i])
    mask = draw_mask(residual, Flag(int(rows["flags"][i])), float(rows["x"][i]), float(rows["y"][i]))
    world = read_world(find_place(rows.origins[name]) / file, str(rows.settings.get("reading", {}).get("hdu", "")))
    facts = {"OBJECT": name, "IMAGE": file, "REASONS": str(rows["reasons"][i]), "CREATOR": f"epochsieve {__version__}"}
    hdu = make_mask_hdu(mask, world, facts)
    path = folder / name / f"{file.split('.fit', 1)[0]}_mask.fits"
    write_output(path, partial(hdu.writeto, overwrite=True))
    return path
