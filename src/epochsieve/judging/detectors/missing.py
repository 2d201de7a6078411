"""Pixels without data, more than usual in the series."""

import numpy as np

from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison


def measure_missing(comparison: Comparison) -> Witness:
    """Score by the share of missing pixels beyond the series' usual share, in units of 0.2 per cent."""
    missing = comparison.scene.missing
    share = missing.mean(axis=(1, 2))
    y, x = np.mgrid[: missing.shape[1], : missing.shape[2]]
    count = np.maximum(missing.sum(axis=(1, 2)), 1)
    centre = [(missing * grid).sum(axis=(1, 2)) / count for grid in (x, y)]
    return Witness(1 + np.maximum(share - np.median(share), 0) / 0.002, *centre)
