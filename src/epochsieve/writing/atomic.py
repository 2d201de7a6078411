"""Files that are whole or not there, whenever the process is killed."""

import os
from collections.abc import Callable
from pathlib import Path

from epochsieve.vocabulary.errors import ResultsError


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name beside it, bring it to disk, then give it its name.

    The temporary name starts with a dot and ends in ``.tmp``, which readers of datasets pass over.

    Parameters
    ----------
    path : Path
        The file's name; a file of that name is replaced.
    write : callable
        Writes the file under the name that it is given.

    Raises
    ------
    OSError
        Where the folder can't be written; then nothing has changed.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        _bring_to_disk(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _bring_to_disk(path.parent)


def write_output(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file that a user asked for, its folder included, whole or not at all.

    Parameters
    ----------
    path : Path
        The file's name; a file of that name is replaced.
    write : callable
        Writes the file under the name that it is given.

    Raises
    ------
    ResultsError
        Where it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, write)
    except OSError as error:
        raise ResultsError(f"can't write {path}: {error.strerror or error}") from error


def find_leftovers(folder: Path, pattern: str) -> list[Path]:
    """List the temporary files that a killed run left behind.

    Parameters
    ----------
    folder : Path
        Where to look.
    pattern : str
        Glob pattern of the names that the files would have been given.

    Returns
    -------
    list of Path
        In order of their names.
    """
    return sorted(folder.glob(f".{pattern}.tmp"))


def _bring_to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut; Windows has no such call for folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
