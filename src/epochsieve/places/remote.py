"""A path in a store: what it offers is called as in pathlib, so that whoever reads and writes need not know."""

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from epochsieve.places.keeping import keep, look_up
from epochsieve.places.stores import InvalidRangeError, Store, ask

_MAGIC = frozenset("*?[")
_FOLDERLESS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "memory"}
_SMALL = 2**23
_TIMES = ("LastModified", "last_modified", "mtime", "modified", "updated", "created")


class Facts(NamedTuple):
    """What a listing says of an entry, called as in `os.stat_result`.

    Attributes
    ----------
    st_mode : int
        A file or a folder, nothing else.
    st_size : int
        Bytes; 0 where the store doesn't say.
    st_mtime_ns : int
        When it was written, by the store's clock, nanoseconds since 1970; 0 where the store doesn't say.
    """

    st_mode: int
    st_size: int
    st_mtime_ns: int


@dataclass(frozen=True, order=True)
class RemotePath:
    """A path in a store. It holds nothing open, and can be pickled.

    Attributes
    ----------
    address : str
        ``PROTOCOL://...``, without a slash at its end.
    facts : Facts or None
        What the listing said that it comes from, so that nobody has to ask again.
    """

    address: str
    facts: Facts | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Leave slashes at the end away, but for those of the protocol."""
        head, colon, rest = self.address.partition("://")
        object.__setattr__(self, "address", f"{head}{colon}{rest.rstrip('/')}")

    def __str__(self) -> str:
        """Give the address."""
        return self.address

    def __truediv__(self, name: str) -> "RemotePath":
        """Go to an entry."""
        return RemotePath(f"{self.address}/{name}")

    @property
    def parts(self) -> tuple[str, ...]:
        """The protocol with the first name, then name by name."""
        head, colon, rest = self.address.partition("://")
        first, *others = rest.lstrip("/").split("/")
        return (f"{head}{colon}{first}", *others)

    @property
    def name(self) -> str:
        """The last name."""
        return self.address.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without its last ending."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The name's last ending."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "RemotePath":
        """The folder; of a first name, itself."""
        return RemotePath(self.address.rpartition("/")[0]) if len(self.parts) > 1 else self

    def with_name(self, name: str) -> "RemotePath":
        """Go to a neighbour."""
        return self.parent / name

    def resolve(self) -> "RemotePath":
        """Give itself: an address is the same from everywhere."""
        return self

    def stat(self) -> Facts:
        """Tell the entry's facts, from its listing where it has been in one."""
        return self.facts or ask(self.address, lambda store: _read_facts(store.files.info(store.path)))

    def measure(self) -> int:
        """Tell how many bytes a file has, of which its listing may have said nothing; 0 where the store doesn't say."""
        return self.stat().st_size or RemotePath(self.address).stat().st_size

    def exists(self) -> bool:
        """Tell whether there is an entry; OSError where the store doesn't say."""
        try:
            return self.stat() is not None
        except FileNotFoundError:
            return False

    def is_file(self) -> bool:
        """Tell whether it is a file that can be seen."""
        return stat.S_ISREG(self._mode())

    def is_dir(self) -> bool:
        """Tell whether it is a folder that can be seen."""
        return stat.S_ISDIR(self._mode())

    def iterdir(self) -> Iterator["RemotePath"]:
        """List the folder by one request (by several where there are thousands of entries)."""
        return iter(keep(("listing", self.address), self._list))

    def glob(self, pattern: str) -> Iterator["RemotePath"]:
        """List the entries whose names match; none where there is no such folder."""
        try:
            entries = self.iterdir()
        except FileNotFoundError:
            return iter(())
        return (entry for entry in entries if fnmatch(entry.name, pattern))

    def read_bytes(self) -> bytes:
        """Fetch the file whole."""
        return keep(("contents", self.address), self._fetch)

    def read_text(self, encoding: str = "utf-8") -> str:
        """Fetch the file whole, as text."""
        return self.read_bytes().decode(encoding)

    def read_range(self, begin: int, end: int) -> bytes:
        """Fetch some bytes of the file, fewer where it ends before."""
        whole: bytes | None = look_up(("contents", self.address))
        if whole is not None:
            return whole[begin:end]
        part: bytes = ask(self.address, lambda store: store.files.cat_file(store.path, start=begin, end=end))
        has_all = len(part) > end - begin or (begin > 0 and len(part) == self.measure())
        return part[begin:end] if has_all else part  # some web servers know no ranges

    def write_bytes(self, contents: bytes) -> int:
        """Write the file by one request, so that it is there whole or not at all; what was there is replaced."""
        ask(self.address, lambda store: store.files.pipe_file(store.path, contents))
        return len(contents)

    def create(self, contents: bytes) -> None:
        """Write the file where there is none, FileExistsError where there is; in one step if the store can do that."""
        ask(self.address, partial(_create, contents=contents))

    def mkdir(self, parents: bool = True, exist_ok: bool = True) -> None:  # noqa: ARG002 - as in pathlib
        """Make the folder, in stores that have any: a bucket is never made."""
        if self.address.partition("://")[0].lower() not in _FOLDERLESS:
            ask(self.address, lambda store: store.files.makedirs(store.path, exist_ok=True))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file."""
        try:
            ask(self.address, lambda store: store.files.rm_file(store.path))
        except FileNotFoundError:
            if not missing_ok:
                raise

    def _mode(self) -> int:
        """Tell a file from a folder; 0 where neither can be seen."""
        try:
            return self.stat().st_mode
        except OSError:
            return 0

    def _fetch(self) -> bytes:
        """Fetch the file: a small one by one request, for without a range s3fs asks for the size first."""
        if self.facts is None or 0 < self.facts.st_size <= _SMALL:
            with suppress(InvalidRangeError):
                contents = self.read_range(0, _SMALL + 1)
                if len(contents) <= _SMALL:
                    return contents
        whole: bytes = ask(self.address, lambda store: store.files.cat_file(store.path))
        return whole

    def _list(self) -> list["RemotePath"]:
        """List the folder, without what else a store names: the folder itself, a web page's links elsewhere."""
        infos, own = ask(self.address, lambda store: (store.files.ls(store.path, detail=True), store.path))
        names = [str(info["name"]).strip("/") for info in infos]
        if names == [own.strip("/")] and infos[0]["type"] != "directory" and infos[0].get("size"):
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        inside = re.compile(re.escape(f"{own.strip('/')}/".lstrip("/")) + r"([^/?]+)")
        matches = (inside.fullmatch(name) for name in names)
        return [self._enter(match[1], info) for match, info in zip(matches, infos, strict=True) if match]

    def _enter(self, name: str, info: Mapping[str, Any]) -> "RemotePath":
        """Go to an entry of which facts are known."""
        return RemotePath(f"{self.address}/{name}", _read_facts(info))


def _create(store: Store, contents: bytes) -> None:
    """Write a file where there is none, in two steps in stores that can't do it in one."""
    try:
        store.files.pipe_file(store.path, contents, mode="create")
    except (TypeError, NotImplementedError):
        if store.files.exists(store.path):
            raise FileExistsError(store.path) from None
        store.files.pipe_file(store.path, contents)


def match_pattern(pattern: RemotePath) -> list[RemotePath]:
    """Find what a pattern stands for.

    Parameters
    ----------
    pattern : RemotePath
        With ``*``, ``?`` or ``[...]`` in its names.

    Returns
    -------
    list of RemotePath
        By name.
    """
    top, rest = pattern, list[str]()
    while _MAGIC & set(top.address) and len(top.parts) > 1:
        top, rest = top.parent, [top.name, *rest]
    found = [top]
    for name in rest:
        found = [entry for folder in found for entry in folder.glob(name) if not entry.name.startswith(".")]
    return sorted(found)


def _read_facts(info: Mapping[str, Any]) -> Facts:
    """Read a store's own words for an entry."""
    is_folder = info.get("type") == "directory" or info.get("mimetype") == "text/html"  # a web archive's index page
    when = next((info[key] for key in _TIMES if info.get(key)), 0)
    seconds = when.timestamp() if isinstance(when, datetime) else when
    return Facts(
        stat.S_IFDIR if is_folder else stat.S_IFREG,
        int(info.get("size") or 0),
        int(seconds * 1e9) if isinstance(seconds, int | float) else 0,
    )
