"""All frames, one after the other, each read once: every object on them is cut out."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.reading.files import strip_endings
from epochsieve.reading.frames.catalogue import Catalogue
from epochsieve.reading.frames.chips import Chip, forget_pixels, list_chips, open_chip, open_frame
from epochsieve.reading.frames.cutting import align_piece, cut_piece, make_grid
from epochsieve.reading.frames.objects import CutoutsSource
from epochsieve.reading.frames.placing import place_objects
from epochsieve.reading.frames.scratch import FrameFacts, ScratchWriter
from epochsieve.reading.frames.wcs_cards import keep_cards
from epochsieve.reading.seeing import read_fwhm
from epochsieve.reading.times import read_times
from epochsieve.vocabulary.errors import ImageError, NoSeriesError
from epochsieve.vocabulary.settings import CutSettings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class CutSurvey:
    """What came of cutting.

    Attributes
    ----------
    sources : tuple of CutoutsSource
        Objects that lie on a frame, in the catalogue's order.
    off : tuple of str
        Names of those that lie on none.
    wrong : dict of str to str
        Frames of which something could not be read, and what.
    frames, cutouts : int
        How many.
    complaints : Counter
        Kinds of warnings.
    """

    sources: tuple[CutoutsSource, ...]
    off: tuple[str, ...]
    wrong: dict[str, str]
    frames: int
    cutouts: int
    complaints: Counter[str] = field(default_factory=Counter)


def cut_frames(
    frames: Sequence[Path],
    catalogue: Catalogue,
    settings: CutSettings,
    scratch: Path,
    report: Callable[[int], object],
) -> CutSurvey:
    """Cut all objects out of all frames.

    Parameters
    ----------
    frames : sequence of Path
        FITS files, each an epoch: a chip, or a mosaic with a WCS for each chip.
    catalogue : Catalogue
        The objects.
    settings : CutSettings
        How large, whether aligned, and which HDUs.
    scratch : Path
        An empty folder for the cutouts; sources need it for as long as they are read.
    report : callable
        Told after each frame how many cutouts it gave.

    Returns
    -------
    CutSurvey
        Memory holds one chip at a time, and not as much where files are not compressed.

    Raises
    ------
    NoSeriesError
        Where no object lies on any frame.
    """
    cutter = _Cutter(catalogue, settings, ScratchWriter(scratch, settings.size, bool(settings.reading.weight_hdu)))
    for path, file in zip(frames, name_epochs(frames), strict=True):
        report(cutter.cut(path, file))
    found = cutter.writer.close()
    if not len(found):
        why = "; ".join(f"{file}: {what}" for file, what in list(cutter.wrong.items())[:2])
        raise NoSeriesError(
            f"none of {len(catalogue)} objects lies on any of {len(frames)} frames" + (f" ({why})" if why else "")
        )
    if len(cutter.filters) > 1:
        _log.warning("frames of several filters: %s; a series should be of one", ", ".join(sorted(cutter.filters)))
    sources = tuple(CutoutsSource(scratch, int(number), catalogue.names[number]) for number in found)
    on = set(found.tolist())
    off = tuple(name for number, name in enumerate(catalogue.names) if number not in on)
    return CutSurvey(sources, off, cutter.wrong, len(frames), cutter.cutouts, cutter.complaints)


def name_epochs(frames: Sequence[Path]) -> list[str]:
    """Name an epoch after each frame.

    Parameters
    ----------
    frames : sequence of Path
        Files, no two the same.

    Returns
    -------
    list of str
        The file's name, ending in .fits; after the name of its folder where frames in several are called the same.
    """
    names = [f"{strip_endings(path.name)}.fits" for path in frames]
    uses = Counter(names)
    named = [f"{path.parent.name}_{name}" if uses[name] > 1 else name for path, name in zip(frames, names, strict=True)]
    again = Counter(named)
    return [f"{i:05d}_{name}" if again[name] > 1 else name for i, name in enumerate(named)]


class _Cutter:
    """Goes from frame to frame."""

    def __init__(self, catalogue: Catalogue, settings: CutSettings, writer: ScratchWriter) -> None:
        self.writer, self.cutouts = writer, 0
        self.wrong: dict[str, str] = {}
        self.filters: set[str] = set()
        self.complaints: Counter[str] = Counter()
        self._catalogue, self._settings = catalogue, settings
        self._scale = 0.0

    def cut(self, path: Path, file: str) -> int:
        """Cut all objects out of one frame; what can't be read of it is told of."""
        facts = FrameFacts(file, str(path.resolve()), {}, {}, {})
        wrong: list[str] = []
        try:
            with open_frame(path, self.complaints) as hdus:
                for number in list_chips(hdus, self._settings.reading):
                    self._try_chip(hdus, number, path, facts, wrong)
        except ImageError as error:
            wrong.append(str(error))
        if wrong:
            self.wrong[file] = "; ".join(wrong)
            _log.warning("%s: %s", path, self.wrong[file])
        count = self.writer.end_frame(FrameFacts(**{**vars(facts), "wrong": self.wrong.get(file, "")}))
        self.cutouts += count
        return count

    def _try_chip(self, hdus: Any, number: int, path: Path, facts: FrameFacts, wrong: list[str]) -> None:
        """Cut all objects out of one chip; a broken one costs itself alone."""
        try:
            chip = open_chip(hdus, number, self._settings.reading, path)
            self._cut_chip(chip, facts)
        except ImageError as error:
            wrong.append(str(error))
        finally:
            forget_pixels(hdus)

    def _cut_chip(self, chip: Chip, facts: FrameFacts) -> None:
        """Cut all objects out of one chip."""
        facts.mjd[chip.name] = read_times(chip.look_up, self._settings.reading.time_key)[0]
        facts.fwhm[chip.name] = read_fwhm(chip.look_up)
        facts.cards[chip.name] = keep_cards(chip)
        self.filters.update(str(value) for value in [chip.look_up("FILTER").value] if value)
        for name in (self._settings.reading.mask_hdu, self._settings.reading.weight_hdu):
            absent = chip.mask is None if name == self._settings.reading.mask_hdu else chip.weights is None
            self.complaints.update([f"no HDU {name}"] if name and absent else [])
        places = place_objects(chip.wcs, chip.stored.shape, self._catalogue)
        for number, x, y in zip(places.numbers.tolist(), places.x.tolist(), places.y.tolist(), strict=True):
            cutout = self._cut_object(chip, number, x, y)
            if np.isfinite(cutout.pixels).any():
                self.writer.add(number, chip.name, cutout)

    def _cut_object(self, chip: Chip, number: int, x: float, y: float) -> Any:
        """Cut one object out, on the chip's pixels or on its own."""
        size = self._settings.size
        if not self._settings.align:
            return cut_piece(chip, x, y, size)
        if not self._scale:
            from astropy.wcs.utils import proj_plane_pixel_scales

            self._scale = float(np.mean(proj_plane_pixel_scales(chip.wcs)))
        grid = make_grid(float(self._catalogue.ra[number]), float(self._catalogue.dec[number]), self._scale, size)
        return align_piece(chip, x, y, grid, size)
