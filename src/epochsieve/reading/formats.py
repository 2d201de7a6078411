"""The formats of files that hold whole series, each told by its content. A new one is a file and a line here."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from epochsieve.places.place import Place
from epochsieve.reading.alerts import is_alert, open_alerts
from epochsieve.reading.archives import is_archive, open_archives
from epochsieve.reading.cubes import READER as CUBES
from epochsieve.reading.cubes import is_cube
from epochsieve.reading.heads import Head
from epochsieve.reading.parquet.sources import is_parquet, open_parquet
from epochsieve.reading.target_pixels import READER as TARGET_PIXELS
from epochsieve.reading.target_pixels import is_target_pixel_file
from epochsieve.vocabulary.contracts import SeriesSource
from epochsieve.vocabulary.settings import ReadSettings


class Format(NamedTuple):
    """A kind of file that holds one series or more, or a part of one.

    Attributes
    ----------
    name : str
        What users call it.
    recognise : callable
        Tells by a file's head whether it is of this kind; never an error.
    open : callable
        Makes sources of all files of this kind that were found in one folder; a broken one is a source, too, whose
        reading then fails.
    """

    name: str
    recognise: Callable[[Head], bool]
    open: Callable[[Sequence[Place], ReadSettings], Sequence[SeriesSource]]


FORMATS = (
    Format("target pixel file", is_target_pixel_file, TARGET_PIXELS.open),
    Format("FITS cube", is_cube, CUBES.open),
    Format("alert packet", is_alert, open_alerts),
    Format("archive of folders", is_archive, open_archives),
    Format("Parquet table of cutouts", is_parquet, open_parquet),
)
"""All that are known, in the order in which they are asked."""


def recognise(head: Head) -> Format | None:
    """Find the format of a file.

    Parameters
    ----------
    head : Head
        Its beginning.

    Returns
    -------
    Format or None
        None where it is a single image, or nothing that is known.
    """
    return next((kind for kind in FORMATS if kind.recognise(head)), None)
