"""The surveys that can be simulated, and how one of their series comes about."""

from collections.abc import Mapping, Sequence
from math import nan
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from epochsieve.reading.stacks import make_median
from epochsieve.simulating.defects import MISHAPS
from epochsieve.simulating.draws import draw_log, toss
from epochsieve.simulating.observing import Exposure, Survey, draw_exposures, draw_times
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.stacking import stack_epochs
from epochsieve.simulating.taking import Frame, draw_kinds, take_frames
from epochsieve.simulating.truth import EpochTruth, SimulatedSeries
from epochsieve.simulating.variability import flicker
from epochsieve.vocabulary.series import CutoutSeries, Epoch, FloatImage

_LOOKED_AT = (
    # VST/OmegaCAM's COSMOS monitoring: well sampled, background-subtracted, Lanczos-resampled.
    Survey(
        "vst", size=51, epochs=54, pixel_arcsec=0.21, fwhm=3.8, noise=3.0, gain=23, noise_scatter=0.3,
        level_scatter=0.3, central_snr=(20, 300), neighbours=4, neighbour_snr=(5, 400),
    ),
    # The Rubin Observatory's visits, where most sources are faint.
    Survey(
        "lsst", size=63, epochs=80, pixel_arcsec=0.2, fwhm=3.7, seeing_scatter=0.2, noise=12.0, gain=1.6,
        central_snr=(8, 80), hosted=0.6, neighbours=6, neighbour_snr=(5, 150), jitter=0.04,
    ),
    # Pixels wider than the stars: small cutouts, few epochs.
    Survey(
        "coarse", size=33, epochs=24, pixel_arcsec=1.5, fwhm=1.4, seeing_scatter=0.1, beta=(3, 5), noise=8.0, gain=2.0,
        jitter=0.15, flat_scatter=0.005, resampling="", central_snr=(20, 400), hosted=0.3, neighbours=6,
        neighbour_snr=(5, 300), neighbour_galaxies=0.3,
    ),
    # A Schmidt telescope's nightly sweeps: one arcsecond pixels, many epochs, neighbours everywhere.
    Survey(
        "wide", size=63, epochs=90, pixel_arcsec=1.0, fwhm=2.1, seeing_scatter=0.18, ellipticity=0.04, noise=10.0,
        gain=6.0, noise_scatter=0.4, level_scatter=0.5, transparency_scatter=0.1, jitter=0.1, resampling="bilinear",
        central_snr=(15, 500), neighbours=14, neighbour_snr=(5, 600), neighbour_galaxies=0.2,
    ),
    # A telescope above the air: diffraction spikes, and next to nothing that changes.
    Survey(
        "space", size=53, epochs=40, pixel_arcsec=0.1, fwhm=1.8, beta=(0, 0), noise=0.02, gain=400.0,
        noise_scatter=0.05, level_scatter=0.05, transparency_scatter=0.005, jitter=0.02, central_snr=(30, 3000),
        hosted=0.6, neighbours=6, neighbour_snr=(5, 20000),
    ),
    # Raw frames of a one-metre telescope in the bulge: whole numbers, a sky of a thousand counts that follows the Moon,
    # stars upon stars, a frame that wanders, and a stack from elsewhere.
    Survey(
        "raw", size=51, epochs=86, pixel_arcsec=0.31, fwhm=5.0, seeing_scatter=0.13, ellipticity=0.05, coma=0.03,
        noise=38.0, gain=1.0, sky=1200.0, sky_scatter=0.8, noise_scatter=0.03, transparency_scatter=0.15, jitter=0.3,
        drift=0.7, flat_scatter=0.003, resampling="", integer=True, central_snr=(100, 600), hosted=0.0, neighbours=25,
        neighbour_snr=(10, 500), neighbour_galaxies=0.0, foreign_stack=True,
    ),
    # One night with a six-inch telescope: raw, coarse, quantised, drifting.
    Survey(
        "night", size=51, epochs=100, pixel_arcsec=5.2, fwhm=2.4, seeing_scatter=0.08, ellipticity=0.06, coma=0.05,
        noise=1.6, gain=30.0, sky=350.0, sky_scatter=0.01, noise_scatter=0.05, tilt_scatter=0.2, jitter=0.25,
        drift=2.0, drift_cycles=(0.7, 1.5), cadence_days=0.002, flat_scatter=0.0015, resampling="", integer=True,
        central_snr=(100, 600), hosted=0.0, neighbours=35, neighbour_snr=(5, 300), neighbour_galaxies=0.0,
        foreign_stack=True,
    ),
    # The middle of a star cluster.
    Survey(
        "crowded", size=51, epochs=60, pixel_arcsec=0.25, fwhm=3.4, seeing_scatter=0.18, ellipticity=0.03, noise=6.0,
        gain=4.0, jitter=0.08, central_snr=(30, 500), hosted=0.0, neighbours=35, neighbour_snr=(20, 2500),
        neighbour_galaxies=0.0,
    ),
    # A central source so bright that no model of the point spread is good enough.
    Survey(
        "bright", size=51, epochs=60, pixel_arcsec=0.3, fwhm=4.2, seeing_scatter=0.2, ellipticity=0.05, coma=0.04,
        noise=5.0, gain=20.0, jitter=0.08, central_snr=(1500, 8000), neighbours=3, neighbour_snr=(20, 2000),
    ),
    # A central source that a single epoch hardly shows.
    Survey(
        "faint", size=45, epochs=50, pixel_arcsec=0.25, fwhm=3.2, noise=4.0, gain=5.0, level_scatter=0.15,
        central_snr=(3, 12), hosted=0.3, neighbours=2, neighbour_snr=(3, 30),
    ),
    # A planet hunter's target pixels: tiny, undersampled, steady but for the pointing.
    Survey(
        "tiny", size=11, epochs=100, pixel_arcsec=4.0, fwhm=1.5, seeing_scatter=0.01, beta=(2.5, 4), ellipticity=0.01,
        noise=8.0, gain=50.0, sky=1100.0, sky_scatter=0.005, noise_scatter=0.1, transparency_scatter=0.002,
        jitter=0.02, drift=0.3, drift_cycles=(6, 10), cadence_days=0.0204, flat_scatter=0.005, resampling="",
        central_snr=(300, 5000), hosted=0.0, neighbours=3, neighbour_snr=(20, 1000), neighbour_galaxies=0.0,
    ),
    # Ten epochs are all there is.
    Survey(
        "sparse", size=45, epochs=10, pixel_arcsec=0.26, fwhm=3.6, noise=2.0, gain=30.0, central_snr=(20, 300),
        neighbours=4, neighbour_snr=(5, 300), bad_fraction=0.15,
    ),
    # Active nuclei in nearby galaxies that fill the cutout.
    Survey(
        "hosts", size=61, epochs=48, pixel_arcsec=0.3, fwhm=3.3, seeing_scatter=0.18, noise=5.0, gain=8.0,
        central_snr=(40, 600), hosted=1.0, neighbours=6, neighbour_snr=(20, 1500), neighbour_galaxies=0.9,
    ),
    # Near-infrared frames: a bright sky, subtracted badly, and noise that bilinear resampling has smeared.
    Survey(
        "infrared", size=41, epochs=36, pixel_arcsec=0.34, fwhm=2.6, noise=30.0, gain=3.0, noise_scatter=0.35,
        level_scatter=0.6, tilt_scatter=0.3, transparency_scatter=0.08, jitter=0.12, resampling="bilinear",
        central_snr=(10, 200), neighbours=4, neighbour_snr=(5, 200),
    ),
)  # fmt: skip

_HELD_OUT = (
    # Science frames of a wide-field camera, neither resampled nor freed of the sky: tiny, and with outbursts.
    Survey(
        "palomar", size=25, epochs=90, pixel_arcsec=1.01, fwhm=1.9, seeing_scatter=0.22, beta=(2.8, 4.5),
        ellipticity=0.05, noise=8.4, gain=6.2, sky=400.0, sky_scatter=0.5, noise_scatter=0.05,
        transparency_scatter=0.15, jitter=0.18, flat_scatter=0.004, resampling="", central_snr=(6, 150), hosted=0.4,
        neighbours=5, neighbour_snr=(4, 900), neighbour_galaxies=0.35, bad_fraction=0.1, harmless_fraction=0.12,
        variation=(2.0, 20.0),
    ),
    # A four-metre telescope's deep fields: galaxies everywhere, exposures of unlike length.
    Survey(
        "blanco", size=75, epochs=34, pixel_arcsec=0.263, fwhm=3.9, seeing_scatter=0.12, beta=(3, 5), noise=14.0,
        gain=4.0, noise_scatter=0.5, level_scatter=0.2, tilt_scatter=0.1, transparency_scatter=0.04, jitter=0.03,
        central_snr=(6, 60), hosted=0.7, neighbours=16, neighbour_snr=(3, 150), neighbour_galaxies=0.85,
        bad_fraction=0.08, variation=(1.4, 4.0),
    ),
    # A robot that follows up alerts in any weather and tracks poorly; the stack is a larger survey's.
    Survey(
        "robotic", size=37, epochs=48, pixel_arcsec=0.74, fwhm=3.0, seeing_scatter=0.28, ellipticity=0.05, coma=0.06,
        trail=(0.0, 0.2), noise=0.12, gain=90.0, noise_scatter=0.5, level_scatter=0.4, tilt_scatter=0.15,
        transparency_scatter=0.3, jitter=0.3, drift=0.8, resampling="bilinear", central_snr=(30, 1500), hosted=0.2,
        neighbours=8, neighbour_snr=(5, 1500), neighbour_galaxies=0.15, bad_fraction=0.22, harmless_fraction=0.15,
        foreign_stack=True,
    ),
    # An eight-metre telescope on nuclei of bright galaxies, larger than what the sky is measured on.
    Survey(
        "subaru", size=71, epochs=18, pixel_arcsec=0.168, fwhm=4.2, seeing_scatter=0.1, beta=(2.1, 2.7),
        ellipticity=0.015, noise=0.07, gain=350.0, noise_scatter=0.15, level_scatter=0.5, tilt_scatter=0.4,
        jitter=0.025, central_snr=(100, 2500), hosted=1.0, neighbours=8, neighbour_snr=(20, 5000),
        neighbour_galaxies=0.8, galaxy_reach=0.25, bad_fraction=0.1, harmless_fraction=0.1, variation=(1.2, 3.0),
    ),
    # Digitised photographic plates: grain that the scanner smooths, emulsions of unlike speed, trails from guiding.
    Survey(
        "plates", size=41, epochs=28, pixel_arcsec=1.7, fwhm=2.3, seeing_scatter=0.2, beta=(6, 14), ellipticity=0.03,
        coma=0.07, trail=(0.02, 0.12), noise=170.0, gain=0.3, sky=9000.0, sky_scatter=0.15, noise_scatter=0.25,
        level_scatter=0.5, tilt_scatter=0.5, transparency_scatter=0.2, jitter=0.22, flat_scatter=0.002,
        resampling="bilinear", integer=True, central_snr=(15, 250), hosted=0.15, neighbours=11,
        neighbour_snr=(4, 500), neighbour_galaxies=0.25, bad_fraction=0.18, variation=(1.4, 8.0),
    ),
)  # fmt: skip

SURVEYS: Mapping[str, Survey] = MappingProxyType({survey.name: survey for survey in (*_LOOKED_AT, *_HELD_OUT)})
"""Every survey, by name; the held-out ones last."""
HELD_OUT: tuple[str, ...] = tuple(survey.name for survey in _HELD_OUT)
"""Names of the surveys that were made to report on, and that no method was developed with."""
# What the pixel adds, in quadrature: a Gaussian with the standard deviation of a unit square.
_PIXEL_FWHM = 2.355 / np.sqrt(12)


def simulate_series(  # noqa: PLR0913 - one for each thing that may differ
    survey: Survey,
    rng: Generator,
    *,
    name: str = "object",
    epochs: int | None = None,
    bad_fraction: float | None = None,
    given_stack: bool = True,
    recurring: int = 0,
    favoured: Sequence[str] = (),
) -> SimulatedSeries:
    """Simulate the epochs of one object.

    Parameters
    ----------
    survey : Survey
        One of `SURVEYS`, or another.
    rng : Generator
        Source of all randomness.
    name : str, optional
        The object's name.
    epochs : int, optional
        How many, instead of the survey's number.
    bad_fraction : float, optional
        Share of epochs with a defect, instead of the survey's.
    given_stack : bool, optional
        Whether the survey gives a stack of its best epochs (half of the surveys' stacks were cleaned of defects);
        otherwise it is the median of the epochs.
    recurring : int, optional
        How many kinds of defect there are; 0 for all.
    favoured : sequence of str, optional
        Defects that come once more for each time that they are named, where all kinds may come.

    Returns
    -------
    SimulatedSeries
        The series, with the truth about each of its epochs.
    """
    scene = draw_scene(survey, rng)
    bad = survey.bad_fraction if bad_fraction is None else bad_fraction
    count = epochs or survey.epochs
    kinds = draw_kinds(count, bad, survey.harmless_fraction, rng, recurring=recurring, favoured=favoured)
    exposures = flicker(draw_exposures(survey, draw_times(survey, len(kinds), rng), rng), rng)
    frames = take_frames(survey, scene, exposures, kinds, rng)
    files = [f"{name}_{number:03d}.fits" for number in range(1, len(frames) + 1)]
    images = tuple(_write_down(survey, *epoch) for epoch in zip(files, frames, exposures, strict=True))
    truth = (EpochTruth(file, f.kind, f.kind in MISHAPS, f.power) for file, f in zip(files, frames, strict=True))
    if given_stack:
        stack, stack_file = _stack(survey, frames, exposures, rng), f"{name}_000_stack.fits"
    else:
        stack, stack_file = make_median([image.pixels for image in images if image.pixels is not None]), ""
    return SimulatedSeries(CutoutSeries(name, stack, images, stack_file), tuple(truth))


def _write_down(survey: Survey, file: str, frame: Frame, exposure: Exposure) -> Epoch:
    """Make an epoch; raw frames come before anybody has measured their seeing."""
    seeing = nan if survey.sky else float(np.hypot(exposure.psf.fwhm, _PIXEL_FWHM))
    return Epoch(file, frame.pixels.astype(np.float32), exposure.mjd, seeing)


def _stack(survey: Survey, frames: Sequence[Frame], exposures: Sequence[Exposure], rng: Generator) -> FloatImage:
    """Stack the epochs as they are or, for every second object, without their defects."""
    seeing = np.array([exposure.psf.fwhm for exposure in exposures])
    cleaned = toss(rng)
    stack = stack_epochs([frame.undamaged if cleaned else frame.pixels for frame in frames], seeing)
    if survey.foreign_stack:
        stack = (stack - np.nanmedian(stack)) * draw_log(0.4, 2.5, rng)
    return stack.astype(np.float32)
