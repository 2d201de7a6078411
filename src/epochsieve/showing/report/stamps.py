"""Images for a page: small PNG files within the HTML, every pixel as it was."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.image import imsave
from numpy.typing import NDArray

from epochsieve.showing.palette import IMAGE_COLORS, MISSING, RESIDUAL_COLORS
from epochsieve.showing.stretch import Stretch
from epochsieve.vocabulary.series import FloatImage

LARGEST = 128
"""Larger images are averaged down to at most so many pixels a side, so that a report's size is bounded."""


def draw_stamp(image: FloatImage, stretch: Stretch) -> str:
    """Draw an image in its series' stretch: a PNG as a data address, the first row at the bottom."""
    return _encode(stretch.apply(shrink(image)), IMAGE_COLORS)


def draw_residual(residual: FloatImage, limit: float) -> str:
    """Draw a residual, in sigmas, around 0 up to a limit."""
    return _encode((shrink(residual) + limit) / (2 * limit), RESIDUAL_COLORS)


def shrink(image: FloatImage) -> FloatImage:
    """Average an image over blocks of pixels where it is larger than `LARGEST`; missing ones do not count.

    Parameters
    ----------
    image : ndarray of float32, shape (height, width)
        NaN where data is missing.

    Returns
    -------
    ndarray of float32
        No side longer than `LARGEST`; rows and columns that fill no block are left out.
    """
    block = -(-max(image.shape) // LARGEST)
    if block == 1:
        return image
    rows, columns = image.shape[0] // block, image.shape[1] // block
    blocks = image[: rows * block, : columns * block].reshape(rows, block, columns, block)
    there = np.isfinite(blocks)
    count = there.sum(axis=(1, 3))
    total = np.where(there, blocks, 0).sum(axis=(1, 3))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _encode(values: NDArray[Any], colours: str) -> str:
    """Colour values from 0 to 1, and write them as a PNG into an address."""
    shown = colormaps[colours](np.clip(np.nan_to_num(values), 0, 1))[..., :3]
    shown[~np.isfinite(values)] = to_rgb(MISSING)
    buffer = BytesIO()
    imsave(buffer, np.round(255 * shown[::-1]).astype(np.uint8), format="png")
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode()
