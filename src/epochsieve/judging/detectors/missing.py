"""Pixels without data, more than usual in the series."""

import numpy as np

from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison


def measure_missing(comparison: Comparison) -> Witness:
    """Score by the share of missing pixels beyond the series' usual share, in units of 0.2 per cent."""
    missing = comparison.scene.missing
    profiles = [missing.sum(axis=axis).astype(float) for axis in (1, 2)]
    count = profiles[0].sum(axis=1)
    centre = [profile @ np.arange(float(profile.shape[1])) / np.maximum(count, 1) for profile in profiles]
    share = count / missing[0].size
    return Witness(1 + np.maximum(share - np.median(share), 0) / 0.002, *centre)
