"""Pixels without data, more than usual in the series."""

import numpy as np

from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison


def measure_missing(comparison: Comparison) -> Witness:
    """Score by the share of missing pixels beyond the series' usual share, in units of 0.2 per cent."""
    missing = comparison.scene.missing
    share, count = missing.mean(axis=(1, 2)), np.maximum(missing.sum(axis=(1, 2)), 1)
    centre = [missing.sum(axis=axis) @ np.arange(missing.shape[3 - axis]) / count for axis in (1, 2)]
    return Witness(1 + np.maximum(share - np.median(share), 0) / 0.002, *centre)
