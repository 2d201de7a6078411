"""Small objects to put into stores, and ways to judge them."""

import os
import subprocess
import sys

import numpy as np
from astropy.io import fits

from epochsieve.pipeline import SeriesWork
from epochsieve.reading.sources import find_sources
from epochsieve.tasks import list_tasks
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.writing.provenance import Provenance


def times(few, many):
    """Say how often a fault is injected."""
    return many if os.environ.get("EPOCHSIEVE_SOAK") else few


def write_objects(folder, objects, epochs=5, side=15):
    """Write objects with a stack each: a round source on noise; one epoch of the second is no image."""
    rng = np.random.default_rng(20240719)
    rows, columns = np.indices((side, side))
    source = 300 * np.exp(-((rows - side // 2) ** 2 + (columns - side // 2) ** 2) / 4.5)
    for number in range(objects):
        place = folder / f"{number:03d}"
        place.mkdir(parents=True)
        cube = source + rng.normal(size=(epochs, side, side))
        cube[1] += 80 * (abs(rows - columns - 3) < 1)
        for epoch, image in enumerate([*cube, cube.mean(axis=0)]):
            hdu = fits.PrimaryHDU(image.astype(np.float32))
            hdu.header["MJD-OBS"] = 60000.0 + epoch
            hdu.writeto(place / f"{number:03d}_{epoch if epoch < epochs else 'stack'}.fits")
    (folder / "001" / "001_3.fits").write_bytes(b"no image")
    return folder


def start_sieve(images, out, *options):
    """Start the command in a process group of its own."""
    command = [sys.executable, "-m", "epochsieve", "sieve", str(images), "--out", str(out), "--quiet", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def look(sources):
    """Look at every source in the way of a run; where it is an address, at everything below it."""
    found = find_sources(sources) if isinstance(sources, str) else sources
    work = SeriesWork(Provenance("1", {}), Look(), _draw_nothing)
    return concatenate_findings([work(task).findings for task in list_tasks(found)])


def assert_same(findings, expected):
    """Check that findings are the same to the last bit."""
    assert list(findings.columns) == list(expected.columns)
    for name, column in expected.columns.items():
        np.testing.assert_array_equal(findings[name], column, err_msg=name)


def _draw_nothing(_findings, _series):
    """Draw it."""


class Look:
    """A method that adds the pixels up: quick, and it sees every change."""

    name = "look"

    def describe(self):
        """State no settings."""
        return {"method": "look"}

    def judge(self, series):
        """Give the sums as scores."""
        sums = [np.nan if epoch.pixels is None else float(epoch.pixels.sum()) for epoch in series.epochs]
        return Findings(
            {
                "object": [series.name] * len(sums),
                "file": [epoch.file for epoch in series.epochs],
                "epoch": np.arange(1, len(sums) + 1),
                "mjd": [epoch.mjd for epoch in series.epochs],
                "score": sums,
                "status": [epoch.status for epoch in series.epochs],
            }
        )


class Nobody:
    """Nobody who wants to know how far a run is."""

    def start(self, objects):
        """Hear it."""

    def advance(self, images, objects=1):
        """Hear it."""
