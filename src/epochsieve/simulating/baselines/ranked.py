"""A way to rank epochs, as something that can be measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.rows import build_findings
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, FloatImage

Scorer: TypeAlias = Callable[[FloatImage], NDArray[np.float64]]
"""Images of shape (epochs, height, width) to scores of shape (epochs,)."""


@dataclass(frozen=True)
class Ranked:
    """A baseline.

    Attributes
    ----------
    name : str
        What tables call it.
    score : Scorer
        Given the usable epochs' images, float32, shape (epochs, height, width), with NaN where data is missing, it
        returns a score for each, shape (epochs,); larger is worse.
    """

    name: str
    score: Scorer

    def judge(self, series: CutoutSeries) -> Findings:
        """Rank the epochs of a series; the threshold is NaN.

        Parameters
        ----------
        series : CutoutSeries
            The series; its stack is not looked at.

        Returns
        -------
        Findings
            One row per epoch.
        """
        scores = self.score(series.cube) if series.usable.any() else np.empty(0)
        return build_findings(series, {"score": scores}, {"method": self.name})


def measure_against_typical(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide by the series' median, so that distances can be compared between objects.

    Parameters
    ----------
    distances : ndarray of float64, shape (epochs,)
        Not negative.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        1 for a typical epoch.
    """
    return distances / max(float(np.median(distances)), np.finfo(np.float64).tiny)


def find_nearest(features: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Measure the mean distance to each epoch's nearest other epochs.

    Parameters
    ----------
    features : ndarray of float64, shape (epochs, features)
        Finite.
    neighbours : int
        How many; fewer where there are not that many others.

    Returns
    -------
    ndarray of float64, shape (epochs,)
        Euclidean distances; 0 for a lonely epoch.
    """
    from scipy.spatial.distance import cdist

    if len(features) == 1:
        return np.zeros(1)
    distances = np.sort(cdist(features, features), axis=1)
    nearest: NDArray[np.float64] = distances[:, 1 : neighbours + 1].mean(axis=1)
    return nearest
