"""What a real series tells of its epochs: levels, noise, seeing, and what each should look like."""

from dataclasses import dataclass
from math import isfinite

import numpy as np
from scipy.ndimage import gaussian_filter

from epochsieve.simulating.damage import View
from epochsieve.simulating.point_spread import Array, Grid, Moffat
from epochsieve.simulating.retaking import RealFrame
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage

_FEWEST = 4
_LIKE_SHARE, _MOST_LIKE = 5, 12
_LARGEST_WHOLE = 65535.0
_PIXEL_FWHM = 0.68
# Times the noise's variance, averaged over a star: more is a misfit.
_CERTAIN = 2.0


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A series' usable epochs, squared and without gaps, as a measure for each of them.

    Attributes
    ----------
    cube : ndarray, shape (usable epochs, size, size)
        Images, image units; gaps are filled with the median epoch, oblong cutouts with mirrored pixels.
    fwhm : float
        Width of the central source in the median epoch, pixels.
    tolerance : float
        How far the central source strays, three standard deviations, pixels.
    whole : bool
        Whether all pixels are whole numbers.
    """

    cube: Array
    fwhm: float
    tolerance: float
    whole: bool

    @property
    def size(self) -> int:
        """Side of the squared cutouts, pixels."""
        return int(self.cube.shape[1])

    def frame(self, epoch: Epoch) -> RealFrame:
        """Measure an epoch: its noise against those most like it, the sky's level as its darkest fifth."""
        pixels = _fill(_square(epoch), np.median(self.cube, axis=0))
        mean = self._expect(pixels)
        noise = max(_spread(pixels - mean), 1e-6 * float(np.ptp(mean)), 1e-12)
        mean = _follow(pixels, mean, noise, self.fwhm)
        sky = float(np.percentile(mean, 20))
        # A sky that was not subtracted is what makes the noise, and so it tells the gain.
        gain = sky / noise**2 if sky > 5 * noise else np.inf
        return RealFrame(pixels, mean, sky, noise, gain)

    def view(self, epoch: Epoch, frame: RealFrame) -> View:
        """Show an epoch to a defect; its point spread is a Moffat of the header's width, or of the series'."""
        seeing = float(np.sqrt(max(epoch.fwhm**2 - _PIXEL_FWHM**2, 1))) if isfinite(epoch.fwhm) else self.fwhm
        return View(
            frame.mean,
            frame.expectation.sigma,
            frame.sky,
            Moffat(seeing),
            Grid(self.size, max(8, self.size // 5), 3),
            tolerance=self.tolerance,
            saturation=_LARGEST_WHOLE if self.whole else np.inf,
        )

    def cut_source(self, view: View) -> Array:
        """Cut the central source out of an epoch's expectation, above its surroundings, with a soft rim."""
        rows, columns = view.axes()
        radius = np.hypot(rows - view.middle, columns - view.middle) / min(view.fwhm, view.size / 7)
        ring = (radius > 2.5) & (radius < 4)  # noqa: PLR2004 - in widths of a star, outside the window below
        window = 0.5 + 0.5 * np.cos(np.pi * np.clip((radius - 1.5) / 1.5, 0, 1))
        return np.asarray(window * np.clip(view.expected - np.percentile(view.expected[ring], 30), 0, None))

    def write(self, pixels: Array, epoch: Epoch) -> FloatImage:
        """Give an image the shape, the gaps and the kind of numbers of the epoch it came from."""
        assert epoch.pixels is not None
        height, width = epoch.pixels.shape
        image = np.where(np.isnan(epoch.pixels), np.nan, pixels[:height, :width])
        if self.whole:
            image = np.clip(np.round(image), 0, _LARGEST_WHOLE)
        return image.astype(np.float32)

    def _expect(self, pixels: Array) -> Array:
        """Average the epochs most like one, each brought to its level and scale by a straight line."""
        shapes = self.cube - self.cube.mean(axis=(1, 2), keepdims=True)
        shape = pixels - pixels.mean()
        slopes = np.sum(shapes * shape, axis=(1, 2)) / np.maximum(np.sum(shapes**2, axis=(1, 2)), 1e-30)
        misfits = np.median(np.abs(slopes[:, None, None] * shapes - shape), axis=(1, 2))
        # The epoch itself fits best of all.
        like = np.argsort(misfits)[1 : 1 + min(max(len(shapes) // _LIKE_SHARE, _FEWEST - 1), _MOST_LIKE)]
        return np.asarray(np.mean([_fit_line(self.cube[place], pixels) for place in like], axis=0))


def measure_surroundings(series: CutoutSeries) -> Surroundings:
    """Measure what a series' epochs have in common.

    Parameters
    ----------
    series : CutoutSeries
        Four or more usable epochs.

    Returns
    -------
    Surroundings
        The yardstick for each epoch.

    Raises
    ------
    NoSeriesError
        Where there are fewer usable epochs.
    """
    images = [_square(epoch) for epoch in series.epochs if epoch.usable]
    if len(images) < _FEWEST:
        raise NoSeriesError(f"{series.name}: {len(images)} usable epochs are too few to inject defects into")
    median = np.nan_to_num(np.nanmedian(images, axis=0))
    cube = np.stack([_fill(image, median) for image in images])
    width = _measure_width(median)
    return Surroundings(cube, width, _measure_straying(cube, width), bool(np.all(cube == np.round(cube))))


def _square(epoch: Epoch) -> Array:
    """Make an image square, mirroring its last columns or rows."""
    assert epoch.pixels is not None
    size = max(epoch.pixels.shape)
    missing = [(0, size - side) for side in epoch.pixels.shape]
    return np.asarray(np.pad(epoch.pixels.astype(float), missing, mode="symmetric"))


def _fill(image: Array, median: Array) -> Array:
    """Fill an image's gaps from the median epoch, at the image's level."""
    level = np.nanmedian(image - median) if np.isfinite(image).any() else 0.0
    return np.where(np.isnan(image), median + level, image)


def _fit_line(other: Array, pixels: Array) -> Array:
    """Bring an image to another's level and scale, by least squares without the outermost deviants."""
    distance = np.abs(pixels - other - np.median(pixels - other))
    kept = distance <= np.percentile(distance, 98)
    x, y = other[kept], pixels[kept]
    slope = np.mean((x - x.mean()) * (y - y.mean())) / max(float(x.var()), 1e-30)
    return np.asarray(y.mean() + slope * (other - x.mean()))


def _follow(pixels: Array, mean: Array, noise: float, width: float) -> Array:
    """Let an expectation follow the epoch where it misses by more than noise, as in the cores of bright stars."""
    missed = pixels - mean
    power = gaussian_filter(missed**2, max(width / 2, 1.0)) / noise**2
    return np.asarray(mean + missed * np.clip(1 - _CERTAIN / np.maximum(power, _CERTAIN), 0, 1))


def _spread(values: Array) -> float:
    """Measure a standard deviation robustly."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _measure_width(median: Array) -> float:
    """Measure the central source's full width at half maximum as the diameter of what is above that."""
    size = len(median)
    rows, columns = np.indices(median.shape) - (size - 1) / 2
    near = np.hypot(rows, columns) < max(size / 6, 2)
    light = median - np.percentile(median, 20)
    area = np.sum(near & (light > light[near].max() / 2))
    return float(np.sqrt(max(4 * area / np.pi - _PIXEL_FWHM**2, 1)))


def _measure_straying(cube: Array, width: float) -> float:
    """Measure how far the central source's centroid strays, pixels."""
    size = cube.shape[1]
    rows, columns = np.indices(cube.shape[1:]) - (size - 1) / 2
    near = np.hypot(rows, columns) < max(1.5 * width, 2)
    light = np.clip(cube - np.percentile(cube, 30, axis=(1, 2), keepdims=True), 0, None) * near
    total = np.maximum(light.sum(axis=(1, 2)), 1e-30)
    strays = [_spread((light * axis).sum(axis=(1, 2)) / total) for axis in (rows, columns)]
    return float(np.clip(3 * max(strays), 0.1, size / 10))
