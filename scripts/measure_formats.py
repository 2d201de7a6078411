#!/usr/bin/env python
"""Measure what the same objects take as folders of FITS, in a tar archive, as cubes and in a Parquet file.

Usage: scripts/measure_formats.py [OBJECTS [FOLDER]]

The survey is a few simulated objects, copied under many names. Reading is timed in a process of its own, in processor
time (others may be busy), the fastest of several turns, which the formats take one after the other.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from astropy.io import fits

from epochsieve.jobs.packing import list_series, pack_series
from epochsieve.reading.sources import find_sources
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.vocabulary.settings import ReadSettings

OBJECTS, ORIGINALS, TURNS = 500, 20, 5


def main() -> None:
    """Write the survey in each format, time reading, and print a table."""
    objects = int((sys.argv[1:] or [OBJECTS])[0])
    with tempfile.TemporaryDirectory(dir=(sys.argv[2:] or [None])[0]) as place:
        written = write_all(Path(place), objects)
        turns = [{name: time_reading(root) for name, root in written.items()} for _ in range(TURNS)]
        best = {name: min((turn[name] for turn in turns), key=lambda each: each["read"]) for name in written}
        slowest = best["folders"]["read"]
        for name, root in written.items():
            files, size = weigh(root)
            read = best[name]["read"]
            print(
                f"{name:8} {files:6} files {size / best[name]['images'] / 1e3:6.1f} kB an image, found in "
                f"{best[name]['find']:.2f} s, read in {1e3 * read / best[name]['images']:.3f} ms an image: "
                f"{slowest / read:.2f} times as fast as folders"
            )


def write_all(place: Path, objects: int) -> dict[str, Path]:
    """Write the objects in every format."""
    originals = list(write_survey(SURVEYS["vst"], ORIGINALS, 1, place / "originals"))
    roots = {name: place / name for name in ("folders", "tar", "cubes", "parquet")}
    for root in roots.values():
        root.mkdir()
    for number in range(objects):
        shutil.copytree(originals[number % ORIGINALS], roots["folders"] / f"{number:04d}")
    with tarfile.open(roots["tar"] / "field.tar", "w") as archive:
        archive.add(roots["folders"], "field")
    for source in find_sources(roots["folders"]):
        write_cube(roots["cubes"] / f"{source.parts[-1]}.fits", source.read())
    tasks = list_series([str(roots["folders"])], ReadSettings())
    pack_series(tasks, roots["parquet"] / "field.parquet", lambda _: None)
    return roots


def write_cube(path: Path, series: CutoutSeries) -> None:
    """Write a series as a cube, with its times and its stack."""
    columns = [
        fits.Column("MJD", "D", array=np.array([epoch.mjd for epoch in series.epochs])),
        fits.Column("FILE", "40A", array=np.array([epoch.file for epoch in series.epochs])),
    ]
    hdus = [
        fits.PrimaryHDU(series.cube),
        fits.BinTableHDU.from_columns(columns),
        fits.ImageHDU(series.stack, name="STACK"),
    ]
    fits.HDUList(hdus).writeto(path)


def weigh(root: Path) -> tuple[int, int]:
    """Count files and their bytes."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def time_reading(root: Path) -> dict[str, float]:
    """Time finding and reading all series in a place, in a fresh process."""
    command = [sys.executable, __file__, "--read", str(root)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    return dict(json.loads(told.stdout))


def read_all(root: str) -> None:
    """Find and read all series, and say how long that took."""
    from collections import Counter
    from time import process_time

    begin = process_time()
    sources = find_sources(root)
    found = process_time()
    images = sum(len(source.read(Counter())) for source in sources)
    print(json.dumps({"find": found - begin, "read": process_time() - found, "images": images}))


if __name__ == "__main__":
    read_all(sys.argv[2]) if sys.argv[1:2] == ["--read"] else main()
