"""Files that are whole or not there, whenever the process is killed."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from epochsieve.places.place import Place
from epochsieve.places.remote import RemotePath
from epochsieve.vocabulary.errors import ResultsError


def write_atomically(path: Place, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name beside it, bring it to disk, then give it its name.

    The temporary name starts with a dot and ends in ``.tmp``, which readers of datasets pass over. What goes into a
    store is written on this machine, and sent there by one request.

    Parameters
    ----------
    path : Path or RemotePath
        The file's name; a file of that name is replaced.
    write : callable
        Writes the file under the name that it is given.

    Raises
    ------
    OSError
        Where the folder can't be written; then nothing has changed.
    """
    if isinstance(path, RemotePath):
        _write_remotely(path, write)
        return
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        _bring_to_disk(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _bring_to_disk(path.parent)


def write_output(path: Place, write: Callable[[Path], object]) -> None:
    """Write a file that a user asked for, its folder included, whole or not at all.

    Parameters
    ----------
    path : Path or RemotePath
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


def find_leftovers(folder: Place, pattern: str) -> list[Place]:
    """List the temporary files that a killed run left behind.

    Parameters
    ----------
    folder : Path or RemotePath
        Where to look.
    pattern : str
        Glob pattern of the names that the files would have been given.

    Returns
    -------
    list of Path or RemotePath
        In order of their names.
    """
    return sorted(folder.glob(f".{pattern}.tmp"))


def _write_remotely(path: RemotePath, write: Callable[[Path], object]) -> None:
    """Write a file on this machine, and send it to a store as a whole."""
    with TemporaryDirectory(prefix="epochsieve-") as folder:
        local = Path(folder) / path.name
        write(local)
        path.write_bytes(local.read_bytes())


def _bring_to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut; Windows has no such call for folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
