"""Files of a dataset in folders called KEY=VALUE, as Hive and HATS catalogues divide them."""

from collections.abc import Sequence

from epochsieve.places.place import Place

SUFFIXES = (".parquet", ".parq", ".pq")
"""How the names of files in such folders end."""

_DEEPEST = 6  # HATS has Norder=, Dir= and Npix=


def list_partitions(folders: Sequence[Place]) -> dict[Place, list[Place]]:
    """List the files of those folders that are parts of a dataset.

    Parameters
    ----------
    folders : sequence of Path or RemotePath
        What may be folders.

    Returns
    -------
    dict of Path or RemotePath to list of the same
        For each that is a part, its files and those of the parts in it, by name.
    """
    listed = {folder: _list_files(folder, _DEEPEST) for folder in folders if _is_called_so(folder)}
    return {folder: files for folder, files in listed.items() if files}


def find_dataset(file: Place) -> Place:
    """Find the folder of the dataset that a file belongs to: the one that it is in, or that the parts are in."""
    folder = file.parent
    while _is_called_so(folder):
        folder = folder.parent
    return folder


def _is_called_so(folder: Place) -> bool:
    """Tell by its name whether a folder may be a part."""
    return "=" in folder.name and not folder.name.endswith(SUFFIXES)


def _list_files(folder: Place, deepest: int) -> list[Place]:
    """List the files in a part; none where it can't be listed, or holds nothing of the kind."""
    try:
        inside: list[Place] = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError:
        return []
    files = [path for path in inside if path.name.endswith(SUFFIXES)]
    parts = [path for path in inside if _is_called_so(path)] if deepest else []
    return [*files, *(path for part in parts for path in _list_files(part, deepest - 1))]
