"""The default method: every epoch against what it should look like, many detectors, one false-alarm probability."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.detectors.likeness import standardise_features
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.expecting.scene import FWHM_OF_SIGMA
from epochsieve.judging.neighbours import measure_first_neighbour_distances
from epochsieve.judging.photometry import measure_flux
from epochsieve.judging.robust import take_middle
from epochsieve.judging.rows import build_findings
from epochsieve.judging.together import run_together
from epochsieve.judging.units import compare_in_own_unit
from epochsieve.judging.weighing.calibration import HIGHEST_SCORE, Calibration, Rating, rate_epochs, weigh_evidence
from epochsieve.judging.weighing.calibration_text import load_default
from epochsieve.judging.weighing.reasons import BLURRED, SIZE, find_places, find_reasons, find_wider
from epochsieve.judging.weighing.standards import standardise
from epochsieve.judging.weighing.testimony import EYE, NAMES, Testimony, hear_detectors, prepare_residual
from epochsieve.judging.weighing.views import prepare_views
from epochsieve.vocabulary.contracts import Embedder, Explanation, Eye
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries, FloatImage
from epochsieve.vocabulary.settings import SieveSettings

Array = NDArray[Any]

SUSPICIOUS = 1.0
"""Score from which it is asked whether seeing alone is to blame, whatever the threshold."""

SURE_ODDS = 2.0
"""Odds of a defect from which the eye's word counts more than that only seeing is to blame."""


Seen: TypeAlias = tuple[Array, Array] | None
"""What networks saw in a series: features, and the eye's impressions; None where no image has content."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A series before networks look at it.

    Attributes
    ----------
    series : CutoutSeries
        What is judged.
    cube : ndarray of float32, shape (epochs, height, width)
        Its usable images.
    empty : ndarray of bool, shape (epochs,)
        Those of them without content.
    compared : tuple of Comparison, ndarray and float, or None
        What `compare_in_own_unit` gives for the others; None where there are no others.
    """

    series: CutoutSeries
    cube: FloatImage
    empty: NDArray[np.bool_]
    compared: tuple[Comparison, FloatImage, float] | None


@dataclass(frozen=True)
class SieveMethod:
    """The default method; docs/method.md explains it.

    Attributes
    ----------
    embedder : Embedder
        A network cut off early: it is given residual images, in units of 2.5 sigmas, each at most two.
    eye : Eye
        Networks trained on simulated epochs: the first is given the views of `prepare_views`.
    settings : SieveSettings
        The false-alarm rate asked for, and whether poor seeing is a reason.
    calibration : Calibration
        How detectors' scores become one.
    pixels_at_once : int
        So many pixels of several series are shown to the networks at once; 0 to show them series by series.
    """

    embedder: Embedder
    eye: Eye
    settings: SieveSettings = field(default_factory=SieveSettings)
    calibration: Calibration = field(default_factory=load_default)
    pixels_at_once: int = 0

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return "sieve"

    def describe(self) -> dict[str, Any]:
        """State every setting and network that the scores depend on, as plain JSON values."""
        return {
            "method": self.name,
            "settings": asdict(self.settings),
            "calibration": {"name": self.calibration.name, "sha256": self.calibration.sha256},
            "embedder": {"name": self.embedder.name, "sha256": self.embedder.sha256},
            "eye": {"name": self.eye.name, "sha256": self.eye.sha256},
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
        prepared = self.prepare(series)
        return self.weigh(prepared, *self.look([prepared]))

    def prepare(self, series: CutoutSeries) -> Prepared:
        """Compare the epochs of a series with what they should look like."""
        cube = series.cube
        empty = find_empty(cube)
        if empty.all():
            return Prepared(series, cube, empty, None)
        return Prepared(
            series, cube, empty, compare_in_own_unit(cube[~empty], series.stack, _choose(series.noise, ~empty))
        )

    def look(self, prepared: Sequence[Prepared]) -> list[Seen]:
        """Let both networks look at several series at once; the answers are those to each alone."""
        comparisons = [one.compared[0] for one in prepared if one.compared]
        features = run_together(self.embedder.embed, [prepare_residual(one) for one in comparisons])
        impressions = run_together(self.eye.look, [prepare_views(one) for one in comparisons])
        seen = iter(zip(features, impressions, strict=True))
        return [next(seen) if one.compared else None for one in prepared]

    def weigh(self, prepared: Prepared, seen: Seen) -> Findings:
        """Judge the epochs of a series by what networks saw in it, and all else."""
        cube, empty = prepared.cube, prepared.empty
        threshold = find_threshold(self.settings.false_alarm)
        columns: dict[str, Any] = {"threshold": threshold}
        if prepared.compared and seen:
            columns |= _spread(self._judge_cube(*prepared.compared, *seen, threshold), ~empty)
        elif len(cube):
            columns |= {"score": np.zeros(len(cube)), "flagged": empty, "flags": np.zeros(len(cube), np.int32)}
        if empty.any():
            _mark_empty(columns, cube, empty)
        return build_findings(prepared.series, columns, self.describe())

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
            comparison, _, unit = compare_in_own_unit(cube[shown], series.stack, _choose(series.noise, shown))
            reference[shown] = comparison.expected * unit
            residual[shown] = np.where(comparison.scene.missing, np.nan, comparison.residual)
        return Explanation(reference, residual)

    def _judge_cube(
        self,
        comparison: Comparison,
        scaled: FloatImage,
        unit: float,
        features: Array,
        impressions: Array,
        threshold: float,
    ) -> dict[str, Array]:
        """Judge images that have content."""
        features = features.astype(float)
        testimony = hear_detectors(comparison, features, impressions, self.eye)
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
            **_measure(comparison, scaled, unit),
        }

    def _find_reasons(
        self, comparison: Comparison, testimony: Testimony, rating: Rating, threshold: float
    ) -> tuple[Rating, Array]:
        """Name reasons for what is flagged; seeing counts by itself, or is taken back from the scores first."""
        if self.settings.flag_seeing:
            rating = self._count_seeing(comparison, testimony, rating)
        asked = np.flatnonzero(rating.score >= min(threshold, SUSPICIOUS))
        flags = np.zeros(len(rating.score), np.int32)
        flags[asked] = find_reasons(comparison, testimony, rating.shares, asked)
        if not self.settings.flag_seeing:
            fine = testimony.raw[:, NAMES.index(EYE)] < SURE_ODDS
            blurred = np.flatnonzero((flags == Flag.SEEING) & (rating.score >= SUSPICIOUS) & fine)
            rating = self._forgive_seeing(comparison, testimony, rating, blurred)
            still = blurred[rating.score[blurred] >= threshold]
            flags[still] = find_reasons(comparison, testimony, rating.shares, still)
        return rating, np.where(rating.score >= threshold, flags, 0)

    def _count_seeing(self, comparison: Comparison, testimony: Testimony, rating: Rating) -> Rating:
        """Rate epochs with wider, round stars by their size alone, where that says more than all detectors together."""
        standard = standardise(testimony.raw, comparison.good, np.array(self.calibration.scatter))
        alone = weigh_evidence(standard, self.calibration)[:, NAMES.index(SIZE)].clip(0, HIGHEST_SCORE)
        wide = find_wider(comparison) & (alone > rating.score)
        shares = np.where(wide[:, None], np.array(NAMES) == SIZE, rating.shares)
        return Rating(np.where(wide, alone, rating.score), shares)

    def _forgive_seeing(
        self, comparison: Comparison, testimony: Testimony, rating: Rating, blurred: NDArray[np.intp]
    ) -> Rating:
        """Rate epochs that only seeing makes suspicious again, without the detectors that seeing rouses."""
        if not blurred.size:
            return rating
        quiet = testimony.raw.copy()
        columns = np.array([NAMES.index(name) for name in sorted(BLURRED)])
        quiet[np.ix_(blurred, columns)] = take_middle(testimony.raw[comparison.good][:, columns])
        again = rate_epochs(quiet, comparison.good, self.calibration)
        score, shares = rating.score.copy(), rating.shares.copy()
        score[blurred], shares[blurred] = again.score[blurred], again.shares[blurred]
        return Rating(score, shares)


def find_threshold(rate: float) -> float:
    """Find the score from which an epoch is flagged; infinite where none may be."""
    return float(-np.log10(rate)) if rate > 0 else float("inf")


def find_empty(cube: FloatImage) -> NDArray[np.bool_]:
    """Find images that are wholly missing or constant, shape (epochs,)."""
    flat = cube.reshape(len(cube), cube.shape[1] * cube.shape[2])
    low, high = flat.min(axis=1, initial=np.inf), flat.max(axis=1, initial=-np.inf)
    # A missing pixel makes one of them NaN or infinite: only then pixels have to be told apart.
    holed = ~(np.isfinite(low) & np.isfinite(high))
    some = flat[holed]
    finite = np.isfinite(some)
    low[holed] = np.where(finite, some, np.inf).min(axis=1, initial=np.inf)
    high[holed] = np.where(finite, some, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(~(low < high))


def _choose(noise: FloatImage | None, chosen: NDArray[np.bool_]) -> FloatImage | None:
    """Take some epochs' noise, where any is known."""
    return None if noise is None else noise[chosen]


def _measure(comparison: Comparison, cube: FloatImage, unit: float) -> dict[str, Array]:
    """Measure background, noise, seeing and the central source's flux, in image units and pixels."""
    level = comparison.scene.background
    flux, error = measure_flux(cube, comparison.scene.missing, level, comparison.noise, comparison.scene)
    size, _ = comparison.shapes.take("size")
    variance = comparison.scene.psf_sigma**2 + 2 * size[:, 0]
    fwhm = FWHM_OF_SIGMA * np.sqrt(np.clip(variance, 0.1, None))
    light = {"background": level, "noise": comparison.noise, "flux": flux, "flux_error": error}
    return {"fwhm": fwhm, **{name: values * unit for name, values in light.items()}}


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
