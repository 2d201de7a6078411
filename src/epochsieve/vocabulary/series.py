"""A series: the cutouts of one object, one per epoch, with a stacked image."""

from dataclasses import dataclass, field, replace
from math import inf, isfinite, nan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.displays import choose_evenly, draw_images
from epochsieve.vocabulary.errors import NoSeriesError

FloatImage: TypeAlias = NDArray[np.float32]
"""An image, or a cube of images: float32, shape (height, width) or (epochs, height, width); NaN is missing data."""

OK = "ok"
"""Status of an epoch whose image can be judged."""


@dataclass(frozen=True, eq=False)
class Epoch:
    """One image of a series.

    Attributes
    ----------
    file : str
        File name without folder: the epoch's name.
    pixels : ndarray of float32, shape (height, width), or None
        NaN where data is missing; None where there is no image that fits the series.
    mjd : float
        Mid-exposure time, modified Julian date in days; NaN where unknown.
    fwhm : float
        Seeing as the header gives it, full width at half maximum in pixels; NaN where unknown.
    status : str
        ``"ok"``, or what was wrong with the file.
    noise : ndarray of float32, shape (height, width), or None
        One-sigma noise of each pixel as the file gives it, in image units; NaN where it doesn't.
    quality : int
        The mission's own flags for this epoch, a bit mask; 0 where there are none.
    """

    file: str
    pixels: FloatImage | None
    mjd: float = nan
    fwhm: float = nan
    status: str = OK
    noise: FloatImage | None = None
    quality: int = 0

    @property
    def usable(self) -> bool:
        """Whether there is an image to judge."""
        return self.pixels is not None and self.status == OK


@dataclass(frozen=True, eq=False)
class CutoutSeries:
    """The aligned cutouts of one object.

    Epochs stand in time order, by file name where a time is missing; an epoch that could not be read is among them,
    with its status, so that none is ever lost.

    Attributes
    ----------
    name : str
        The object's name.
    stack : ndarray of float32, shape (height, width)
        The stacked image; NaN where data is missing.
    epochs : tuple of Epoch
        At least one.
    stack_file : str
        The file the stack came from; empty where it was made from the epochs.
    origin : str
        The folder (or other place) the series was read from; empty where it never was in one.
    """

    name: str
    stack: FloatImage
    epochs: tuple[Epoch, ...]
    stack_file: str = ""
    origin: str = ""
    usable: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check shapes once, so that no room downstream has to."""
        if not self.epochs:
            raise NoSeriesError(f"{self.name}: a series needs at least one epoch")
        epochs = tuple(_fit_to(self.stack.shape, epoch) for epoch in _in_time_order(self.epochs))
        object.__setattr__(self, "epochs", epochs)
        object.__setattr__(self, "usable", np.array([epoch.usable for epoch in epochs]))

    def __len__(self) -> int:
        """Count the epochs, the unusable ones included."""
        return len(self.epochs)

    def _repr_html_(self) -> str:
        """Show the stack and some epochs in a notebook."""
        usable = [epoch for epoch in self.epochs if epoch.usable and epoch.pixels is not None]
        shown = {"stack": self.stack}
        shown |= {
            epoch.file: epoch.pixels for i in choose_evenly(len(usable)) if (epoch := usable[i]).pixels is not None
        }
        left_out = len(self) - len(usable)
        words = f"{self.name}: {len(self)} epochs" + (f", {left_out} unusable" if left_out else "")
        return draw_images(words, shown)

    @property
    def cube(self) -> FloatImage:
        """The usable epochs' images, shape (usable epochs, height, width)."""
        images = [epoch.pixels for epoch in self.epochs if epoch.usable and epoch.pixels is not None]
        return np.stack(images) if images else np.empty((0, *self.stack.shape), np.float32)

    @property
    def noise(self) -> FloatImage | None:
        """The usable epochs' noise, shape (usable epochs, height, width), NaN where unknown; None if all of it is."""
        if not any(map(_has_noise, self.epochs)):
            return None
        unknown = np.full(self.stack.shape, np.nan, np.float32)
        return np.stack([unknown if epoch.noise is None else epoch.noise for epoch in self.epochs if epoch.usable])


def _has_noise(epoch: Epoch) -> bool:
    """Tell whether an epoch says how noisy its pixels are."""
    return epoch.usable and epoch.noise is not None


def _in_time_order(epochs: tuple[Epoch, ...]) -> list[Epoch]:
    """Sort by time where every epoch that can be judged has one (the others last), else by file name."""
    if not all(isfinite(epoch.mjd) for epoch in epochs if epoch.usable):
        return sorted(epochs, key=lambda epoch: epoch.file)
    return sorted(epochs, key=lambda epoch: (epoch.mjd if isfinite(epoch.mjd) else inf, epoch.file))


def _fit_to(shape: tuple[int, ...], epoch: Epoch) -> Epoch:
    """Give an epoch of another shape than the stack's a status instead of an image."""
    planes = {"": epoch.pixels, "its noise plane's ": epoch.noise}
    odd = next((kind for kind, plane in planes.items() if plane is not None and plane.shape != shape), None)
    if epoch.pixels is None or odd is None:
        return epoch
    found, wanted = ("x".join(map(str, s)) for s in (planes[odd].shape, shape))  # type: ignore[union-attr]
    return replace(epoch, pixels=None, noise=None, status=f"{odd}shape {found} differs from the stack's {wanted}")
