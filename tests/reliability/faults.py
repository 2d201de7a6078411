"""Faults, and the means to inject them for real: a few in every run of the tests, many where EPOCHSIEVE_SOAK is set."""

import os
import subprocess
import sys
import time

import numpy as np
from astropy.io import fits

from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.methods import open_method
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.store import Existing, read_findings

SOAK = bool(os.environ.get("EPOCHSIEVE_SOAK"))


def times(few, many):
    """Say how often a fault is injected."""
    return many if SOAK else few


def write_objects(folder, objects, epochs=5, side=15):
    """Write small objects, each with a stack: a round source on noise, a streak through every third's second epoch."""
    rng = np.random.default_rng(20240719)
    rows, columns = np.indices((side, side))
    source = 300 * np.exp(-((rows - side // 2) ** 2 + (columns - side // 2) ** 2) / 4.5)
    for number in range(objects):
        place = folder / f"{number:03d}"
        place.mkdir(parents=True)
        cube = source + rng.normal(size=(epochs, side, side))
        if number % 3 == 0:
            cube[1] += 80 * (abs(rows - columns - 3) < 1)
        for epoch, image in enumerate(cube):
            write_image(place / f"{number:03d}_{epoch}.fits", image, 60000.0 + epoch)
        write_image(place / f"{number:03d}_stack.fits", cube.mean(axis=0), 60000.0)
    return folder


def flip(path, rng):
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def tear(path, rng):
    """Cut a file off."""
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def write_image(path, image, mjd):
    """Write an image as a mission would: with its time and its checksums."""
    hdu = fits.PrimaryHDU(image.astype(np.float32))
    hdu.header["MJD-OBS"] = mjd
    hdu.writeto(path, checksum=True)


def start_sieve(images, out, *options):
    """Start the command in a process group of its own."""
    command = [sys.executable, "-m", "epochsieve", "sieve", str(images), "--out", str(out), "--quiet", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def go_on(images, out):
    """Let a run go on to its end in peace."""
    sieve_to_disk(SieveRequest([str(images)], out, open_method("sieve"), existing=Existing.RESUME), Nobody())
    return read_findings(out)


def wait_for_parts(process, out, count):
    """Wait until a run has written so many parts, or has ended; tell whether it has written them."""
    while len(find_parts(out)) < count:
        if process.poll() is not None:
            return False
        time.sleep(0.002)
    return True


def assert_same(findings: Findings, expected: Findings) -> None:
    """Check that findings are the same to the last bit."""
    assert list(findings.columns) == list(expected.columns)
    for name, column in expected.columns.items():
        np.testing.assert_array_equal(findings[name], column, err_msg=name)


class Nobody:
    """Nobody who wants to know how far a run is."""

    def start(self, objects):
        pass

    def advance(self, images, objects=1):
        pass
