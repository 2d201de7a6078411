"""How findings and series show themselves in a notebook: a little HTML, with nothing but NumPy."""

import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from struct import pack
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 10
"""Rows of findings that are shown."""

MOST_IMAGES = 12
"""Images of a series that are shown, evenly spread in time."""

LOWEST, HIGHEST = 1.0, 99.7
"""Percentiles of all pixels above their image's median that are drawn white and black."""

_SHOWN = ("object", "file", "score", "flagged", "reasons", "status")
_CELL = 'style="text-align:left;padding:2px 10px"'


def tabulate_rows(title: str, rows: Iterable[Mapping[str, Any]], rest: int) -> str:
    """Write rows of findings as a small table.

    Parameters
    ----------
    title : str
        One line above it.
    rows : iterable of mapping
        Rows of findings.
    rest : int
        How many more there are.

    Returns
    -------
    str
        HTML.
    """
    head = "".join(f"<th {_CELL}>{name}</th>" for name in _SHOWN)
    body = "".join(f"<tr>{''.join(f'<td {_CELL}>{_write(row[name])}</td>' for name in _SHOWN)}</tr>" for row in rows)
    more = f"<p>and {rest} more</p>" if rest > 0 else ""
    return f"<p><b>{escape(title)}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def draw_images(title: str, images: Mapping[str, NDArray[np.float32]]) -> str:
    """Draw images beside each other, in one stretch.

    Parameters
    ----------
    title : str
        One line above them.
    images : mapping of str to ndarray, shape (height, width)
        Image by name; NaN where data is missing.

    Returns
    -------
    str
        HTML with the images in it, black on white, the first row at the bottom; missing pixels are yellow.
    """
    above = {name: image - _find_level(image) for name, image in images.items()}
    known = np.concatenate([image[np.isfinite(image)] for image in above.values()])
    low, high = np.percentile(known, [LOWEST, HIGHEST]) if known.size else (0.0, 1.0)
    figures = "".join(_draw(name, (image - low) / ((high - low) or 1.0)) for name, image in above.items())
    return f'<p><b>{escape(title)}</b></p><div style="display:flex;flex-wrap:wrap;gap:6px">{figures}</div>'


def choose_evenly(count: int) -> list[int]:
    """Choose at most `MOST_IMAGES` of so many, evenly spread, the first and the last among them."""
    return sorted(set(np.linspace(0, count - 1, min(count, MOST_IMAGES)).round().astype(int).tolist())) if count else []


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Write an image as PNG (ISO/IEC 15948): 8 bit, red, green and blue, not interlaced.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        The first row on top.

    Returns
    -------
    bytes
        The file.
    """
    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    chunks = [(b"IHDR", pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(lines.tobytes()))]
    framed = [pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data)) for kind, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed) + b"\0\0\0\0IEND\xaeB`\x82"


def _draw(name: str, place: NDArray[Any]) -> str:
    """Draw one image, whose values go from 0 to 1."""
    grey = np.round(255 * (1 - np.sqrt(np.clip(np.nan_to_num(place), 0, 1)))).astype(np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=2)
    pixels[~np.isfinite(place)] = (240, 210, 100)
    address = b64encode(encode_png(pixels[::-1])).decode()
    style = "width:96px;image-rendering:pixelated;display:block"
    caption = f'<span style="font-size:11px;overflow-wrap:anywhere">{escape(name)}</span>'
    image = f'<img src="data:image/png;base64,{address}" alt="{escape(name)}" style="{style}">'
    return f'<div style="width:96px">{image}{caption}</div>'


def _find_level(image: NDArray[np.float32]) -> float:
    """Take the median of what is there; 0 where nothing is."""
    there = image[np.isfinite(image)]
    return float(np.median(there)) if there.size else 0.0


def _write(value: Any) -> str:
    """Write a value into a cell."""
    if isinstance(value, bool):
        return "flagged" if value else ""
    return f"{value:.2f}" if isinstance(value, float) else escape(str(value))
