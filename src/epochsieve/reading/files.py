"""A series in one file: what its reader has in common with those of other formats."""

import hashlib
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from epochsieve.places.place import Place
from epochsieve.reading.contents import sum_up_error
from epochsieve.reading.heads import read_head
from epochsieve.reading.stacks import choose_stack, make_median
from epochsieve.vocabulary.errors import EpochsieveError, ImageError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import ReadSettings

LARGEST_BYTES = 2**31
"""Of a file with a whole series, unpacked: twenty thousand cadences of 100 x 100 px would fit several times."""

_ENDINGS = (".gz", ".fz", ".fits", ".fit", ".fts")


class FileReader(NamedTuple):
    """How files of one format are read; functions of a module, so that it can be pickled.

    Attributes
    ----------
    read : callable
        Makes a series of a file, its warnings counted.
    list_images : callable
        Names the images in a file without reading them.
    """

    read: Callable[[Place, ReadSettings, Counter[str]], CutoutSeries]
    list_images: Callable[[Place, ReadSettings], Sequence[str]]

    def open(self, paths: Sequence[Place], settings: ReadSettings) -> "list[FileSource]":
        """Make a source of each file.

        Parameters
        ----------
        paths : sequence of Path or RemotePath
            Files, each with one object's series.
        settings : ReadSettings
            How they are read.

        Returns
        -------
        list of FileSource
            In the order given.
        """
        return [FileSource(path, settings, self) for path in paths]


@dataclass(frozen=True)
class FileSource:
    """One file with one object's series.

    Attributes
    ----------
    path : Path or RemotePath
        The file.
    settings : ReadSettings
        How it is read.
    reader : FileReader
        Who reads it.
    """

    path: Place
    settings: ReadSettings
    reader: FileReader

    @property
    def parts(self) -> tuple[str, ...]:
        """The file's name without its ending, after the folders that it is in."""
        return (*self.path.parent.parts, strip_endings(self.path.name))

    @property
    def origin(self) -> str:
        """The file's path."""
        return str(self.path.resolve())

    def list_images(self) -> Sequence[str]:
        """Name the images in the file; none where it is broken."""
        try:
            with mind_errors(Counter()):
                return self.reader.list_images(self.path, self.settings)
        except EpochsieveError:
            return []

    def take_fingerprint(self) -> str:
        """Digest the file's size and its beginning, where a header says how many images there are."""
        try:
            size = self.path.stat().st_size
        except OSError:
            size = 0
        return hashlib.sha256(b"%d " % size + read_head(self.path).contents).hexdigest()[:16]

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        """Read the series."""
        with mind_errors(Counter() if complaints is None else complaints) as counted:
            return self.reader.read(self.path, self.settings, counted)


def strip_endings(name: str) -> str:
    """Take the endings of a FITS file's name away, as in ``a.fits.fz``; a name is never all ending."""
    for ending in _ENDINGS:
        name = name[: -len(ending)] if name.lower().endswith(ending) and len(name) > len(ending) else name
    return name


@contextmanager
def mind_errors(complaints: Counter[str]) -> Iterator[Counter[str]]:
    """Count the warnings of other libraries, and make whatever they raise about a broken file an error of ours.

    Parameters
    ----------
    complaints : Counter
        Takes in how often each category of warning was given.

    Yields
    ------
    Counter
        The same.

    Raises
    ------
    ImageError
        For any error that is not ours already.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield complaints
        except EpochsieveError:
            raise
        except Exception as error:  # a broken file raises anything, from KeyError to struct.error
            raise ImageError(sum_up_error(error)) from error
        finally:
            complaints.update(warning.category.__name__ for warning in caught)


def make_series(name: str, images: Sequence[Epoch], wanted: str, given: FloatImage | None, origin: str) -> CutoutSeries:
    """Make a series of all images of a file.

    Parameters
    ----------
    name : str
        The object's name.
    images : sequence of Epoch
        In order, unreadable ones included.
    wanted : str
        Which is the stack, as in `ReadSettings`; ``"auto"`` means that none of them is.
    given : ndarray of float32, shape (height, width), or None
        A stacked image that the file has besides.
    origin : str
        Where they are.

    Returns
    -------
    CutoutSeries
        With the given stack, else the one that is wanted, else the median of the epochs.
    """
    choice = choose_stack("median" if wanted == "auto" else wanted, images, {})
    chosen = next((image for image in images if image.file == choice.file and image.usable), None)
    epochs = tuple(image for image in images if image is not chosen)
    stack = given if chosen is None else chosen.pixels
    if stack is None:
        stack = make_median([epoch.pixels for epoch in epochs if epoch.pixels is not None])
    return CutoutSeries(name, stack, epochs, "" if chosen is None else chosen.file, origin)
