"""The surveys that can be simulated, and how one of their series comes about."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.draws import toss
from epochsieve.simulating.observing import Exposure, Survey, draw_exposures, draw_times
from epochsieve.simulating.point_spread import Array
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.stacking import stack_epochs
from epochsieve.simulating.taking import Frame, draw_kinds, take_frames
from epochsieve.simulating.truth import EpochTruth, SimulatedSeries
from epochsieve.simulating.variability import flicker
from epochsieve.vocabulary.series import CutoutSeries, Epoch

_ALL = (
    Survey(
        "vst", size=51, epochs=54, pixel_arcsec=0.21, fwhm=3.8, noise=3.0, gain=23, noise_scatter=0.3,
        level_scatter=0.3, central_snr=(20, 300), neighbours=4, neighbour_snr=(5, 400),
    ),
    Survey(
        "lsst", size=63, epochs=80, pixel_arcsec=0.2, fwhm=3.7, seeing_scatter=0.2, noise=12.0, gain=1.6,
        central_snr=(8, 80), hosted=0.6, neighbours=6, neighbour_snr=(5, 150), jitter=0.04,
    ),
    Survey(
        "coarse", size=33, epochs=24, pixel_arcsec=1.5, fwhm=1.4, seeing_scatter=0.1, beta=(3, 5), noise=8.0, gain=2.0,
        jitter=0.15, resampled=False, central_snr=(20, 400), hosted=0.3, neighbours=6, neighbour_snr=(5, 300),
        neighbour_galaxies=0.3,
    ),
    Survey(
        "bright", size=51, epochs=60, pixel_arcsec=0.3, fwhm=4.2, seeing_scatter=0.2, ellipticity=0.05, coma=0.04,
        noise=5.0, gain=20.0, jitter=0.08, central_snr=(1500, 8000), neighbours=3, neighbour_snr=(20, 2000),
    ),
)  # fmt: skip

SURVEYS: Mapping[str, Survey] = MappingProxyType({survey.name: survey for survey in _ALL})
"""Every survey, by name."""


def simulate_series(
    survey: Survey,
    rng: Generator,
    *,
    name: str = "object",
    epochs: int | None = None,
    bad_fraction: float | None = None,
    given_stack: bool = True,
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

    Returns
    -------
    SimulatedSeries
        The series, with the truth about each of its epochs.
    """
    scene = draw_scene(survey, rng)
    bad = survey.bad_fraction if bad_fraction is None else bad_fraction
    kinds = draw_kinds(epochs or survey.epochs, bad, survey.harmless_fraction, rng)
    exposures = flicker(draw_exposures(survey, draw_times(len(kinds), rng), rng), rng)
    frames = take_frames(survey, scene, exposures, kinds, rng)
    stack = _stack(frames, exposures, rng) if given_stack else _median(frames)
    stack_file = f"{name}_000_stack.fits" if given_stack else ""
    files = [f"{name}_{number:03d}.fits" for number in range(1, len(frames) + 1)]
    images = tuple(
        Epoch(file, frame.pixels.astype(np.float32), exposure.mjd, exposure.psf.fwhm)
        for file, frame, exposure in zip(files, frames, exposures, strict=True)
    )
    truth = (EpochTruth(file, f.kind, f.kind in DEFECTS, f.power) for file, f in zip(files, frames, strict=True))
    return SimulatedSeries(CutoutSeries(name, stack.astype(np.float32), images, stack_file), tuple(truth))


def _stack(frames: Sequence[Frame], exposures: Sequence[Exposure], rng: Generator) -> Array:
    """Stack the epochs as they are or, for every second object, without their defects."""
    seeing = np.array([exposure.psf.fwhm for exposure in exposures])
    cleaned = toss(rng)
    return stack_epochs([frame.undamaged if cleaned else frame.pixels for frame in frames], seeing)


def _median(frames: Sequence[Frame]) -> Array:
    """Take every pixel's median over the epochs that have it."""
    return np.asarray(np.nanmedian([frame.pixels for frame in frames], axis=0))
