"""Alert packets as ZTF sends them: Avro, with gzipped FITS stamps. Packets of one object in one band are a series."""

import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Any

import numpy as np

from epochsieve.places.ahead import fetch_ahead
from epochsieve.places.place import Place
from epochsieve.reading.contents import read_contents, sum_up_error, unpack
from epochsieve.reading.files import make_series, mind_errors
from epochsieve.reading.fits_images import parse_image
from epochsieve.reading.headers import to_number
from epochsieve.reading.heads import Head
from epochsieve.reading.times import to_mjd
from epochsieve.vocabulary.errors import EpochsieveError, ImageError, InputError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import ReadSettings

STAMPS = ("science", "difference")
"""Which stamps can be the epochs; the template is the stack."""

_MAGIC = b"Obj\x01"
_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST_FILE = 2**26
_LARGEST_PACKED = 2**20  # deflate packs a thousandfold at most, and the library unpacks without a limit
_LARGEST_STAMP = 2**24
_BANDS = {1: "g", 2: "r", 3: "i"}  # ZTF's fid


@dataclass(frozen=True)
class AlertSource:
    """The packets of one object in one band.

    Attributes
    ----------
    files : tuple of Path or RemotePath
        Packets, by name, all in one folder.
    name : str
        The object's name; empty where the files' packets can't be read.
    settings : ReadSettings
        Which stamp.
    """

    files: tuple[Place, ...]
    name: str
    settings: ReadSettings

    @property
    def parts(self) -> tuple[str, ...]:
        """The object's name, after the folders that its packets are in; without a name, the file's."""
        return (*self.files[0].parent.parts, self.name or self.files[0].name)

    @property
    def origin(self) -> str:
        """The folder's path; that of a file whose packets can't be read."""
        return str((self.files[0].parent if self.name else self.files[0]).resolve())

    def list_images(self) -> Sequence[str]:
        """Name the packets' files."""
        return [path.name for path in self.files]

    def take_fingerprint(self) -> str:
        """Join the names of first and last file and the number of packets; packets never change once they are sent."""
        return f"{self.files[0].name}..{self.files[-1].name} {len(self.files)}"

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        """Read the series."""
        with mind_errors(Counter() if complaints is None else complaints):
            return _read_series(self)


def is_alert(head: Head) -> bool:
    """Tell an Avro file by its first bytes.

    Parameters
    ----------
    head : Head
        A file's beginning.

    Returns
    -------
    bool
        Whether it is one that speaks of cutouts.
    """
    return head.contents.startswith(_MAGIC) and b"cutoutScience" in head.contents


def open_alerts(paths: Sequence[Place], settings: ReadSettings) -> list[AlertSource]:
    """Sort packets by object and band.

    Parameters
    ----------
    paths : sequence of Path or RemotePath
        Avro files of one folder, with a packet each or several.
    settings : ReadSettings
        `hdu` says which stamp: ``"science"``, the default, or ``"difference"``.

    Returns
    -------
    list of AlertSource
        By name; a file that can't be read is a source of its own.

    Raises
    ------
    InputError
        Where there is no such stamp, or fastavro is missing.
    """
    _choose_stamp(settings)
    _import_reader()
    grouped: dict[str, list[Place]] = defaultdict(list)
    broken = []
    for path, fetch in _fetch(sorted(paths)):
        try:
            with mind_errors(Counter()):
                for name in dict.fromkeys(map(_name_object, _read_packets(fetch()))):
                    grouped[name].append(path)
        except EpochsieveError:
            broken.append(path)
    named = [AlertSource(tuple(grouped[name]), name, settings) for name in sorted(grouped)]
    return named + [AlertSource((path,), "", settings) for path in broken]


def _read_series(source: AlertSource) -> CutoutSeries:
    """Read the packets of one object: their stamps as epochs, the latest template as stack."""
    epochs: list[Epoch] = []
    templates: list[tuple[float, FloatImage]] = []
    for path, fetch in _fetch(source.files):
        try:
            packets = [packet for packet in _read_packets(fetch()) if _name_object(packet) == source.name]
        except ImageError as error:
            if not source.name:
                raise
            epochs.append(Epoch(path.name, None, status=f"unreadable: {error}"))
            continue
        for packet in packets:
            file = path.name if len(packets) == 1 else f"{path.name}:{packet.get('candid')}"
            epochs.append(_make_epoch(file, packet, _choose_stamp(source.settings)))
            templates.extend(_find_template(packet, epochs[-1].mjd))
    stack = max(templates, key=lambda each: each[0])[1] if templates else None
    stack = stack if source.settings.stack == "auto" else None
    return make_series(source.parts[-1], epochs, source.settings.stack, stack, source.origin)


def _make_epoch(file: str, packet: Mapping[str, Any], stamp: str) -> Epoch:
    """Make an epoch of one packet; a stamp that is broken is its status."""
    candidate = packet.get("candidate") or {}
    mjd, fwhm = to_mjd(candidate.get("jd")), to_number(candidate.get("fwhm"))
    try:
        pixels = _read_stamp(packet, stamp)
    except ImageError as error:
        return Epoch(file, None, mjd, status=f"unreadable: {error}")
    return Epoch(file, pixels, mjd, fwhm if fwhm > 0 else nan)


def _find_template(packet: Mapping[str, Any], mjd: float) -> Iterator[tuple[float, FloatImage]]:
    """Yield a packet's template with its time, where it has one with any data."""
    try:
        template = _read_stamp(packet, "template")
    except ImageError:
        return
    if np.isfinite(template).any():
        yield mjd if mjd == mjd else -np.inf, template  # noqa: PLR0124 - not NaN


def _read_stamp(packet: Mapping[str, Any], stamp: str) -> FloatImage:
    """Read one of a packet's stamps."""
    cutout = packet.get(f"cutout{stamp.capitalize()}")
    data = cutout.get("stampData") if isinstance(cutout, Mapping) else cutout
    if not isinstance(data, bytes) or not data:
        raise ImageError(f"the packet has no {stamp} stamp")
    return parse_image(unpack(data, _LARGEST_STAMP) if data.startswith(_GZIP_MAGIC) else data).pixels


def _fetch(paths: Sequence[Place]) -> Iterator[tuple[Place, Callable[[], bytes]]]:
    """Fetch files of one folder, each when it is asked for, or those of a store ahead of that."""
    return zip(paths, fetch_ahead(partial(read_contents, largest=_LARGEST_FILE), paths, paths[0]), strict=True)


def _read_packets(contents: bytes) -> list[Mapping[str, Any]]:
    """Read all packets of a file; whatever goes wrong in the library is an error of ours."""
    reader = _import_reader()
    try:
        packets = reader(io.BytesIO(contents))
        _check_size(packets.codec, len(contents))
        read = [packet for packet in packets if isinstance(packet, Mapping)]
    except ImageError:
        raise
    except Exception as error:  # a broken file raises anything
        raise ImageError(f"no alert packet: {sum_up_error(error)}") from error
    if not read:
        raise ImageError("no alert packet in it")
    return read


def _check_size(codec: str, size: int) -> None:
    """Refuse a packed file that might unpack to more than memory holds."""
    if codec != "null" and size > _LARGEST_PACKED:
        raise ImageError(f"too large for a packed Avro file: {size} bytes; give each packet a file")


def _name_object(packet: Mapping[str, Any]) -> str:
    """Name a packet's object and band, for images in different bands are no series."""
    name = str(packet.get("objectId") or "").strip()
    if not name:
        raise ImageError("the packet names no object")
    band = (packet.get("candidate") or {}).get("fid")
    return f"{name}_{_BANDS.get(band, band)}" if band else name


def _choose_stamp(settings: ReadSettings) -> str:
    """Read which stamp is wanted."""
    wanted = settings.hdu.lower() or STAMPS[0]
    if wanted not in STAMPS:
        raise InputError(f"alert packets have no stamp {settings.hdu}: choose {' or '.join(STAMPS)}")
    return wanted


def _import_reader() -> Any:
    """Import the library that reads Avro."""
    try:
        from fastavro import reader
    except ImportError as error:
        raise InputError("alert packets need fastavro: python -m pip install 'epochsieve[alerts]'") from error
    return reader
