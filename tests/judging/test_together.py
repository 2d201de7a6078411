"""Networks that look at many series at once see in each what they see in it alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.together import run_together

COUNTS_AND_SIDES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([2, 3])), max_size=6)


@given(COUNTS_AND_SIDES)
@settings(max_examples=40, deadline=None)
def test_each_series_gets_its_own_values_and_each_size_of_image_is_run_once(counts_and_sides):
    rng = np.random.default_rng(0)
    images = [rng.normal(size=(count, side, side)) for count, side in counts_and_sides]
    runs = []

    def add_up(several):
        runs.append(several.shape[1:])
        return several.sum(axis=(1, 2))[:, None]

    found = run_together(add_up, images)
    assert len(runs) == len(set(runs)) == len({side for _, side in counts_and_sides})
    for values, own in zip(found, images, strict=True):
        np.testing.assert_array_equal(values, own.sum(axis=(1, 2))[:, None])
