"""Files to read: written with astropy, so that what is read was not written by the code under test."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

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
