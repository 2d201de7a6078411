"""Everything below a root that is a series, each as a source that can be read, whatever the format."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from epochsieve.reading.folders import (
    FolderSource,
    describe_root,
    holds_images,
    is_named_like_image,
    match_root,
    walk_folders,
)
from epochsieve.reading.formats import Format, recognise
from epochsieve.reading.heads import read_head
from epochsieve.vocabulary.contracts import SeriesSource
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.settings import ReadSettings

_DEFAULTS = ReadSettings()


def find_sources(root: str | Path, settings: ReadSettings = _DEFAULTS) -> list[SeriesSource]:
    """Find all series below a root.

    Parameters
    ----------
    root : str or Path
        A folder of object folders, one object's folder, a folder of files or a file of a format that holds whole
        series, or a glob pattern for any of these.
    settings : ReadSettings, optional
        How they are read.

    Returns
    -------
    list of SeriesSource
        By folder. A folder whose first image is a single one is a series of images; one whose first is of another
        format (see `epochsieve.reading.formats`) holds files of series. Files that are not named as FITS images are
        looked at where a folder has none of those.

    Raises
    ------
    NoSeriesError
        Where there are none.
    """
    matches = match_root(root)
    loose = [match for match in matches if match.is_file()]
    walked = chain.from_iterable(walk_folders(match) for match in matches if not match.is_file())
    by_folder = {folder: _open_folder(folder, inside, settings) for folder, inside in walked}
    found = [*_open_loose(loose, settings), *chain.from_iterable(sources for _, sources in sorted(by_folder.items()))]
    if not found:
        raise NoSeriesError(describe_root(root, matches))
    return found


def find_source(place: str | Path, settings: ReadSettings = _DEFAULTS, name: str = "") -> SeriesSource:
    """Find the one series in a place.

    Parameters
    ----------
    place : str or Path
        An object's folder, or a file with its series.
    settings : ReadSettings, optional
        How it is read.
    name : str, optional
        The object's name, which says which is meant where there are several.

    Returns
    -------
    SeriesSource
        Of that place itself, where folders below it hold series, too.

    Raises
    ------
    NoSeriesError
        Where there is none, or several and none of that name.
    """
    path = Path(place)
    if path.is_dir():
        inside = next(iter(walk_folders(path)))[1]
        found = _open_folder(path, inside, settings) or [FolderSource(path, settings)]
    else:
        found = _open_loose([path], settings) or [FolderSource(path, settings)]
    named = [source for source in found if f"/{name}".endswith(f"/{source.parts[-1]}")]
    if len(found) > 1 and not named:
        raise NoSeriesError(f"{place}: {len(found)} series, but one is needed: {found[0].parts[-1]}, ...")
    return (named or found)[0]


def _open_folder(folder: Path, inside: list[Path], settings: ReadSettings) -> list[SeriesSource]:
    """Make sources of what is in one folder: the folder itself, or its files."""
    if not holds_images(inside):
        return _open_loose(inside, settings)
    images = [path for path in inside if is_named_like_image(path)]
    first = _find_first(images)
    return [FolderSource(folder, settings)] if first is None else _open_loose(images, settings)


def _find_first(images: Sequence[Path]) -> Format | None:
    """Tell of which format the first image is that can be told at all; None for a single image."""
    for head in map(read_head, images):
        if head.is_plain_image:
            return None
        if head.is_fits:
            return recognise(head)
    return None


def _open_loose(files: Sequence[Path], settings: ReadSettings) -> list[SeriesSource]:
    """Make sources of files, each by its format; a broken one is taken for what others of its ending are."""
    known = {path: recognise(read_head(path)) for path in files}
    usual = {path.suffix: kind for path, kind in known.items() if kind is not None}
    sorted_out: dict[Format, list[Path]] = {}
    for path, kind in known.items():
        meant = kind or usual.get(path.suffix)
        if meant is not None:
            sorted_out.setdefault(meant, []).append(path)
    return [source for kind, paths in sorted_out.items() for source in kind.open(paths, settings)]
