"""Objects in Parquet tables as sources."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import escape
from itertools import groupby

import numpy as np

from epochsieve.places.place import Place
from epochsieve.reading.files import make_series, mind_errors
from epochsieve.reading.heads import Head
from epochsieve.reading.parquet.cursors import take_rows
from epochsieve.reading.parquet.datasets import Dataset, Extent, Share, lose, open_files, share_out
from epochsieve.reading.parquet.epochs import make_epochs
from epochsieve.reading.parquet.files import TableFile
from epochsieve.reading.parquet.layouts import OF_OBJECTS, PIXEL_ROLES, SYNONYMS
from epochsieve.reading.parquet.spreading import (
    NAMING,
    Names,
    count_epochs,
    list_marks,
    list_names,
    name_epochs,
    spread,
)
from epochsieve.reading.partitions import find_dataset
from epochsieve.vocabulary.errors import EpochsieveError, ImageError
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.vocabulary.settings import ReadSettings

_MAGIC = b"PAR1"
_EVERYTHING = tuple(sorted({*SYNONYMS, *PIXEL_ROLES} - set(OF_OBJECTS)))
_NOT_DATA = ("_", ".")  # _metadata and the like: what datasets say of their files
_SAMPLES = "data_thumbnail.parquet"  # of HATS catalogues: some of the rows once more


@dataclass(frozen=True, eq=False)
class ParquetSource:
    """One object's rows.

    Attributes
    ----------
    dataset : Dataset
        The files.
    share : Share
        Which rows.
    settings : ReadSettings
        How they are read.
    """

    dataset: Dataset
    share: Share
    settings: ReadSettings

    @property
    def parts(self) -> tuple[str, ...]:
        """The object's name, after the dataset and the folders that this is in; that of a file for nobody's rows."""
        place = self.dataset.place
        if self.share.name:
            is_file = place == self.dataset.files[0].path
            return (*place.parent.parts, place.stem if is_file else place.name, self.share.name)
        return (*place.parts, *self._name_damage())

    @property
    def origin(self) -> str:
        """The path of the file, or of the folder that the files are in: other objects are in the same place."""
        return str(self.dataset.place.resolve())

    def list_images(self) -> Sequence[str]:
        """Name the epochs, in the table's order; by their numbers where the table is damaged."""
        try:
            with mind_errors(Counter()):
                names = self._name_epochs()[0]
        except EpochsieveError:
            return []
        return [file for place, file in enumerate(names.files) if place not in names.stacks]

    def take_fingerprint(self) -> str:
        """Digest the epochs' names."""
        return hashlib.sha256("\n".join(self.list_images()).encode(errors="surrogateescape")).hexdigest()[:16]

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        """Read the series."""
        with mind_errors(Counter() if complaints is None else complaints):
            if self.share.problem:
                raise ImageError(self.share.problem)
            names, counts = self._name_epochs()
            return _make_series(self, names, list(self._read_epochs(names, counts)))

    def _name_damage(self) -> list[str]:
        """Name the row group whose rows are nobody's."""
        return [f"{self.dataset.files[e.file].path.name}:row_group_{e.group}" for e in self._list_extents()[:1]]

    def _list_extents(self) -> list[Extent]:
        """List where the rows are."""
        return [Extent(*extent) for extent in self.share.extents.tolist()]

    def _name_epochs(self) -> tuple[Names, list[int]]:
        """Name all epochs, and count those of each extent; rows that can't be read have no name, and count as one."""
        given: list[str] = []
        marks: list[bool] = []
        counts = []
        for extent in self._list_extents():
            before, file = len(given), self.dataset.files[extent.file]
            taken = take_rows(file, extent.group, _choose_naming(file), extent.start, extent.stop)
            for batch in taken.batches:
                columns, count = spread(batch, file.layout), count_epochs(batch, file.layout)
                given += list_names(columns, count)
                marks += list_marks(columns, count)
            lost = extent.stop - extent.start - sum(batch.num_rows for batch in taken.batches)
            given += [""] * lost
            marks += [False] * lost
            counts.append(len(given) - before)
        return name_epochs(given, marks), counts

    def _read_epochs(self, names: Names, counts: Sequence[int]) -> Iterator[Epoch]:
        """Read all epochs, the stack included; what can't be read is one with a status."""
        done = 0
        for extent, count in zip(self._list_extents(), counts, strict=True):
            end, file = done + count, self.dataset.files[extent.file]
            taken = take_rows(file, extent.group, _EVERYTHING, extent.start, extent.stop)
            for batch in taken.batches:
                begin, done = done, done + count_epochs(batch, file.layout)
                yield from make_epochs(spread(batch, file.layout), names.files[begin:done])
            yield from (Epoch(name, None, status=f"unreadable: {taken.error}") for name in names.files[done:end])
            done = end


def is_parquet(head: Head) -> bool:
    """Tell a Parquet file by its first bytes."""
    return head.contents.startswith(_MAGIC)


def open_parquet(paths: Sequence[Place], settings: ReadSettings) -> list[ParquetSource]:
    """Make a source of each object in some tables.

    Parameters
    ----------
    paths : sequence of Path or RemotePath
        Files. Those of a folder are one dataset: rows of the same name are the same object, in whichever file they are.
    settings : ReadSettings
        How they are read.

    Returns
    -------
    list of ParquetSource
        In the order of their first rows. A file or row group that is damaged is a source, too, whose reading fails.

    Raises
    ------
    InputError
        Where the rows are too mixed.
    """
    tables = sorted(path for path in paths if not path.name.startswith(_NOT_DATA) and path.name != _SAMPLES)
    by_folder = groupby(sorted(tables, key=find_dataset), find_dataset)
    return [source for folder, files in by_folder for source in _open_dataset(folder, list(files), settings)]


def _open_dataset(folder: Place, tables: Sequence[Place], settings: ReadSettings) -> list[ParquetSource]:
    """Make a source of each object in the tables of a folder."""
    files, broken = open_files(tables, settings)
    dataset = Dataset(tables[0] if len(tables) == 1 else folder, tuple(files))
    lost = [ParquetSource(Dataset(path, ()), lose(problem), settings) for path, problem in broken]
    return [ParquetSource(dataset, share, settings) for share in share_out(dataset)] + lost


def _choose_naming(file: TableFile) -> tuple[str, ...]:
    """Choose what is read to name and count epochs: the least that says it."""
    present = file.layout.columns
    return next(roles for roles in (NAMING, ("mjd",), ("image",)) if any(role in present for role in roles))


def _make_series(source: ParquetSource, names: Names, epochs: list[Epoch]) -> CutoutSeries:
    """Make a series of all its epochs, and of the one that is marked as the stack."""
    stacks = sorted(names.stacks)
    for place in names.repeated:
        epochs[place] = _spoil(epochs[place], "unreadable: its name comes twice")
    for place in stacks[1:]:
        epochs[place] = _spoil(epochs[place], "unusable: a second stack")
    wanted = source.settings.stack
    if wanted == "auto" and stacks:
        wanted = escape(epochs[stacks[0]].file)
        epochs[stacks[0]] = _refuse_empty(epochs[stacks[0]])
    return make_series(source.parts[-1], epochs, wanted, None, source.origin)


def _spoil(epoch: Epoch, status: str) -> Epoch:
    """Take an epoch's image away, and say why."""
    return replace(epoch, pixels=None, noise=None, status=status)


def _refuse_empty(stack: Epoch) -> Epoch:
    """Refuse a stack that holds nothing, as of a folder."""
    is_empty = stack.pixels is not None and not np.isfinite(stack.pixels).any()
    return _spoil(stack, "unusable: the stack holds no data") if is_empty else stack
