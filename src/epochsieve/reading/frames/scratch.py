"""Cutouts on their way from frames to objects: frames come one after the other, an object needs all of its cutouts.

They are written to a file as they come, and mapped into memory when an object is asked for: memory holds neither.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.frames.cutting import Cutout
from epochsieve.vocabulary.series import FloatImage

_PIXELS, _INDEX, _FRAMES = "pixels.bin", "index.npz", "frames.json"
_KEYS = ("object", "frame", "chip", "x", "y")


@dataclass(frozen=True)
class FrameFacts:
    """What is known of a frame.

    Attributes
    ----------
    file : str
        The epoch's name.
    path : str
        The frame's file.
    mjd, fwhm : dict of str to float
        Mid-exposure and seeing in pixels, by chip.
    cards : dict of str to dict
        Header cards that are worth keeping, by chip.
    wrong : str
        What could not be read of it; empty where nothing was wrong.
    """

    file: str
    path: str
    mjd: dict[str, float]
    fwhm: dict[str, float]
    cards: dict[str, dict[str, Any]]
    wrong: str = ""


class ScratchWriter:
    """Takes cutouts in the order of the frames.

    Parameters
    ----------
    folder : Path
        An empty folder.
    size : int
        The cutouts' side in pixels.
    weighted : bool
        Whether weights are kept.
    """

    def __init__(self, folder: Path, size: int, weighted: bool) -> None:
        self._folder, self._size, self._weighted = folder, size, weighted
        self._file = (folder / _PIXELS).open("wb")
        self._rows: list[tuple[int, int, str, int, int]] = []
        self._frames: list[dict[str, Any]] = []
        self._best: dict[int, tuple[int, int]] = {}

    def add(self, number: int, chip: str, cutout: Cutout) -> None:
        """Take an object's cutout from the frame that comes next; of several, the one with the most data counts."""
        valid = int(np.isfinite(cutout.pixels).sum())
        row = len(self._rows)
        before = self._best.get(number)
        if before is not None and before[1] >= valid:
            return
        if before is not None:
            self._rows[before[0]] = (-1, -1, "", 0, 0)
        self._best[number] = (row, valid)
        self._rows.append((number, len(self._frames), chip, cutout.x, cutout.y))
        planes = (cutout.pixels, cutout.weights) if self._weighted else (cutout.pixels,)
        self._file.writelines(np.ascontiguousarray(plane, np.float32).tobytes() for plane in planes)

    def end_frame(self, facts: FrameFacts) -> int:
        """Say what is known of the frame whose cutouts were added; count them."""
        count, self._best = len(self._best), {}
        self._frames.append(vars(facts))
        return count

    def close(self) -> NDArray[np.int64]:
        """Write the index, and give the numbers of the objects that have cutouts."""
        self._file.close()
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in _KEYS)
        index: dict[str, Any] = {key: np.array(list(column)) for key, column in zip(_KEYS, columns, strict=True)}
        order = np.argsort(index["object"].astype(np.int64), kind="stable")
        np.savez(self._folder / _INDEX, order=order, **{key: column[order] for key, column in index.items()})
        shape = {"size": self._size, "weighted": self._weighted, "rows": len(self._rows)}
        (self._folder / _FRAMES).write_text(json.dumps({**shape, "frames": self._frames}), encoding="utf-8")
        return np.unique(index["object"][index["object"].astype(np.int64) >= 0]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Scratch:
    """What a writer wrote.

    Attributes
    ----------
    frames : tuple of FrameFacts
        In the order in which they were read.
    """

    frames: tuple[FrameFacts, ...]
    _pixels: NDArray[np.float32]
    _index: dict[str, NDArray[Any]]

    def find(self, number: int) -> list[dict[str, Any]]:
        """Find an object's cutouts: frame, chip, x and y of each, and its row."""
        column = self._index["object"]
        low, high = np.searchsorted(column, [number, number + 1])
        return [
            {key: self._index[key][i].item() for key in ("frame", "chip", "x", "y")}
            | {"row": int(self._index["order"][i])}
            for i in range(low, high)
        ]

    def take(self, row: int) -> tuple[FloatImage, FloatImage | None]:
        """Take a cutout's pixels, and its weights where there are any."""
        planes = np.array(self._pixels[row])
        return planes[0], planes[1] if len(planes) > 1 else None


@lru_cache(maxsize=2)
def open_scratch(folder: Path) -> Scratch:
    """Open what a writer wrote; once in a process.

    Parameters
    ----------
    folder : Path
        The writer's folder.

    Returns
    -------
    Scratch
        Pixels stay on disk until they are taken.
    """
    facts = json.loads((folder / _FRAMES).read_text("utf-8"))
    shape = (facts["rows"], 2 if facts["weighted"] else 1, facts["size"], facts["size"])
    pixels = np.memmap(folder / _PIXELS, np.float32, "r", shape=shape) if facts["rows"] else np.empty(shape, np.float32)
    with np.load(folder / _INDEX) as index:
        columns = {key: index[key] for key in index.files}
    return Scratch(tuple(FrameFacts(**frame) for frame in facts["frames"]), pixels, columns)
