import numpy as np
import pytest

from epochsieve.simulating.exposing import Expectation
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.simulating.truth import EpochTruth, SimulatedSeries, measure_power, read_truth, write_truth

FLAT = Expectation(np.full((20, 20), 5.0), np.full((20, 20), 2.0))


def test_no_change_has_no_power():
    assert measure_power(FLAT, FLAT) == 0


def test_power_is_the_root_sum_square_of_the_change_in_sigmas():
    change = np.zeros((20, 20))
    change[3, 4], change[7, 7] = 6.0, -8.0
    assert measure_power(FLAT, Expectation(FLAT.mean + change, FLAT.sigma)) == pytest.approx(5)


def test_half_the_square_of_the_power_is_the_expected_log_likelihood_ratio(rng):
    changed = Expectation(FLAT.mean + rng.normal(0, 1, (20, 20)), FLAT.sigma * rng.uniform(0.6, 2, (20, 20)))
    draws = changed.mean + changed.sigma * rng.normal(size=(400, 20, 20))
    usual, true = (-0.5 * ((draws - e.mean) / e.sigma) ** 2 - np.log(e.sigma) for e in (FLAT, changed))
    ratio = (true - usual).sum(axis=(1, 2)).mean()
    assert measure_power(FLAT, changed) ** 2 / 2 == pytest.approx(ratio, rel=0.05)


def test_lost_pixels_count_their_noise_and_the_light_that_was_in_them():
    lost = np.zeros((20, 20), bool)
    lost[0, :4] = True
    gone = Expectation(np.where(lost, np.nan, FLAT.mean), np.where(lost, 0, FLAT.sigma))
    dark = measure_power(FLAT, gone)
    assert dark > np.sqrt(4)
    lit = Expectation(FLAT.mean + 20.0 * lost, FLAT.sigma)
    assert measure_power(lit, gone) == pytest.approx(np.sqrt(dark**2 + 4 * 10**2))


def test_truths_that_do_not_match_the_epochs_are_refused(make_series):
    series = make_series()
    with pytest.raises(ValueError, match="differ"):
        SimulatedSeries(series, tuple(EpochTruth(epoch.file) for epoch in series.epochs[::-1]))


def test_truth_survives_the_disk(tmp_path):
    written = [
        simulate_series(SURVEYS["sparse"], np.random.default_rng(seed), name=name, bad_fraction=0.5)
        for seed, name in enumerate(("one", "two, too"))
    ]
    write_truth(written, tmp_path)
    read = read_truth(tmp_path)
    assert list(read) == ["one", "two, too"]
    for simulated in written:
        for before, after in zip(simulated.truth, read[simulated.series.name], strict=True):
            assert (before.file, before.kind, before.bad) == (after.file, after.kind, after.bad)
            assert after.power == pytest.approx(before.power, abs=1e-3)
