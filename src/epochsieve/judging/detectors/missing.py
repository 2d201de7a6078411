"""Pixels without data, more than usual in the series."""

import numpy as np

from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.robust import take_middle


def measure_missing(comparison: Comparison) -> Witness:
    """Score by the share of missing pixels beyond the series' usual share, in units of 0.2 per cent."""
    missing = comparison.scene.missing
    holed = missing.any(axis=(1, 2))
    share, *centre = np.zeros((3, len(missing)))
    profiles = [missing[holed].sum(axis=axis).astype(float) for axis in (1, 2)]
    count = profiles[0].sum(axis=1)
    share[holed] = count / missing[0].size
    for places, profile in zip(centre, profiles, strict=True):
        places[holed] = profile @ np.arange(float(profile.shape[1])) / count
    return Witness(1 + np.maximum(share - take_middle(share), 0) / 0.002, *centre)
