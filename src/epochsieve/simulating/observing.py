"""How a survey looks at the sky: its design, and the conditions of each exposure."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.point_spread import Airy, Array, Grid, Moffat, PointSpread
from epochsieve.simulating.scenes import Star

Range: TypeAlias = tuple[float, float]
"""Smallest and largest."""
_WELL_SAMPLED = 2.0
_REACH = {"bilinear": 1, "lanczos": 3}


@dataclass(frozen=True)
class Survey:
    """A survey's design; image units are whatever its files hold.

    Attributes
    ----------
    name : str
        What users call it.
    size, epochs : int
        Side of the cutouts in pixels, and how many there are of an object.
    pixel_arcsec : float
        Pixel scale, arcsec.
    fwhm : float
        Median full width at half maximum of the point spread, pixels.
    seeing_scatter : float
        Standard deviation of its natural logarithm.
    beta : range
        Of the Moffat exponent, drawn for each object; ``(0, 0)`` for a telescope in space.
    ellipticity, coma : float
        Standard deviation of each component, by epoch.
    trail : range
        Of the ellipticity that tracking adds along the rows, by epoch.
    noise, gain : float
        Background noise per pixel in image units, and electrons per image unit.
    sky, sky_scatter : float
        Sky left in the images, image units, and standard deviation of its natural logarithm.
    level_scatter, tilt_scatter : float
        Standard deviation of the background's error and of its tilt from edge to edge, in units of the noise.
    noise_scatter, transparency_scatter : float
        Standard deviation of the natural logarithms of noise and of transparency.
    jitter, drift : float
        Standard deviation of the misregistration, and largest excursion of a slow drift, pixels.
    drift_cycles : range
        How often the drift starts anew.
    cadence_days : float
        Days from epoch to epoch; 0 for nights scattered over three seasons.
    flat_scatter : float
        Standard deviation of the pixels' sensitivity, the same in all epochs of an object.
    resampling : str
        ``"lanczos"`` or ``"bilinear"`` where images were resampled, so that noise is correlated and detector defects
        are smoothed; empty where not.
    integer : bool
        Whether pixels are whole numbers below 65536, clipped at either end.
    central_snr : range
        Of the central point source's signal-to-noise ratio in the median epoch.
    hosted : float
        Probability that the central point source sits in a galaxy.
    neighbours : float
        Mean number of other sources in the cutout.
    neighbour_snr : range
        Of their signal-to-noise ratios.
    neighbour_galaxies : float
        Probability that one of them is a galaxy.
    galaxy_reach : float
        Largest effective radius of a galaxy as a share of the cutout's side.
    variation : range
        Of the factors by which central sources brighten and fade.
    bad_fraction, harmless_fraction : float
        Shares of the epochs with a defect, and with a brightening, fading or nova.
    foreign_stack : bool
        Whether the stack is another pipeline's: without sky, and on a flux scale of its own.
    """

    name: str
    size: int
    epochs: int
    pixel_arcsec: float
    fwhm: float
    seeing_scatter: float = 0.15
    beta: Range = (2.5, 4.0)
    ellipticity: float = 0.02
    coma: float = 0.02
    trail: Range = (0.0, 0.0)
    noise: float = 1.0
    gain: float = 10.0
    sky: float = 0.0
    sky_scatter: float = 0.0
    level_scatter: float = 0.1
    tilt_scatter: float = 0.05
    noise_scatter: float = 0.2
    transparency_scatter: float = 0.05
    jitter: float = 0.05
    drift: float = 0.0
    drift_cycles: Range = (0.7, 3.3)
    cadence_days: float = 0.0
    flat_scatter: float = 0.0
    resampling: Literal["", "bilinear", "lanczos"] = "lanczos"
    integer: bool = False
    central_snr: Range = (20.0, 300.0)
    hosted: float = 0.5
    neighbours: float = 3.0
    neighbour_snr: Range = (5.0, 300.0)
    neighbour_galaxies: float = 0.5
    galaxy_reach: float = 0.12
    variation: Range = (1.4, 6.0)
    bad_fraction: float = 0.12
    harmless_fraction: float = 0.08
    foreign_stack: bool = False

    @property
    def grid(self) -> Grid:
        """Where this survey's light is drawn: finer where the point spread is undersampled."""
        return Grid(self.size, max(8, self.size // 5), 3 if self.fwhm > _WELL_SAMPLED else 5)

    @property
    def saturation(self) -> float:
        """Largest pixel value, image units."""
        return 65535.0 if self.integer else np.inf

    def point_flux(self, snr: float) -> float:
        """Convert a point source's signal-to-noise ratio to its flux, image units.

        What limits it here is the background alone, in ``4 pi sigma^2`` pixels (King 1983, PASP 95, 163).
        """
        sigma = np.hypot(self.fwhm / 2.355, 0.35)
        return float(snr * self.noise * np.sqrt(4 * np.pi) * sigma)


@dataclass(frozen=True, eq=False)
class Exposure:
    """The conditions of one epoch.

    Attributes
    ----------
    mjd : float
        Mid-exposure time, days.
    psf : Moffat or Airy
        Image of a point.
    shift_y, shift_x : float
        Misregistration, pixels.
    transparency : float
        Factor on the sky's light.
    sky, tilt_y, tilt_x : float
        Background in the middle, and its change from edge to edge, image units.
    noise : float
        Background noise per pixel, image units.
    factor : float
        Central point source in units of its usual flux.
    transients : tuple of Star
        What shines in this epoch only.
    taps : tuple of float
        Resampling kernel along either axis, summing to one.
    response : ndarray, shape (size, size), or float
        Sensitivity of the pixels.
    """

    mjd: float
    psf: PointSpread
    shift_y: float
    shift_x: float
    transparency: float
    sky: float
    tilt_y: float
    tilt_x: float
    noise: float
    factor: float = 1.0
    transients: tuple[Star, ...] = ()
    taps: tuple[float, ...] = (1.0,)
    response: Array | float = 1.0


def draw_times(survey: Survey, epochs: int, rng: Generator) -> Array:
    """Draw the epochs' MJD, ascending: evenly spaced, or in seasons of half a year, unevenly sampled."""
    if survey.cadence_days:
        return 59000 + survey.cadence_days * np.arange(epochs, dtype=float)
    seasons = rng.integers(0, 3, epochs)
    return np.sort(59000 + 365.25 * seasons + rng.uniform(0, 180, epochs))


def draw_exposures(survey: Survey, times: Array, rng: Generator) -> list[Exposure]:
    """Draw the conditions of every epoch, all inside the survey's normal range."""
    beta = rng.uniform(*survey.beta)
    drift = _draw_drift(survey, len(times), rng)
    roll = rng.uniform(0, np.pi / 2)
    response = 1 + rng.normal(0, survey.flat_scatter, (survey.size, survey.size)) if survey.flat_scatter else 1.0
    return [
        replace(_draw_exposure(survey, float(mjd), psf, moved, rng), response=response)
        for mjd, moved in zip(times, drift, strict=True)
        for psf in [_draw_psf(survey, beta, roll, rng)]
    ]


def _draw_drift(survey: Survey, epochs: int, rng: Generator) -> Array:
    """Let the pointing wander slowly and start anew now and then, within the largest excursion."""
    ramp = np.linspace(0, rng.uniform(*survey.drift_cycles), epochs) % 1 - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    return 2 * survey.drift * np.outer(ramp, [np.sin(angle), np.cos(angle)])


def _draw_psf(survey: Survey, beta: float, roll: float, rng: Generator) -> PointSpread:
    """Draw one epoch's point spread; good seeing has a floor, poor seeing a tail that the survey cuts."""
    if survey.beta == (0, 0):
        return Airy(survey.fwhm, roll, focus=rng.normal(0, 0.15), jitter=abs(rng.normal(0.1, 0.02)))
    spread = np.clip(rng.normal(), -2, 2.3) * survey.seeing_scatter
    e1, e2 = rng.normal(0, survey.ellipticity, 2)
    e1 += rng.uniform(*survey.trail) if any(survey.trail) else 0.0
    coma_y, coma_x = rng.normal(0, survey.coma, 2)
    return Moffat(survey.fwhm * float(np.exp(spread)), beta * rng.uniform(0.95, 1.05), e1, e2, coma_y, coma_x)


def _draw_exposure(survey: Survey, mjd: float, psf: PointSpread, drift: Array, rng: Generator) -> Exposure:
    """Draw the rest of one epoch's conditions."""
    sky = survey.sky * float(np.exp(survey.sky_scatter * np.clip(rng.normal(), -2, 2)))
    base = survey.noise * float(np.exp(survey.noise_scatter * np.clip(rng.normal(), -2, 2)))
    # More sky than usual brings more photon noise.
    noise = float(np.sqrt(max(base**2 + (sky - survey.sky) / survey.gain, 0.1 * base**2)))
    shift_y, shift_x = drift + rng.normal(0, survey.jitter, 2)
    tilt = rng.normal(0, survey.tilt_scatter * noise, 2)
    return Exposure(
        mjd,
        psf,
        float(shift_y),
        float(shift_x),
        transparency=float(np.exp(survey.transparency_scatter * np.clip(rng.normal(), -2.5, 1.5))),
        sky=sky + rng.normal(0, survey.level_scatter * noise),
        tilt_y=tilt[0],
        tilt_x=tilt[1],
        noise=noise,
        taps=_draw_taps(survey, rng),
    )


def _draw_taps(survey: Survey, rng: Generator) -> tuple[float, ...]:
    """Sample the resampling's kernel at this epoch's sub-pixel phase."""
    if not survey.resampling:
        return (1.0,)
    reach = _REACH[survey.resampling]
    steps = np.arange(-reach, reach + 1) + rng.uniform(0, 0.5)
    kernel = np.sinc(steps) * np.sinc(steps / reach) if reach > 1 else 1 - np.abs(steps)
    taps = np.where(np.abs(steps) < reach, kernel, 0)
    return tuple((taps / taps.sum()).tolist())
