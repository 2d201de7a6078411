"""Which image of a series is the stack, and a stack for a series that has none."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from math import isfinite

import numpy as np

from epochsieve.vocabulary.series import Epoch, FloatImage

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_STACK_WORDS = {"stack", "stacked", "coadd", "coadded", "mean", "median"}
_SHORTEST_SPAN_DAYS = 1.0  # a stack of one night can't be told from an epoch by its times
_SPAN_RATIO = 10.0  # on VST series 70 for the stack, while an epoch of several nights reaches 100 times its fellows
_FEWEST_AVERAGED = 4  # images: the spread of fewer says nothing
_NOISIEST = 2.0  # of the median noise
_LEAST_PRESENT = 0.8  # of the pixels that the fullest image has
_CLIP = 3.0
_FEWEST_COVERED = 2  # so the stack's nights must also be other images' nights


@dataclass(frozen=True)
class StackChoice:
    """Where the stack comes from.

    Attributes
    ----------
    file : str
        File name; empty for the median of the epochs.
    reason : str
        Why, for the log.
    """

    file: str
    reason: str


def choose_stack(wanted: str, images: Sequence[Epoch], spans: Mapping[str, float]) -> StackChoice:
    """Choose the image that is the stack.

    Parameters
    ----------
    wanted : str
        ``"auto"``, ``"first"``, ``"median"`` or a glob pattern for file names, as in `ReadSettings`.
    images : sequence of Epoch
        All images of the series, by file name, unreadable ones included; at least one.
    spans : mapping of str to float
        File name to the days that the image spans; unknown ones left out or NaN.

    Returns
    -------
    StackChoice
        The only image of a series is an epoch, never a stack.
    """
    files = [image.file for image in images]
    if len(files) == 1:
        return StackChoice("", "there is one image only, and it is kept as an epoch")
    if wanted == "median":
        return StackChoice("", "the median was asked for")
    if wanted == "first":
        return StackChoice(files[0], "first by name")
    if wanted == "auto":
        return _recognise_stack(images, spans)
    matching = [file for file in files if fnmatch(file, wanted)]
    if not matching:
        return StackChoice("", f"no file name matches {wanted}")
    return StackChoice(matching[0], f"first of {len(matching)} file names matching {wanted}")


def make_median(images: Sequence[FloatImage]) -> FloatImage:
    """Stack images by their median, ignoring missing pixels.

    Parameters
    ----------
    images : sequence of ndarray of float32, shape (height, width)
        The commonest shape counts, the first seen of equally common ones; images of another one are left out.

    Returns
    -------
    ndarray of float32, shape (height, width)
        NaN where no image has data; one NaN pixel where there is no image at all.
    """
    if not images:
        return np.full((1, 1), np.nan, np.float32)
    shape = Counter(image.shape for image in images).most_common(1)[0][0]
    ordered = np.sort(np.stack([image for image in images if image.shape == shape]), axis=0)  # NaN come last
    present = np.isfinite(ordered).sum(axis=0, keepdims=True)
    lower, upper = (
        np.take_along_axis(ordered, np.maximum(present - 1, 0) // 2, axis=0)[0],
        np.take_along_axis(ordered, np.minimum(present // 2, len(ordered) - 1), axis=0)[0],
    )
    median: FloatImage = lower / 2 + upper / 2
    return median


def make_robust_mean(images: Sequence[FloatImage]) -> FloatImage:
    """Stack images by the mean of what agrees, for less noise than the median has.

    Images count with their background, measured by their median, taken out and the usual one put in. Those count that
    are mostly there and not much noisier than the others; of their pixels, those within three sigmas of the median.

    Parameters
    ----------
    images : sequence of ndarray of float32, shape (height, width)
        As for `make_median`.

    Returns
    -------
    ndarray of float32, shape (height, width)
        NaN where no image has data.
    """
    median = make_median(images)
    alike = [image for image in images if image.shape == median.shape and np.isfinite(image).any()]
    if len(alike) < _FEWEST_AVERAGED:
        return median
    levels = np.array([np.nanmedian(image) for image in alike], np.float32)
    cube = np.stack(alike) - levels[:, None, None]
    middle = make_median(list(cube))
    departure = np.abs(cube - middle)
    noise = np.array([np.nanmedian(plane) for plane in departure])
    present = np.isfinite(cube).mean(axis=(1, 2))
    good = (noise <= _NOISIEST * np.median(noise)) & (present >= _LEAST_PRESENT * present.max())
    kept = departure <= _CLIP * np.maximum(1.4826 * make_median(list(departure[good])), np.float32(1e-30))
    kept &= good[:, None, None]
    count = kept.sum(axis=0)
    total = np.where(kept, cube, np.float32(0)).sum(axis=0)
    mean = np.where(count > 0, total / np.maximum(count, 1), middle) + np.median(levels)
    return np.asarray(mean, np.float32)


def _recognise_stack(images: Sequence[Epoch], spans: Mapping[str, float]) -> StackChoice:
    """Look for a telling name, then for a telling span of time, else follow the published convention."""
    named = [image.file for image in images if _STACK_WORDS & {word.lower() for word in _WORDS.findall(image.file)}]
    if 0 < len(named) < len(images):
        return StackChoice(named[0], "its name says so")
    longest = max(images, key=lambda image: _span(image, spans))
    if _spans_many_nights(longest, images, spans):
        return StackChoice(longest.file, f"its header spans {_span(longest, spans):.1f} days")
    return StackChoice(images[0].file, "first by name")


def _spans_many_nights(candidate: Epoch, images: Sequence[Epoch], spans: Mapping[str, float]) -> bool:
    """Tell whether an image's exposure lasted over the others' nights, and far longer than theirs."""
    span = _span(candidate, spans)
    others = [image for image in images if image.file != candidate.file]
    covered = sum(abs(image.mjd - candidate.mjd) <= span / 2 for image in others)
    return (
        span > _SHORTEST_SPAN_DAYS
        and span > _SPAN_RATIO * max(_span(image, spans) for image in others)
        and covered >= min(_FEWEST_COVERED, len(others))
    )


def _span(image: Epoch, spans: Mapping[str, float]) -> float:
    """Look an image's span up; unknown ones count as none."""
    span = spans.get(image.file, 0.0)
    return span if isfinite(span) else 0.0
