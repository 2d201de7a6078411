"""Times from whatever they count from, and the scatter of many light curves at once."""

import numpy as np
import pytest

from epochsieve.cleaning.times import to_mjd
from epochsieve.cleaning.variability import measure_variability


@pytest.mark.parametrize(
    ("value", "unit", "facts", "mjd"),
    [
        (58000.5, "d", {}, 58000.5),
        (2458001.0, "", {}, 58000.5),
        (2668.0, "BJD - 2454833, days", {}, 57500.5),
        (2668.0, "bkjd", {}, 57500.5),
        (1000.0, "btjd", {}, 57999.5),
        (1000.0, "d", {"BJDREFI": 2457000, "BJDREFF": 0.25}, 57999.75),
        (86400.0, "s", {"MJDREFI": 58000, "MJDREFF": 0.5}, 58001.5),
    ],
)
def test_times_are_counted_from_what_the_table_says(value, unit, facts, mjd):
    assert to_mjd(np.array([value, np.nan]), unit, facts)[0] == pytest.approx(mjd, abs=1e-9)


def test_a_user_may_say_what_times_count_from():
    assert to_mjd(np.array([2.0]), "", {}, 58000.0)[0] == 58002.0


def test_the_excess_variance_is_the_part_that_errors_do_not_explain(rng):
    curves = np.repeat([0, 1], 20000)
    error = np.full(40000, 2.0)
    values = 100 + rng.normal(0, 2.0, 40000) + np.where(curves == 1, rng.normal(0, 3.0, 40000), 0)
    flux = measure_variability(values, error, curves, 3, magnitudes=False)
    assert flux.excess[:2] == pytest.approx([0, 9 / 100**2], abs=5e-5)
    assert flux.scatter[:2] == pytest.approx([2, np.sqrt(13)], rel=0.02)
    assert measure_variability(values, error, curves, 3, magnitudes=True).excess[1] == pytest.approx(9, rel=0.05)
    assert np.isnan([flux.scatter[2], flux.excess[2]]).all()


def test_each_light_curve_is_measured_as_if_it_were_alone(rng):
    curves = rng.integers(-1, 5, 300)
    values, errors = rng.normal(10, 1, 300), rng.uniform(0.1, 1, 300)
    values[::7] = np.nan
    together = measure_variability(values, errors, curves, 5, magnitudes=False)
    for curve in range(5):
        mine = values[(curves == curve) & np.isfinite(values)]
        assert together.points[curve] == len(mine)
        assert together.scatter[curve] == pytest.approx(mine.std(ddof=1))


def test_without_errors_there_is_scatter_and_no_excess():
    measured = measure_variability(np.array([1.0, 2.0]), np.full(2, np.nan), np.zeros(2, int), 1, magnitudes=False)
    assert measured.scatter[0] == pytest.approx(np.sqrt(0.5))
    assert np.isnan(measured.excess[0])
