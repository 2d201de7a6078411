"""Simulated series on disk, as a survey would hand them out: a folder of FITS cutouts per object, and the truth."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.simulating.observing import Survey
from epochsieve.simulating.specimens import InjectedSpecimen
from epochsieve.simulating.surveys import simulate_series
from epochsieve.simulating.truth import SimulatedSeries, write_truth
from epochsieve.vocabulary.series import Epoch, FloatImage

_LARGEST_WHOLE = 65535


def write_series(simulated: SimulatedSeries, root: str | Path) -> Path:
    """Write one object's cutouts; the truth stays apart, see `write_survey` and `write_truth`.

    Parameters
    ----------
    simulated : SimulatedSeries
        The object; epochs without an image are left out, and so is a stack that is no file.
    root : str or Path
        Folder for the object's folder; both are made where they are missing.

    Returns
    -------
    Path
        The object's folder.
    """
    series = simulated.series
    folder = Path(root) / series.name
    folder.mkdir(parents=True, exist_ok=True)
    if series.stack_file:
        _write_image(folder / series.stack_file, series.stack, {"OBJECT": series.name})
    for epoch in series.epochs:
        if epoch.pixels is not None:
            _write_image(folder / epoch.file, epoch.pixels, {"OBJECT": series.name, **_describe(epoch)})
    return folder


def write_survey(survey: Survey, objects: int, seed: int, root: str | Path, **options: Any) -> Iterator[Path]:
    """Simulate and write objects one after the other, and the truth about all of them at the end.

    Parameters
    ----------
    survey : Survey
        One of `SURVEYS`, or another.
    objects : int
        How many; object number n is the same in a longer survey with the same seed.
    seed : int
        Of all randomness.
    root : str or Path
        Folder for the objects' folders and the table `TRUTH_FILE`.
    **options
        Passed on to `simulate_series`: epochs, bad_fraction, given_stack.

    Yields
    ------
    Path
        Each object's folder, as soon as it is there.
    """
    written = []
    for number in range(1, objects + 1):
        rng = np.random.default_rng([seed, number])
        simulated = simulate_series(survey, rng, name=f"{survey.name}{number:04d}", **options)
        written.append(simulated)
        yield write_series(simulated, root)
    write_truth(written, Path(root))


def write_injected(specimens: Iterable[InjectedSpecimen], root: str | Path) -> Iterator[Path]:
    """Inject into real series and write them one after the other, and the truth about all of them at the end.

    Parameters
    ----------
    specimens : iterable of InjectedSpecimen
        The series; see `list_injected`.
    root : str or Path
        Folder for the objects' folders and the table `TRUTH_FILE`.

    Yields
    ------
    Path
        Each object's folder, as soon as it is there. Epochs without an image are in neither place.
    """
    written = []
    for specimen in specimens:
        written.append(_keep_images(specimen.make()))
        yield write_series(written[-1], root)
    write_truth(written, Path(root))


def _keep_images(simulated: SimulatedSeries) -> SimulatedSeries:
    """Leave out the epochs without an image."""
    pairs = zip(simulated.series.epochs, simulated.truth, strict=True)
    epochs, truth = zip(*((epoch, true) for epoch, true in pairs if epoch.pixels is not None), strict=True)
    return SimulatedSeries(replace(simulated.series, epochs=epochs), truth)


def _describe(epoch: Epoch) -> dict[str, Any]:
    """Give the header cards that are known of an epoch."""
    cards = {
        "MJD-AVG": (epoch.mjd, "[d] middle of the exposure"),
        "FWHM": (epoch.fwhm, "[pix] of a point source"),
    }
    return {key: card for key, card in cards.items() if isfinite(card[0])}


def _write_image(path: Path, pixels: FloatImage, cards: dict[str, Any]) -> None:
    """Write one FITS file, as 16-bit integers where all pixels are such numbers."""
    from astropy.io import fits

    whole = bool(np.all((pixels == np.round(pixels)) & (pixels >= 0) & (pixels <= _LARGEST_WHOLE)))
    # A blank frame of a survey with real numbers reads the same either way.
    image = fits.PrimaryHDU(pixels.astype(np.uint16) if whole else pixels)
    image.header.update(cards)
    image.writeto(path, overwrite=True)
