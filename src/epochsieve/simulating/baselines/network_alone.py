"""One of the default method's detectors by itself: what a network sees in the residuals, to compare networks with."""

from dataclasses import dataclass

import numpy as np

from epochsieve.judging.detectors.likeness import measure_network
from epochsieve.judging.rows import build_findings
from epochsieve.judging.sieve import find_empty
from epochsieve.judging.units import compare_in_own_unit
from epochsieve.judging.weighing.testimony import prepare_residual
from epochsieve.simulating.baselines.ranked import measure_against_typical
from epochsieve.vocabulary.contracts import Embedder
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries

NAME = "network"
"""What the command line calls it."""


@dataclass(frozen=True)
class NetworkAlone:
    """Ranks epochs by the distance between a network's features of their residuals; no calibration has a part in it.

    Attributes
    ----------
    embedder : Embedder
        The network.
    """

    embedder: Embedder

    @property
    def name(self) -> str:
        """What tables call it."""
        return NAME

    def describe(self) -> dict[str, object]:
        """State the network, as plain JSON values."""
        return {"method": NAME, "embedder": {"name": self.embedder.name, "sha256": self.embedder.sha256}}

    def judge(self, series: CutoutSeries) -> Findings:
        """Rank the epochs of a series; the threshold is NaN.

        Parameters
        ----------
        series : CutoutSeries
            The series.

        Returns
        -------
        Findings
            One row per epoch; the score is in units of the series' median, and infinite for images without content.
        """
        cube = series.cube
        shown = ~find_empty(cube)
        score = np.full(len(cube), np.inf)
        if shown.any():
            noise = None if series.noise is None else series.noise[shown]
            comparison, _, _ = compare_in_own_unit(cube[shown], series.stack, noise)
            features = self.embedder.embed(prepare_residual(comparison)).astype(float)
            score[shown] = measure_against_typical(measure_network(features, comparison.good).score)
        return build_findings(series, {"score": score}, self.describe())
