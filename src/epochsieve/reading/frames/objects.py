"""One object's cutouts out of all frames, as a series."""

from collections import Counter
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.reading.frames.scratch import FrameFacts, Scratch, open_scratch
from epochsieve.reading.planes import to_noise
from epochsieve.reading.stacks import make_robust_mean
from epochsieve.vocabulary.series import CutoutSeries, Epoch

STACK_NAME = "stack"
"""What the stack's file is called, without its ending, after the object's name."""


@dataclass(frozen=True)
class CutoutsSource:
    """An object that was cut out of frames.

    Attributes
    ----------
    scratch : Path
        Where its cutouts are.
    number : int
        Its place in the catalogue.
    name : str
        Its name.
    """

    scratch: Path
    number: int
    name: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The object's name."""
        return (self.name,)

    @property
    def origin(self) -> str:
        """Nowhere: the cutouts are gone after the run."""
        return ""

    def list_images(self) -> list[str]:
        """Name the frames that the object lies on, and those that could not be read."""
        return [epoch for epoch, _ in self._list_epochs(open_scratch(self.scratch))]

    def take_fingerprint(self) -> str:
        """Join the frames' names."""
        return " ".join(self.list_images())

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:  # noqa: ARG002 - counted when it was cut
        """Read the series; a frame that could not be read is an epoch with a status."""
        scratch = open_scratch(self.scratch)
        epochs = tuple(_make_epoch(scratch, *each) for each in self._list_epochs(scratch))
        stack = make_robust_mean([epoch.pixels for epoch in epochs if epoch.pixels is not None])
        return CutoutSeries(self.name, stack, epochs, f"{self.name}_{STACK_NAME}.fits")

    def describe_epochs(self) -> dict[str, dict[str, Any]]:
        """Say where each cutout is from: frame, chip, x and y, and the header cards that are worth keeping."""
        scratch = open_scratch(self.scratch)
        found = {}
        for row in scratch.find(self.number):
            frame = scratch.frames[row["frame"]]
            found[frame.file] = {**row, "path": frame.path, "cards": frame.cards[row["chip"]]}
        return found

    def _list_epochs(self, scratch: Scratch) -> list[tuple[str, Any]]:
        """List the frames with a cutout of this object, or with something wrong, each with the cutout's row."""
        rows = {row["frame"]: row for row in scratch.find(self.number)}
        chosen = (i for i, frame in enumerate(scratch.frames) if i in rows or frame.wrong)
        return [(scratch.frames[i].file, rows.get(i, scratch.frames[i])) for i in chosen]


def _make_epoch(scratch: Scratch, file: str, row: dict[str, Any] | FrameFacts) -> Epoch:
    """Make an epoch of a cutout, or of what was wrong with its frame."""
    if isinstance(row, FrameFacts):
        return Epoch(file, None, next(iter(row.mjd.values()), nan), status=f"unreadable: {row.wrong}")
    frame, chip = scratch.frames[row["frame"]], row["chip"]
    pixels, weights = scratch.take(row["row"])
    epoch = Epoch(file, pixels, frame.mjd[chip], frame.fwhm[chip])
    known = weights is not None and bool(np.isfinite(weights).any())
    return replace(epoch, noise=to_noise(weights)) if known and weights is not None else epoch
