"""Archives of object folders, tar or zip: thousands of cutouts in one file, as file systems of clusters like them."""

import hashlib
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import PurePosixPath
from posixpath import commonpath
from threading import Lock
from typing import IO, NamedTuple

from epochsieve.places.near import bring_near
from epochsieve.places.place import Place
from epochsieve.places.remote import RemotePath
from epochsieve.reading.assembling import assemble_series
from epochsieve.reading.contents import LARGEST_BYTES, sum_up_error, unpack_if_packed
from epochsieve.reading.fits_images import Image, parse_image
from epochsieve.reading.folders import is_named_like_image
from epochsieve.reading.heads import Head
from epochsieve.vocabulary.errors import ImageError, NoSeriesError
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.vocabulary.settings import ReadSettings

_TAR_PLACE, _TAR_MAGIC = 257, b"ustar"
_ZIP_MAGIC = b"PK\x03\x04"
_turn = Lock()


class Member(NamedTuple):
    """One image in an archive.

    Attributes
    ----------
    file : str
        Its name, without folder.
    size : int
        Bytes, unpacked.
    place : int or str
        Where it is: the offset in a tar archive, the whole name in a zip one.
    """

    file: str
    size: int
    place: int | str


@dataclass(frozen=True)
class ArchiveSource:
    """One object's folder in an archive.

    Attributes
    ----------
    path : Path or RemotePath
        The archive.
    folder : str
        The folder in it.
    name : str
        What of that tells it from the archive's other folders; the archive's own name for images at its top.
    settings : ReadSettings
        As for a folder.
    """

    path: Place
    folder: str
    name: str
    settings: ReadSettings

    @property
    def parts(self) -> tuple[str, ...]:
        """The object's name, after the archive and the folders that this is in."""
        return (*self.path.parent.parts, self.path.stem, self.name)

    @property
    def origin(self) -> str:
        """The archive's path: its other objects are in the same place."""
        return str(self.path.resolve())

    def list_images(self) -> list[str]:
        """Name the images in the folder, by name; none where the archive is broken."""
        return [member.file for member in self._list_members()]

    def take_fingerprint(self) -> str:
        """Digest the names and sizes of the images."""
        listing = "\n".join(f"{member.file} {member.size}" for member in self._list_members())
        return hashlib.sha256(listing.encode(errors="surrogateescape")).hexdigest()[:16]

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        """Read the series, as that of a folder."""
        members = self._list_members()
        if not members:
            raise NoSeriesError(f"{self.path}: no images in it, or no archive that can be read")
        files = [(member.file, partial(_read_member, self.path, member, self.settings)) for member in members]
        return assemble_series(self.parts[-1], str(self.path), files, self.settings, complaints)

    def _list_members(self) -> Sequence[Member]:
        """List the folder's images."""
        return _open_index(self.path).get(self.folder, ())


def is_archive(head: Head) -> bool:
    """Tell an archive by its beginning; a packed tar archive is none, for nobody can find a place in it."""
    return head.contents.startswith(_ZIP_MAGIC) or head.contents[_TAR_PLACE:].startswith(_TAR_MAGIC)


def open_archives(paths: Sequence[Place], settings: ReadSettings) -> list[ArchiveSource]:
    """Make a source of each folder with images in some archives.

    Parameters
    ----------
    paths : sequence of Path or RemotePath
        The archives.
    settings : ReadSettings
        How images are read.

    Returns
    -------
    list of ArchiveSource
        By archive, then by folder; a broken archive is a source, too, whose reading fails.
    """
    return [source for path in paths for source in _open_archive(path, settings)]


def _open_archive(path: Place, settings: ReadSettings) -> list[ArchiveSource]:
    """Make a source of each folder, named by what it does not share with the others."""
    folders = sorted(_open_index(path)) or ["."]
    shared = PurePosixPath(commonpath([str(PurePosixPath(folder).parent) for folder in folders]))
    names = [str(PurePosixPath(folder).relative_to(shared)) for folder in folders]
    return [
        ArchiveSource(path, folder, path.stem if name == "." else name, settings)
        for folder, name in zip(folders, names, strict=True)
    ]


def _open_index(path: Place) -> dict[str, list[Member]]:
    """List an archive's images by folder, once per process as long as it does not change."""
    try:
        facts = path.stat()
        return _index(path, facts.st_size, facts.st_mtime_ns)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, ValueError, EOFError):
        return {}


@lru_cache(maxsize=4)
def _index(path: Place, _size: int, _changed: int) -> dict[str, list[Member]]:
    """List an archive's images by folder, each folder's by name; a name that comes twice counts as it came last."""
    found: dict[str, dict[str, Member]] = {}
    with _open(path) as file:
        listed = _walk_zip(file) if zipfile.is_zipfile(file) else _walk_tar(file)
    for name, size, place in listed:
        inside = PurePosixPath(name.lstrip("/"))
        if is_named_like_image(inside) and not inside.name.startswith("."):
            found.setdefault(str(inside.parent), {})[inside.name] = Member(inside.name, size, place)
    return {folder: [members[file] for file in sorted(members)] for folder, members in found.items()}


@contextmanager
def _open(path: Place) -> Iterator[IO[bytes]]:
    """Open an archive, for one reader at a time: where it is, or a copy of it that has been brought near."""
    if isinstance(path, RemotePath):
        with _turn:
            yield bring_near(path)
    else:
        with path.open("rb") as file:
            yield file


def _walk_tar(file: IO[bytes]) -> list[tuple[str, int, int | str]]:
    """List the files of a tar archive that is not packed."""
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:") as archive:
        return [(member.name, member.size, member.offset_data) for member in archive if member.isreg()]


def _walk_zip(file: IO[bytes]) -> list[tuple[str, int, int | str]]:
    """List the files of a zip archive."""
    with zipfile.ZipFile(file) as archive:
        return [(info.filename, info.file_size, info.filename) for info in archive.infolist() if not info.is_dir()]


def _read_member(path: Place, member: Member, settings: ReadSettings) -> Image:
    """Read one image."""
    if member.size > LARGEST_BYTES:
        raise ImageError(f"too large for a cutout: {member.size} bytes")
    try:
        contents = _read_place(path, member)
    except (OSError, zipfile.BadZipFile, KeyError, EOFError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise ImageError(sum_up_error(error)) from error
    if len(contents) < member.size:
        raise ImageError("the archive ends early")
    return parse_image(unpack_if_packed(contents), settings)


def _read_place(path: Place, member: Member) -> bytes:
    """Read the bytes of one image, never more than it is said to have."""
    if isinstance(member.place, int):
        with _open(path) as file:
            file.seek(member.place)
            return file.read(member.size)
    with _open_zip(path, path.stat().st_mtime_ns).open(member.place) as file:
        return file.read(member.size)


@lru_cache(maxsize=2)
def _open_zip(path: Place, _changed: int) -> zipfile.ZipFile:
    """Open a zip archive, whose directory is read once per process."""
    return zipfile.ZipFile(bring_near(path) if isinstance(path, RemotePath) else path)
