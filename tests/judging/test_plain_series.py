"""The plainest series there are: one steady source, or none, in white noise."""

import numpy as np
import pytest


@pytest.mark.parametrize("height", [0.0, 30.0])
def test_a_steady_source_in_white_noise_gives_about_the_false_alarms_asked_for(judge, height):
    y, x = np.mgrid[:41, :41]
    source = height * np.exp(-((y - 20) ** 2 + (x - 20) ** 2) / 8)
    cubes = (np.random.default_rng(seed).normal(size=(40, 41, 41)) + source for seed in range(8))
    flagged = sum(int(judge(cube.astype(np.float32)).flagged.sum()) for cube in cubes)
    assert flagged <= 13  # of 320 epochs; 1 % is asked for
