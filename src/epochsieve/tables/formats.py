"""The formats that tables come in, told by content when read and by name when written."""

from enum import Enum
from pathlib import Path

from epochsieve.vocabulary.errors import InputError, SettingError


class Format(Enum):
    """A table's format; the value is what a user calls it, and the suffix that its files get."""

    CSV = "csv"
    ECSV = "ecsv"
    FITS = "fits"
    VOTABLE = "vot"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".ecsv": Format.ECSV,
    ".fits": Format.FITS,
    ".fit": Format.FITS,
    ".fits.gz": Format.FITS,
    ".vot": Format.VOTABLE,
    ".votable": Format.VOTABLE,
    ".xml": Format.VOTABLE,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
}
_BEGINNINGS = (
    (b"SIMPLE", Format.FITS),
    (b"\x1f\x8b", Format.FITS),
    (b"PAR1", Format.PARQUET),
    (b"# %ECSV", Format.ECSV),
    (b"<?xml", Format.VOTABLE),
    (b"<VOTABLE", Format.VOTABLE),
)
_LOOKED_AT = 512


def name_format(path: Path) -> Format | None:
    """Tell a file's format by its name; None where that says nothing."""
    name = path.name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


def choose_format(text: str) -> Format:
    """Find the format that a user means.

    Raises
    ------
    SettingError
        Where there is no such format.
    """
    kind = name_format(Path(f"table.{text.lower().lstrip('.')}"))
    if kind is None:
        raise SettingError(f"no table format {text!r}: choose {', '.join(kind.value for kind in Format)}")
    return kind


def sniff_format(path: Path) -> Format:
    """Tell a file's format by how it begins; text that is nothing else is CSV.

    Raises
    ------
    InputError
        Where the file can't be read, or is no table of a known format.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(_LOOKED_AT)
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    known = next((kind for magic, kind in _BEGINNINGS if start.startswith(magic)), None)
    if known is None and (b"\0" in beginning or not start):
        raise InputError(f"{path}: not a table of a known format ({', '.join(kind.value for kind in Format)})")
    return known or Format.CSV


def change_suffix(name: str, kind: Format) -> str:
    """Give a file's name the suffix of a format, in the place of the one it has."""
    if name_format(Path(name)) is kind:
        return name
    known = max((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix)), key=len, default="")
    return f"{name[: len(name) - len(known)]}.{kind.value}"
