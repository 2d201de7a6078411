"""Images that belong together, made a series: which is the stack, and what is wrong with each."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from math import isfinite

import numpy as np

from epochsieve.reading.fits_images import Image
from epochsieve.reading.stacks import choose_stack, make_median
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage
from epochsieve.vocabulary.settings import ReadSettings

logger = logging.getLogger(__name__)


def assemble_series(
    name: str,
    place: str,
    files: Iterable[tuple[str, Callable[[], Image]]],
    settings: ReadSettings,
    complaints: Counter[str] | None,
) -> CutoutSeries:
    """Read images that belong together, and make a series of them.

    Parameters
    ----------
    name : str
        The object's.
    place : str
        Where they are.
    files : iterable of (str, callable)
        The name of each and what reads it, by name; at least one.
    settings, complaints
        As for `read_series`.

    Returns
    -------
    CutoutSeries
        As from `read_series`.
    """
    counted: Counter[str] = Counter()
    images, spans = _read_images(files, counted)
    if complaints is not None:
        complaints.update(counted)
    elif counted:
        logger.info("%s: %s", place, sum_up_complaints(counted))
    if settings.time_key and not any(isfinite(image.mjd) for image in images):
        logger.info("%s: no header has a time under %s", place, settings.time_key)
    choice = choose_stack(settings.stack, images, spans)
    logger.info("%s: the stack is %s: %s", place, choice.file or "the median of the epochs", choice.reason)
    stack, epochs = _part(images, choice.file)
    if choice.file and stack is None:
        logger.warning("%s: the stack %s is unusable, the median of the epochs stands in for it", place, choice.file)
    return CutoutSeries(
        name=name,
        stack=make_median([epoch.pixels for epoch in epochs if epoch.pixels is not None]) if stack is None else stack,
        epochs=epochs,
        stack_file="" if stack is None else choice.file,
        origin=place,
    )


def sum_up_complaints(complaints: Counter[str]) -> str:
    """Put counted header warnings into one line.

    Parameters
    ----------
    complaints : Counter
        Category to count.

    Returns
    -------
    str
        Most frequent first.
    """
    return "astropy's header warnings: " + ", ".join(
        f"{name} {count} times" for name, count in complaints.most_common()
    )


def _read_images(
    files: Iterable[tuple[str, Callable[[], Image]]], complaints: Counter[str]
) -> tuple[list[Epoch], dict[str, float]]:
    """Read all images, and the days that each spans."""
    epochs, spans = [], {}
    for name, read in files:
        try:
            image = read()
        except ImageError as error:
            epochs.append(Epoch(name, None, status=f"unreadable: {error}"))
            continue
        epochs.append(Epoch(name, image.pixels, image.mjd, image.fwhm, noise=image.noise))
        spans[name] = image.span_days
        complaints.update(image.complaints)
    return epochs, spans


def _part(images: list[Epoch], stack_file: str) -> tuple[FloatImage | None, tuple[Epoch, ...]]:
    """Part the stack, None where there is none or it is unusable, from the epochs; an unusable one is among them."""
    epochs, stack = [], None
    for image in images:
        if image.file != stack_file or image.pixels is None:
            epochs.append(image)
        elif np.isfinite(image.pixels).any():
            stack = image.pixels
        else:
            epochs.append(replace(image, pixels=None, status="unusable: the stack holds no data"))
    return stack, tuple(epochs)
