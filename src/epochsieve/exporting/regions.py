"""Places of defects as a DS9 region file."""

from collections.abc import Iterator

import numpy as np

from epochsieve.vocabulary.findings import Findings

RADIUS = 4
"""Of a circle around a defect, pixels."""

_HEAD = (
    "# Region file format: DS9 version 4.1",
    "# Places of defects, in pixels of each cutout. Tags are object and file: Region > Groups in DS9 chooses one.",
    "global color=red width=2 select=1",
    "image",
)


def write_regions(findings: Findings) -> str:
    """Write a circle around the worst of every flagged epoch.

    Parameters
    ----------
    findings : Findings
        Any rows; those that are not flagged, or have no place, have no circle.

    Returns
    -------
    str
        The file's text: image coordinates of DS9, whose first pixel is 1.
    """
    return "\n".join([*_HEAD, *_draw(findings)]) + "\n"


def _draw(findings: Findings) -> Iterator[str]:
    """Draw circles one after the other."""
    placed = findings["flagged"] & np.isfinite(findings["x"]) & np.isfinite(findings["y"])
    for row in findings.select(placed).rows():
        place = f"{row['x'] + 1:.2f},{row['y'] + 1:.2f},{RADIUS}"
        text = _quote(f"{row['file']}: {row['reasons']}")
        yield f"circle({place}) # text={text} tag={_quote(row['object'])} tag={_quote(row['file'])}"


def _quote(text: str) -> str:
    """Quote text as region files do; braces in it would end it early."""
    return "{" + text.replace("{", "(").replace("}", ")").replace("\n", " ") + "}"
