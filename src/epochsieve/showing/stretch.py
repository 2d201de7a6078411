"""One stretch for all images of a series, so that what looks brighter is brighter."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.series import CutoutSeries, FloatImage

DARKEST_SIGMAS, BRIGHTEST_SIGMAS = -4.0, 8.0
"""Where the stretch starts and the least it reaches up to, in noise sigmas from an image's own level."""

SOFTENING_SIGMAS = 2.0
"""Where linear turns into logarithmic, in noise sigmas."""

RESIDUAL_SIGMAS = (8.0, 25.0)
"""The smallest and the largest half-width of the residual's colour scale."""

MAD_TO_SIGMA = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


@dataclass(frozen=True)
class Stretch:
    """An asinh stretch: linear in the noise, logarithmic in the stars.

    Attributes
    ----------
    softening : float
        Value, image units, where linear turns into logarithmic.
    low, high : float
        Values above an image's own level, image units, that are drawn as 0 and 1.
    """

    softening: float
    low: float
    high: float

    def apply(self, image: FloatImage) -> NDArray[np.float64]:
        """Stretch one image.

        Parameters
        ----------
        image : ndarray of float32, shape (height, width)
            NaN where data is missing.

        Returns
        -------
        ndarray of float64, shape (height, width)
            0 to 1 between the limits, after the image's own level is taken off; NaN stays.
        """
        return self.place(image - measure_level(image))

    def place(self, values: FloatImage | float) -> NDArray[np.float64]:
        """Find where values above an image's level stand between 0 and 1, not clipped."""
        low, high = np.arcsinh(np.array([self.low, self.high]) / self.softening)
        return np.asarray((np.arcsinh(np.asarray(values, np.float64) / self.softening) - low) / (high - low))


def fit_stretch(series: CutoutSeries) -> Stretch:
    """Choose the stretch that suits a series' usable epochs, or its stack where there are none.

    Parameters
    ----------
    series : CutoutSeries
        Images of any scale and level.

    Returns
    -------
    Stretch
        From the 0.5th percentile, at most 4 sigma below the level, to the 99.8th percentile.
    """
    images = list(series.cube) or [series.stack]
    above = np.concatenate([_finite(image - measure_level(image)) for image in images])
    noise = _typical(measure_spread(image) for image in images)
    if not above.size or noise <= 0:
        return Stretch(1.0, -1.0, 1.0)
    lowest, highest = np.percentile(above, [0.5, 99.8])
    low, high = max(lowest, DARKEST_SIGMAS * noise), max(highest, BRIGHTEST_SIGMAS * noise)
    return Stretch(SOFTENING_SIGMAS * noise, float(low), float(high))


def fit_residual_limit(residuals: FloatImage) -> float:
    """Choose the half-width, in sigmas, of a colour scale that all residuals share; half of them stay within it."""
    sizes = [np.abs(_finite(residual)) for residual in residuals]
    extremes = [np.percentile(size, 99.5) for size in sizes if size.size]
    return float(np.clip(np.median(extremes), *RESIDUAL_SIGMAS).round()) if extremes else RESIDUAL_SIGMAS[0]


def measure_level(image: FloatImage) -> float:
    """Take the median of what is there; 0 where nothing is."""
    there = _finite(image)
    return float(np.median(there)) if there.size else 0.0


def measure_spread(image: FloatImage) -> float:
    """Estimate sigma from the median absolute deviation of what is there; NaN where nothing is."""
    there = _finite(image)
    return float(MAD_TO_SIGMA * np.median(np.abs(there - np.median(there)))) if there.size else np.nan


def _typical(spreads: Iterable[float]) -> float:
    """Take the median of the spreads above 0; 0 where there is none."""
    known = [spread for spread in spreads if spread > 0]
    return float(np.median(known)) if known else 0.0


def _finite(values: FloatImage) -> FloatImage:
    """Keep the finite values, as a flat array."""
    return values[np.isfinite(values)]
