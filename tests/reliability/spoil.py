"""Spoils FITS files in many ways and reads them; run as a script, it says how that went.

Usage: spoil.py FOLDER HOW_MANY, where FOLDER holds whole FITS files. It prints JSON.
"""

import gzip
import io
import json
import random
import resource
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from astropy.io import fits

from epochsieve.reading.fits_images import read_image
from epochsieve.vocabulary.errors import ImageError

BLOCK, CARD = 2880, 80
LONGEST = 60  # seconds, however busy the machine is


def cut(content, rng):
    return content[: rng.randrange(len(content))]


def flip_header(content, rng):
    return flip(content, rng.randrange(BLOCK), rng)


def flip_data(content, rng):
    return flip(content, rng.randrange(BLOCK, BLOCK + 15 * 15 * 4), rng)


def flip(content, place, rng):
    spoilt = bytearray(content)
    spoilt[place] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def overwrite(content, rng):
    begin = rng.randrange(len(content))
    return content[:begin] + rng.randbytes(rng.randrange(1, 400)) + content[begin + 200 :]


def set_card(content, key, value):
    place = content.index(key.ljust(8).encode() + b"=")
    return content[:place] + f"{key:8}= {value:>20}".encode().ljust(CARD) + content[place + CARD :]


def ask_for_absurd_axes(content, rng):
    return set_card(content, "NAXIS", rng.choice([-1, 0, 1, 3, 999, 1000, 10**12, "T", "'2'"]))


def ask_for_terabytes(content, rng):
    return set_card(content, rng.choice(["NAXIS1", "NAXIS2"]), rng.choice([10**9, 10**12, 2**63, -5, 0, 1.5]))


def ask_for_an_odd_type(content, rng):
    return set_card(content, "BITPIX", rng.choice([0, 7, -16, 128, 10**9]))


def lose_the_end(content, rng):
    return content.replace(b"END".ljust(CARD), b"   ".ljust(CARD), 1)


def repeat_keys(content, rng):
    place = content.index(b"END".ljust(CARD))
    begin = CARD * rng.randrange(place // CARD)
    return content[:place] + content[begin : begin + CARD] + content[place : place + BLOCK - CARD] + content[BLOCK:]


def pack_and_cut(content, rng):
    return cut(gzip.compress(content), rng)


def pack_and_flip(content, rng):
    packed = gzip.compress(content)
    return flip(packed, rng.randrange(len(packed)), rng)


def make_a_bomb(content, rng):
    file = io.BytesIO()
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(content)
        for _ in range(1024):
            packed.write(bytes(2**20))
    return file.getvalue()


def compress_tiles_and_flip(content, rng):
    file = io.BytesIO()
    kind = rng.choice(["RICE_1", "GZIP_1", "PLIO_1", "HCOMPRESS_1"])
    with fits.open(io.BytesIO(content)) as hdus:
        image = abs(hdus[0].data).astype("i2")
        fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(image, compression_type=kind)]).writeto(file)
    return flip(file.getvalue(), rng.randrange(BLOCK, len(file.getvalue())), rng)


WAYS = (
    cut,
    flip_header,
    flip_data,
    overwrite,
    ask_for_absurd_axes,
    ask_for_terabytes,
    ask_for_an_odd_type,
    lose_the_end,
    repeat_keys,
    pack_and_cut,
    pack_and_flip,
    compress_tiles_and_flip,
)


def main():
    folder, many = Path(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(20240719)
    whole = [path.read_bytes() for path in sorted(folder.glob("*.fits"))]
    spoilt = folder / "spoilt"
    for warm_up in (whole[0], compress_tiles_and_flip(whole[0], rng)):
        read(spoilt, warm_up)
    before, seconds, said = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0.0, Counter()
    for attempt in range(many):
        way = make_a_bomb if attempt == many // 2 else WAYS[attempt % len(WAYS)]
        start = time.perf_counter()
        answer = read(spoilt, way(rng.choice(whole), rng))
        seconds = max(seconds, time.perf_counter() - start)
        said[f"{way.__name__}: {answer}"] += 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"grown_mb": grown, "slowest_seconds": seconds, "said": said}))  # noqa: T201 - a script


def read(path, content):
    path.write_bytes(content)
    signal.alarm(LONGEST)  # ends this process where reading would not end
    try:
        return "read" if read_image(path).pixels.ndim else "nothing"
    except ImageError as error:
        return "refused" if "\n" not in str(error) else "refused in many words"


if __name__ == "__main__":
    main()
