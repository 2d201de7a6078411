"""Everything below a root that is a series, each as a source that can be read, whatever the format."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from epochsieve.places.ahead import fetch_ahead
from epochsieve.places.place import Place, find_place
from epochsieve.reading.folders import (
    FolderSource,
    describe_root,
    holds_images,
    is_named_like_image,
    match_root,
    walk_folders,
)
from epochsieve.reading.formats import Format, recognise
from epochsieve.reading.heads import Head, read_head
from epochsieve.vocabulary.contracts import SeriesSource
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.settings import ReadSettings

_DEFAULTS = ReadSettings()


def find_sources(root: str | Place, settings: ReadSettings = _DEFAULTS) -> list[SeriesSource]:
    """Find all series below a root.

    Parameters
    ----------
    root : str, Path or RemotePath
        A folder of object folders, one object's folder, a folder of files or a file of a format that holds whole
        series, or a glob pattern for any of these; or the address of one, as ``s3://bucket/survey``.
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
    folders = sorted(set(matches) - set(loose))
    by_folder = dict(chain.from_iterable(_walk(folder, settings) for folder in folders))
    found = [*_open_loose(loose, settings), *chain.from_iterable(by_folder[folder] for folder in sorted(by_folder))]
    if not found:
        raise NoSeriesError(describe_root(root, matches))
    return found


def find_source(place: str | Place, settings: ReadSettings = _DEFAULTS, name: str = "") -> SeriesSource:
    """Find the one series in a place.

    Parameters
    ----------
    place : str, Path or RemotePath
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
    path = find_place(place)
    if path.is_dir():
        found = next(_walk(path, settings))[1] or [FolderSource(path, settings)]
    else:
        found = _open_loose([path], settings) or [FolderSource(path, settings)]
    named = [source for source in found if f"/{name}".endswith(f"/{source.parts[-1]}")]
    if len(found) > 1 and not named:
        raise NoSeriesError(f"{place}: {len(found)} series, but one is needed: {found[0].parts[-1]}, ...")
    return (named or found)[0]


def _walk(top: Place, settings: ReadSettings) -> Iterator[tuple[Place, list[SeriesSource]]]:
    """Go through a folder and those in it, and make sources of what is in each."""
    for looked in fetch_ahead(_look_into, walk_folders(top), top):
        folder, inside, head = looked()
        yield folder, _open_folder(folder, inside, head, settings)


def _look_into(walked: tuple[Place, list[Place]]) -> tuple[Place, list[Place], Head]:
    """Read the beginning of a folder's first image."""
    folder, inside = walked
    first = next((path for path in inside if is_named_like_image(path)), None) if holds_images(inside) else None
    return folder, inside, Head(b"") if first is None else read_head(first)


def _open_folder(folder: Place, inside: list[Place], head: Head, settings: ReadSettings) -> list[SeriesSource]:
    """Make sources of what is in one folder: the folder itself, or its files."""
    if not holds_images(inside):
        return _open_loose(inside, settings)
    images = [path for path in inside if is_named_like_image(path)]
    first = _find_first(chain([head], map(read_head, images[1:])))
    return [FolderSource(folder, settings)] if first is None else _open_loose(images, settings)


def _find_first(heads: Iterable[Head]) -> Format | None:
    """Tell of which format the first image is that can be told at all; None for a single image."""
    for head in heads:
        if head.is_plain_image:
            return None
        if head.is_fits:
            return recognise(head)
    return None


def _open_loose(files: Sequence[Place], settings: ReadSettings) -> list[SeriesSource]:
    """Make sources of files, each by its format; a broken one is taken for what others of its ending are."""
    heads = fetch_ahead(read_head, files, files[0]) if files else iter(())
    known = {path: recognise(head()) for path, head in zip(files, heads, strict=True)}
    usual = {path.suffix: kind for path, kind in known.items() if kind is not None}
    sorted_out: dict[Format, list[Place]] = {}
    for path, kind in known.items():
        meant = kind or usual.get(path.suffix)
        if meant is not None:
            sorted_out.setdefault(meant, []).append(path)
    return [source for kind, paths in sorted_out.items() for source in kind.open(paths, settings)]
