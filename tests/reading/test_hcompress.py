import io
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.reading import hcompress
from epochsieve.reading.fits_images import read_image
from epochsieve.reading.hcompress import unpack_apart
from epochsieve.vocabulary.errors import ImageError

needs_forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no forks")


def packed(pixels, **options):
    """Pack an image; it is HDU 1."""
    file = io.BytesIO()
    image = fits.CompImageHDU(pixels, compression_type="HCOMPRESS_1", **options)
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(file)
    return file.getvalue()


PIXELS = np.arange(900, dtype=np.int32).reshape(30, 30)
CONTENTS = packed(PIXELS)


def with_sides(rows, columns):
    """Change the sides that stand in the compressed data, behind their magic number."""
    at = CONTENTS.index(b"\xdd\x99", 5760) + 2
    sides = rows.to_bytes(4, "big") + columns.to_bytes(4, "big")
    return CONTENTS[:at] + sides + CONTENTS[at + len(sides) :]


CRASHING = with_sides(30, 0)


@pytest.mark.parametrize("kind", ["i2", "u2", "i4", "f4"])
def test_what_is_unpacked_apart_is_what_astropy_unpacks(kind, rng):
    contents = packed(rng.normal(1000, 20, (25, 40)).astype(kind))
    with fits.open(io.BytesIO(contents), do_not_scale_image_data=True) as hdus:
        expected = hdus[1].data
        np.testing.assert_array_equal(unpack_apart(contents, 1), expected)
        assert unpack_apart(contents, 1).dtype == expected.dtype


@needs_forks
def test_data_that_crash_the_decoder_cost_their_own_file_alone(tmp_path):
    for name, contents in (("a", CONTENTS), ("b", CRASHING), ("c", CONTENTS)):
        (tmp_path / f"{name}.fits.fz").write_bytes(contents)
    np.testing.assert_array_equal(read_image(tmp_path / "a.fits.fz").pixels, PIXELS)
    with pytest.raises(ImageError, match="broken HCOMPRESS data"):
        read_image(tmp_path / "b.fits.fz")
    np.testing.assert_array_equal(read_image(tmp_path / "c.fits.fz").pixels, PIXELS)


def test_data_that_the_decoder_refuses_say_why():
    with pytest.raises(ImageError, match=r"overflow|allocation|format"):
        unpack_apart(with_sides(2**20, 2**20), 1)


@needs_forks
def test_one_process_serves_many_files():
    pids = set()
    for contents in (CONTENTS, with_sides(2**20, 2**20), CRASHING, CONTENTS):
        with suppress(ImageError):
            unpack_apart(contents, 1)
        pids.add(hcompress._open_unpacker(os.getpid())._process.pid)
    assert len(pids) == 1


@needs_forks
def test_a_process_that_was_killed_is_started_again():
    unpack_apart(CONTENTS, 1)
    os.kill(hcompress._open_unpacker(os.getpid())._process.pid, signal.SIGKILL)
    np.testing.assert_array_equal(unpack_apart(CONTENTS, 1), PIXELS)


def test_threads_take_turns():
    images = [np.full((20, 20), value, np.int32) for value in range(8)]
    files = [packed(image) for image in images]
    unpacked = {}

    def unpack(number):
        unpacked[number] = unpack_apart(files[number], 1)

    threads = [threading.Thread(target=unpack, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, image in enumerate(images):
        np.testing.assert_array_equal(unpacked[number], image)


LIMITED = """
import sys, time
from epochsieve.reading import hcompress_child

def wait(contents, number):
    time.sleep(60)

def fill(contents, number):
    try:
        return bytes(2**36)
    except MemoryError:
        return b"-no memory"

hcompress_child._unpack = {"wait": wait, "fill": fill}[sys.argv[1]]
print(hcompress_child._unpack_in_fork(b"", 1, seconds=int(sys.argv[2]), space=2**34).decode())
"""


@needs_forks
@pytest.mark.parametrize(
    ("work", "seconds", "answer"), [("wait", 1, "-broken HCOMPRESS data: no end to it"), ("fill", 60, "-no memory")]
)
def test_data_without_an_end_in_time_or_memory_are_given_up(work, seconds, answer):
    command = [sys.executable, "-c", LIMITED, work, str(seconds)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == answer


USER = """
import sys
from epochsieve.reading.hcompress import unpack_apart
from pathlib import Path
unpack_apart(Path(sys.argv[1]).read_bytes(), 1)
import os
from epochsieve.reading import hcompress
print(hcompress._open_unpacker(os.getpid())._process.pid, flush=True)
os.kill(os.getpid(), int(sys.argv[2])) if int(sys.argv[2]) else None
"""


@needs_forks
@pytest.mark.parametrize("ending", [0, signal.SIGKILL])
def test_the_process_ends_with_the_one_that_started_it(tmp_path, ending):
    (tmp_path / "a.fits.fz").write_bytes(CONTENTS)
    command = [sys.executable, "-c", USER, str(tmp_path / "a.fits.fz"), str(int(ending))]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert is_gone(int(told.stdout)), told.stderr


def is_gone(pid):
    """Wait until a process has ended."""
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if is_zombie(pid):  # ended, but nobody has asked how
            return True
        time.sleep(0.02)
    return False


def is_zombie(pid):
    """Tell from the process table, where there is one to read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
