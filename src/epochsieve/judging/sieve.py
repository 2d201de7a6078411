"""The default method: every epoch against what it should look like, many detectors, one false-alarm probability."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.detectors.likeness import standardise_features
from epochsieve.judging.expecting.comparison import Comparison, compare_epochs
from epochsieve.judging.expecting.scene import FWHM_OF_SIGMA
from epochsieve.judging.neighbours import measure_first_neighbour_distances
from epochsieve.judging.photometry import measure_flux
from epochsieve.judging.robust import take_median
from epochsieve.judging.rows import build_findings
from epochsieve.judging.weighing.calibration import HIGHEST_SCORE, Calibration, Rating, rate_epochs
from epochsieve.judging.weighing.calibration_text import load_default
from epochsieve.judging.weighing.reasons import BLURRED, find_places, find_reasons
from epochsieve.judging.weighing.testimony import NAMES, Testimony, hear_detectors, prepare_residual
from epochsieve.vocabulary.contracts import Embedder, Explanation
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries, FloatImage
from epochsieve.vocabulary.settings import SieveSettings

Array = NDArray[Any]


@dataclass(frozen=True)
class SieveMethod:
    """The default method; docs/method.md explains it.

    Attributes
    ----------
    embedder : Embedder
        A network cut off early: it is given residual images, in units of 2.5 sigmas, each at most two.
    settings : SieveSettings
        The false-alarm rate asked for, and whether poor seeing is a reason.
    calibration : Calibration
        How detectors' scores become one.
    """

    embedder: Embedder
    settings: SieveSettings = field(default_factory=SieveSettings)
    calibration: Calibration = field(default_factory=load_default)

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return "sieve"

    def describe(self) -> dict[str, Any]:
        """State every setting and network that the scores depend on, as plain JSON values."""
        return {
            "method": self.name,
            "settings": asdict(self.settings),
            "calibration": self.calibration.name,
            "embedder": {"name": self.embedder.name, "sha256": self.embedder.sha256},
        }

    def judge(self, series: CutoutSeries) -> Findings:
        """Give one row per epoch of the series, in its order, unusable ones included.

        Parameters
        ----------
        series : CutoutSeries
            Any number of epochs; with fewer than about ten, scores lean on what is usual elsewhere.

        Returns
        -------
        Findings
            All columns of the schema, and every detector's raw score.
        """
        cube = series.cube
        empty = find_empty(cube)
        threshold = float(-np.log10(self.settings.false_alarm))
        columns: dict[str, Any] = {"threshold": threshold}
        if not empty.all():
            columns |= _spread(self._judge_cube(cube[~empty], series.stack, threshold), ~empty)
        elif len(cube):
            columns |= {"score": np.zeros(len(cube)), "flagged": empty, "flags": np.zeros(len(cube), np.int32)}
        if empty.any():
            _mark_empty(columns, cube, empty)
        return build_findings(series, columns, self.describe())

    def explain(self, series: CutoutSeries) -> Explanation:
        """Draw what the judgement compared.

        Parameters
        ----------
        series : CutoutSeries
            What was judged.

        Returns
        -------
        Explanation
            Expected images, and residuals in sigmas, for the usable epochs.
        """
        cube = series.cube
        shown = ~find_empty(cube)
        reference = np.broadcast_to(series.stack, cube.shape).astype(np.float32)
        residual = np.full(cube.shape, np.nan, np.float32)
        if shown.any():
            comparison = compare_epochs(cube[shown], series.stack)
            reference[shown] = comparison.expected
            residual[shown] = np.where(comparison.scene.missing, np.nan, comparison.residual)
        return Explanation(reference, residual)

    def _judge_cube(self, cube: FloatImage, stack: FloatImage, threshold: float) -> dict[str, Array]:
        """Judge images that have content."""
        comparison = compare_epochs(cube, stack)
        features = self.embedder.embed(prepare_residual(comparison)).astype(float)
        testimony = hear_detectors(comparison, features)
        rating = rate_epochs(testimony.raw, comparison.good, self.calibration)
        rating, reasons = self._find_reasons(comparison, testimony, rating, threshold)
        x, y = find_places(testimony, rating.shares, comparison)
        return {
            "score": rating.score,
            "flagged": rating.score >= threshold,
            "flags": reasons,
            "x": x,
            "y": y,
            "distance": measure_first_neighbour_distances(standardise_features(features, comparison.good)),
            **{f"score_{name}": column for name, column in zip(NAMES, testimony.raw.T, strict=True)},
            **_measure(comparison, cube),
        }

    def _find_reasons(
        self, comparison: Comparison, testimony: Testimony, rating: Rating, threshold: float
    ) -> tuple[Rating, Array]:
        """Name reasons for what is flagged; where seeing is none, take it back from the scores."""
        chosen = np.flatnonzero(rating.score >= threshold)
        reasons = find_reasons(comparison, rating.shares, chosen)
        blurred = chosen[[reason == Flag.SEEING for reason in reasons]] if reasons else chosen
        if blurred.size and not self.settings.flag_seeing:
            rating = self._forgive_seeing(comparison, testimony, rating, blurred)
        flags = np.zeros(len(rating.score), np.int32)
        flags[chosen] = [int(reason) for reason in reasons]
        return rating, np.where(rating.score >= threshold, flags, 0)

    def _forgive_seeing(
        self, comparison: Comparison, testimony: Testimony, rating: Rating, blurred: NDArray[np.intp]
    ) -> Rating:
        """Rate blurred epochs again without the detectors that seeing rouses."""
        quiet = testimony.raw.copy()
        columns = np.array([NAMES.index(name) for name in sorted(BLURRED)])
        usual = np.median(testimony.raw[comparison.good][:, columns], axis=0)
        quiet[np.ix_(blurred, columns)] = usual
        score, shares = rating.score.copy(), rating.shares.copy()
        again = rate_epochs(quiet, comparison.good, self.calibration)
        score[blurred], shares[blurred] = again.score[blurred], again.shares[blurred]
        return Rating(score, shares)


def find_empty(cube: FloatImage) -> NDArray[np.bool_]:
    """Find images that are wholly missing or constant, shape (epochs,)."""
    flat = cube.reshape(len(cube), cube.shape[1] * cube.shape[2])
    finite = np.isfinite(flat)
    low = np.where(finite, flat, np.inf).min(axis=1, initial=np.inf)
    high = np.where(finite, flat, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(~(low < high))


def _measure(comparison: Comparison, cube: FloatImage) -> dict[str, Array]:
    """Measure background, noise, seeing and the central source's flux."""
    valid = ~comparison.scene.missing.reshape(len(cube), -1)
    level = np.nan_to_num(take_median(cube.reshape(len(cube), -1), valid))
    flux, error = measure_flux(cube, comparison.scene.missing, level, comparison.noise, comparison.scene)
    size, _ = comparison.shapes.take("size")
    variance = comparison.scene.psf_sigma**2 + 2 * size[:, 0]
    fwhm = FWHM_OF_SIGMA * np.sqrt(np.clip(variance, 0.1, None))
    return {"background": level, "noise": comparison.noise, "fwhm": fwhm, "flux": flux, "flux_error": error}


def _spread(columns: dict[str, Array], chosen: NDArray[np.bool_]) -> dict[str, Array]:
    """Put columns of some epochs into columns of all."""
    wide = {}
    for name, values in columns.items():
        wide[name] = np.zeros(len(chosen), values.dtype) if values.dtype.kind in "bi" else np.full(len(chosen), np.nan)
        wide[name][chosen] = values
    return wide


def _mark_empty(columns: dict[str, Any], cube: FloatImage, empty: NDArray[np.bool_]) -> None:
    """Flag images without content as surely as anything."""
    columns["score"][empty] = HIGHEST_SCORE
    columns["flagged"] = columns["flagged"] | empty
    missing = ~np.isfinite(cube).any(axis=(1, 2))
    columns["flags"] = np.where(empty, np.where(missing, int(Flag.MISSING), int(Flag.BLANK)), columns["flags"])
