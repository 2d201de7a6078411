"""A folder per object: which folders hold series, and a series from one folder."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from glob import glob, has_magic
from math import isfinite
from pathlib import Path

import numpy as np

from epochsieve.reading.fits_images import read_image
from epochsieve.reading.stacks import choose_stack, make_median
from epochsieve.vocabulary.errors import ImageError, NoSeriesError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import ReadSettings

logger = logging.getLogger(__name__)

SUFFIXES = (".fits", ".fit", ".fts", ".fits.gz", ".fits.fz")
"""How the names of images end, in either case."""

_DEFAULTS = ReadSettings()


@dataclass(frozen=True)
class FolderSource:
    """One object's folder, with a FITS image per epoch.

    Attributes
    ----------
    folder : Path
        The folder.
    settings : ReadSettings
        Which image is the stack, which HDU to read, which header key holds the time.
    """

    folder: Path
    settings: ReadSettings = _DEFAULTS

    @property
    def parts(self) -> tuple[str, ...]:
        """The folder's name, after those that it is in."""
        return self.folder.parts if self.folder.name not in {"", ".."} else self.folder.resolve().parts

    @property
    def origin(self) -> str:
        """The folder's path."""
        return str(self.folder.resolve())

    def list_images(self) -> list[str]:
        """Name the files that are named as images are, by name; none where the folder can't be listed."""
        try:
            return [path.name for path in _list_images(self.folder)]
        except NoSeriesError:
            return []

    def take_fingerprint(self) -> str:
        """Digest the files' names."""
        return hashlib.sha256("\n".join(self.list_images()).encode(errors="surrogateescape")).hexdigest()[:16]

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        """Read the series, as `read_series` does."""
        return read_series(self.folder, self.settings, complaints)


def find_series(root: str | Path) -> list[Path]:
    """Find the folders that hold one object's cutouts each.

    Parameters
    ----------
    root : str or Path
        A folder of object folders, one object's folder, or a glob pattern for either.

    Returns
    -------
    list of Path
        Sorted by path. A folder with images of its own counts as an object's, beside any object folders in it.

    Raises
    ------
    NoSeriesError
        Where `root` is missing, or no folder with images is there.
    """
    matches = match_root(root)
    walks = (walk_folders(match) for match in matches if not match.is_file())
    found = {folder for walk in walks for folder, inside in walk if holds_images(inside)}
    if not found:
        raise NoSeriesError(describe_root(root, matches))
    return sorted(found)


def match_root(root: str | Path) -> list[Path]:
    """Find what a root stands for.

    Parameters
    ----------
    root : str or Path
        A path, or a glob pattern.

    Returns
    -------
    list of Path
        Folders and files that match a pattern; a path itself, whether it is there or not.
    """
    top = Path(root)
    is_pattern = has_magic(str(top)) and not top.exists()
    return [Path(match) for match in glob(str(top))] if is_pattern else [top]  # noqa: PTH207 - may be absolute


def walk_folders(top: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Go through a folder and those directly in it.

    Parameters
    ----------
    top : Path
        The folder.

    Yields
    ------
    folder : Path
        `top` first; one below it that can't be listed is left out with a warning.
    inside : list of Path
        What is in it, by name, without hidden entries; for `top` without folders.

    Raises
    ------
    NoSeriesError
        Where `top` can't be listed.
    """
    inside = _list_folder(top)
    folders = [path for path in inside if path.is_dir()]
    yield top, _leave_out(inside, folders)
    for folder in folders:
        try:
            below = _list_folder(folder)
        except NoSeriesError as error:
            logger.warning("left out: %s", error)
            continue
        yield folder, below


def describe_root(root: str | Path, matches: list[Path]) -> str:
    """Say why a root holds no series.

    Parameters
    ----------
    root : str or Path
        As it was given.
    matches : list of Path
        What it stands for.

    Returns
    -------
    str
        One line.
    """
    if not matches:
        return f"{root}: no folder matches"
    if any(match.is_dir() for match in matches):
        return f"{root}: no FITS images ({' '.join(SUFFIXES)}) in it or in the folders directly below it"
    what = "a file" if len(matches) == 1 else f"{len(matches)} files"
    return f"{root}: {what}, but a series is a folder of images: give the folder that holds them"


def is_named_like_image(path: Path) -> bool:
    """Tell by its name whether a path should be an image."""
    return path.name.lower().endswith(SUFFIXES)


def read_series(
    folder: str | Path, settings: ReadSettings = _DEFAULTS, complaints: Counter[str] | None = None
) -> CutoutSeries:
    """Read one object's cutouts.

    Parameters
    ----------
    folder : str or Path
        Folder with the epochs' images, and usually a stacked one.
    settings : ReadSettings
        Which image is the stack, which HDU to read, which header key holds the time.
    complaints : Counter, optional
        Takes in how often astropy gave a warning of each category, for one line at the end of a run, see
        `sum_up_complaints`. Where there is none, that line is logged here.

    Returns
    -------
    CutoutSeries
        Every image but the stack is an epoch of it, unreadable ones with a status; a stack that is unusable is among
        them, and the epochs' median stands in for it. Where no image can be read, that is a single missing pixel.

    Raises
    ------
    NoSeriesError
        Where the folder is missing or has no images.
    """
    folder = Path(folder)
    counted: Counter[str] = Counter()
    images, spans = _read_images(folder, settings, counted)
    if complaints is not None:
        complaints.update(counted)
    elif counted:
        logger.info("%s: %s", folder, sum_up_complaints(counted))
    if settings.time_key and not any(isfinite(image.mjd) for image in images):
        logger.info("%s: no header has a time under %s", folder, settings.time_key)
    choice = choose_stack(settings.stack, images, spans)
    logger.info("%s: the stack is %s: %s", folder, choice.file or "the median of the epochs", choice.reason)
    stack, epochs = _part(images, choice.file)
    if choice.file and stack is None:
        logger.warning("%s: the stack %s is unusable, the median of the epochs stands in for it", folder, choice.file)
    return CutoutSeries(
        name=folder.name if folder.name not in {"", ".."} else folder.resolve().name,
        stack=make_median([epoch.pixels for epoch in epochs if epoch.pixels is not None]) if stack is None else stack,
        epochs=epochs,
        stack_file="" if stack is None else choice.file,
        origin=str(folder),
    )


def sum_up_complaints(complaints: Counter[str]) -> str:
    """Put counted header warnings into one line.

    Parameters
    ----------
    complaints : Counter
        Category to count.

    Returns
    -------
    str
        Most frequent first.
    """
    return "astropy's header warnings: " + ", ".join(
        f"{name} {count} times" for name, count in complaints.most_common()
    )


def holds_images(inside: list[Path]) -> bool:
    """Tell whether images are among a folder's entries."""
    return any(is_named_like_image(path) and not path.is_dir() for path in inside)


def _leave_out(paths: list[Path], others: list[Path]) -> list[Path]:
    """Leave some paths out of a list that has them all, in its order."""
    rest = set(others)
    return [path for path in paths if path not in rest]


def _list_folder(folder: Path) -> list[Path]:
    """List a folder by name, without hidden entries (some systems leave ._NAME.fits beside NAME.fits)."""
    try:
        return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name)
    except OSError as error:
        raise NoSeriesError(f"{folder}: {error.strerror}") from error


def _list_images(folder: Path) -> list[Path]:
    """List what is named as images are, by name."""
    return [path for path in _list_folder(folder) if is_named_like_image(path)]


def _read_images(
    folder: Path, settings: ReadSettings, complaints: Counter[str]
) -> tuple[list[Epoch], dict[str, float]]:
    """Read all images of a folder by name, and the days that each spans."""
    epochs, spans = [], {}
    for path in _list_images(folder):
        try:
            image = read_image(path, settings)
        except ImageError as error:
            epochs.append(Epoch(path.name, None, status=f"unreadable: {error}"))
            continue
        epochs.append(Epoch(path.name, image.pixels, image.mjd, image.fwhm, noise=image.noise))
        spans[path.name] = image.span_days
        complaints.update(image.complaints)
    if not epochs:
        raise NoSeriesError(f"{folder}: no FITS images ({' '.join(SUFFIXES)}) in it")
    return epochs, spans


def _part(images: list[Epoch], stack_file: str) -> tuple[FloatImage | None, tuple[Epoch, ...]]:
    """Part the stack, None where there is none or it is unusable, from the epochs; an unusable one is among them."""
    epochs, stack = [], None
    for image in images:
        if image.file != stack_file or image.pixels is None:
            epochs.append(image)
        elif np.isfinite(image.pixels).any():
            stack = image.pixels
        else:
            epochs.append(replace(image, pixels=None, status="unusable: the stack holds no data"))
    return stack, tuple(epochs)
