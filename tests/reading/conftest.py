"""Files to read: written with astropy, so that what is read was not written by the code under test."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.vocabulary.contracts import SeriesSource
from epochsieve.vocabulary.errors import EpochsieveError

WriteImage = Callable[..., Path]


@pytest.fixture
def write_image(tmp_path: Path) -> WriteImage:
    """Write one image below the test's folder; header values may be (value, comment) pairs."""

    def write(name: str, pixels: Any = None, header: Mapping[str, Any] | None = None) -> Path:
        image = np.arange(20, dtype=np.float32).reshape(4, 5) if pixels is None else pixels
        hdu = fits.PrimaryHDU(image)
        hdu.header.update(header or {})
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        hdu.writeto(path)
        return path

    return write


@pytest.fixture
def spoil(rng: np.random.Generator) -> Callable[[bytes, int], bytes]:
    """Change a few bytes of a file, mostly of its beginning, where the headers are; or cut its end off."""

    def change(contents: bytes, headers_end: int) -> bytes:
        spoilt = bytearray(contents)
        reach = len(spoilt) if rng.random() < 0.3 else min(len(spoilt), headers_end)
        for place in rng.integers(0, reach, rng.integers(1, 8)):
            spoilt[place] = rng.choice(list(b"0123456789-+.'= TFXYZ\xff\x00"))
        return bytes(spoilt[: rng.integers(1, len(spoilt))]) if rng.random() < 0.2 else bytes(spoilt)

    return change


@pytest.fixture
def is_read_or_refused() -> Callable[[SeriesSource], bool]:
    """Read a series: whether it is one, for an error must be ours and in one line."""

    def read(source: SeriesSource) -> bool:
        source.list_images()
        source.take_fingerprint()
        try:
            series = source.read()
        except EpochsieveError as error:
            if not str(error) or "\n" in str(error):
                pytest.fail(f"not one line: {error!r}")
            return False
        return len(series) > 0 and all(epoch.status for epoch in series.epochs)

    return read
