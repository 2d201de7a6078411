"""A folder per object: which folders hold series, and a series from one folder."""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from glob import glob, has_magic
from itertools import chain
from pathlib import Path, PurePath

from epochsieve.places.ahead import fetch_ahead
from epochsieve.places.place import Place, find_place
from epochsieve.places.remote import RemotePath, match_pattern
from epochsieve.reading.assembling import assemble_series
from epochsieve.reading.contents import read_contents
from epochsieve.reading.fits_images import Image, parse_image
from epochsieve.reading.partitions import list_partitions
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.series import CutoutSeries
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
    folder : Path or RemotePath
        The folder.
    settings : ReadSettings
        Which image is the stack, which HDU to read, which header key holds the time.
    """

    folder: Place
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


def find_series(root: str | Place) -> list[Place]:
    """Find the folders that hold one object's cutouts each.

    Parameters
    ----------
    root : str, Path or RemotePath
        A folder of object folders, one object's folder, or a glob pattern for either.

    Returns
    -------
    list of Path or RemotePath
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


def match_root(root: str | Place) -> list[Place]:
    """Find what a root stands for.

    Parameters
    ----------
    root : str, Path or RemotePath
        A path, or a glob pattern.

    Returns
    -------
    list of Path or RemotePath
        Folders and files that match a pattern; a path itself, whether it is there or not.
    """
    top = find_place(root)
    is_pattern = has_magic(str(top)) and not (top.is_dir() or top.is_file())
    if isinstance(top, RemotePath):
        return list(match_pattern(top)) if is_pattern else [top]
    return [Path(match) for match in glob(str(top))] if is_pattern else [top]  # noqa: PTH207 - may be absolute


def walk_folders(top: Place) -> Iterator[tuple[Place, list[Place]]]:
    """Go through a folder and those directly in it.

    Parameters
    ----------
    top : Path or RemotePath
        The folder.

    Yields
    ------
    folder : Path or RemotePath
        `top` first; one below it that can't be listed is left out with a warning.
    inside : list of Path or RemotePath
        What is in it, by name, without hidden entries, and the files of its `list_partitions`; for `top` without
        folders.

    Raises
    ------
    NoSeriesError
        Where `top` can't be listed.
    """
    inside = _list_folder(top)
    folders = [path for path in inside if path.is_dir()]
    parts = list_partitions(folders)
    yield top, [*_leave_out(inside, folders), *chain.from_iterable(parts.values())]
    folders = _leave_out(folders, list(parts))
    for folder, list_it in zip(folders, fetch_ahead(_list_folder, folders, top), strict=True):
        try:
            below = list_it()
        except NoSeriesError as error:
            logger.warning("left out: %s", error)
            continue
        yield folder, [*below, *chain.from_iterable(list_partitions(below).values())]


def describe_root(root: str | Place, matches: list[Place]) -> str:
    """Say why a root holds no series.

    Parameters
    ----------
    root : str, Path or RemotePath
        As it was given.
    matches : list of Path or RemotePath
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
    return f"{root}: {what}, but no series in it: of single images, give the folder that holds them"


def is_named_like_image(path: PurePath | RemotePath) -> bool:
    """Tell by its name whether a path should be an image."""
    return path.name.lower().endswith(SUFFIXES)


def read_series(
    folder: str | Place, settings: ReadSettings = _DEFAULTS, complaints: Counter[str] | None = None
) -> CutoutSeries:
    """Read one object's cutouts.

    Parameters
    ----------
    folder : str, Path or RemotePath
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
    folder = find_place(folder)
    paths = _list_images(folder)
    if not paths:
        raise NoSeriesError(f"{folder}: no FITS images ({' '.join(SUFFIXES)}) in it")
    name = folder.name if folder.name not in {"", ".."} else folder.resolve().name
    fetched = zip(paths, fetch_ahead(read_contents, paths, folder), strict=True)
    files = ((path.name, partial(_parse, fetch, settings)) for path, fetch in fetched)
    return assemble_series(name, str(folder), files, settings, complaints)


def holds_images(inside: Sequence[Place]) -> bool:
    """Tell whether images are among a folder's entries."""
    return any(is_named_like_image(path) and not path.is_dir() for path in inside)


def _parse(fetch: Callable[[], bytes], settings: ReadSettings) -> Image:
    """Read one image of what is fetched."""
    return parse_image(fetch(), settings)


def _leave_out(paths: list[Place], others: list[Place]) -> list[Place]:
    """Leave some paths out of a list that has them all, in its order."""
    rest = set(others)
    return [path for path in paths if path not in rest]


def _list_folder(folder: Place) -> list[Place]:
    """List a folder by name, without hidden entries (some systems leave ._NAME.fits beside NAME.fits)."""
    try:
        return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name)
    except OSError as error:
        raise NoSeriesError(f"{folder}: {error.strerror}") from error


def _list_images(folder: Place) -> list[Place]:
    """List what is named as images are, by name."""
    return [path for path in _list_folder(folder) if is_named_like_image(path)]
