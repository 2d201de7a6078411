from dataclasses import replace

import numpy as np
import pytest

from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.observing import draw_exposures
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.surveys import HELD_OUT, SURVEYS, simulate_series
from epochsieve.simulating.taking import draw_kinds
from epochsieve.simulating.variability import HARMLESS


def simulate(name, seed=1, **options):
    options.setdefault("epochs", 8)
    return simulate_series(SURVEYS[name], np.random.default_rng(seed), **options)


@pytest.mark.parametrize("name", SURVEYS)
def test_every_survey_gives_series_of_its_kind(name):
    survey = SURVEYS[name]
    series = simulate(name, bad_fraction=0.0).series
    assert series.cube.shape == (8, survey.size, survey.size)
    assert series.stack.shape == (survey.size, survey.size)
    assert np.isfinite(series.cube).all()
    assert np.isfinite(series.stack).all()
    assert bool(np.all(series.cube == np.round(series.cube))) == survey.integer


def test_held_out_surveys_are_found_by_name_after_all_others():
    assert tuple(SURVEYS)[-len(HELD_OUT) :] == HELD_OUT
    assert all(SURVEYS[name].name == name for name in SURVEYS)


def test_trails_lengthen_stars_along_the_rows_of_every_epoch():
    trailed = replace(SURVEYS["vst"], ellipticity=0.0, trail=(0.1, 0.2))
    for survey, low, high in ((trailed, 0.1, 0.2), (replace(trailed, trail=(0.0, 0.0)), 0.0, 0.0)):
        exposures = draw_exposures(survey, np.arange(30.0), np.random.default_rng(6))
        assert all(low <= exposure.psf.e1 <= high for exposure in exposures)
        assert all(exposure.psf.e2 == 0 for exposure in exposures)


def test_galaxies_reach_as_far_as_the_survey_says():
    large = replace(SURVEYS["hosts"], galaxy_reach=0.3)
    drawn = [g.radius for seed in range(30) for g in draw_scene(large, np.random.default_rng(seed)).galaxies]
    assert 0.2 * large.size < max(drawn) <= 0.3 * large.size


@pytest.mark.parametrize("name", SURVEYS)
def test_good_epochs_have_the_surveys_noise(name):
    survey = SURVEYS[name]
    cube = simulate(name, seed=2, epochs=12, bad_fraction=0.0).series.cube
    dark = np.median(cube, axis=0) <= np.percentile(np.median(cube, axis=0), 10)
    levelled = cube - np.median(cube[:, dark], axis=1)[:, None, None]
    scatter = 1.4826 * np.median(np.abs(levelled - np.median(levelled, axis=0))[:, dark])
    # A tenth of the pixels still holds wings of stars where there are many, and these come and go with the seeing.
    assert 0.5 * survey.noise < scatter < 3 * survey.noise


def test_truth_stands_beside_its_epoch_and_times_ascend():
    simulated = simulate("vst", epochs=40, bad_fraction=0.3)
    assert [t.file for t in simulated.truth] == [e.file for e in simulated.series.epochs]
    assert np.all(np.diff([e.mjd for e in simulated.series.epochs]) >= 0)
    spoilt = [t.kind for t in simulated.truth if t.bad]
    assert len(spoilt) == 12
    assert set(spoilt) <= set(DEFECTS)


def test_only_defects_are_bad_and_only_changes_have_power():
    truth = simulate("lsst", epochs=60, bad_fraction=0.2).truth
    for one in truth:
        assert one.bad == (one.kind in DEFECTS)
        assert one.kind in {"", *DEFECTS, *HARMLESS}
        assert (one.power > 0) == bool(one.kind)


def test_power_agrees_with_what_the_pixels_show():
    quiet = replace(SURVEYS["vst"], noise_scatter=0.0, resampling="", harmless_fraction=0.0, gain=1e9)
    with_power = simulate_series(quiet, np.random.default_rng(3), epochs=60, bad_fraction=0.5)
    kinds = {"satellite_trail", "hot_pixels", "asteroid", "bad_column", "ghost_ring", "cosmic_rays", "fringing"}
    clean = np.median(with_power.series.cube[[not t.bad for t in with_power.truth]], axis=0)
    compared = 0
    for one, epoch in zip(with_power.truth, with_power.series.epochs, strict=True):
        if one.kind in kinds and one.power > 200:
            shown = np.sqrt(np.nansum(((epoch.pixels - clean) / quiet.noise) ** 2))
            assert shown == pytest.approx(one.power, rel=0.5)
            compared += 1
    assert compared >= 2


@pytest.mark.parametrize("name", ["vst", "space", "night", "tiny"])
def test_the_same_seed_gives_the_same_pixels(name):
    first, second = (simulate(name, seed=4, bad_fraction=0.5) for _ in range(2))
    np.testing.assert_array_equal(first.series.cube, second.series.cube)
    np.testing.assert_array_equal(first.series.stack, second.series.stack)
    assert first.truth == second.truth
    assert not np.array_equal(first.series.cube, simulate(name, seed=5).series.cube, equal_nan=True)


def test_without_a_given_stack_it_is_the_median_of_the_epochs():
    series = simulate("coarse", given_stack=False, bad_fraction=0.0).series
    assert series.stack_file == ""
    np.testing.assert_allclose(series.stack, np.median(series.cube, axis=0), rtol=1e-5)


def test_a_given_stack_is_deeper_than_an_epoch():
    series = simulate("lsst", epochs=40).series
    assert series.stack_file
    assert np.std(np.diff(series.stack[:12])) < 0.5 * np.std(np.diff(series.cube[0, :12]))


def test_no_defect_comes_twice_before_all_came_once(rng):
    kinds = [kind for kind in draw_kinds(100, 0.4, 0.1, rng) if kind in DEFECTS]
    assert len(kinds) == 40
    assert set(kinds) == set(DEFECTS)
    assert max(kinds.count(kind) for kind in kinds) == 2


def test_favoured_defects_come_more_often(rng):
    kinds = [kind for kind in draw_kinds(300, 0.3, 0.0, rng, favoured=("defocus", "defocus")) if kind]
    assert kinds.count("defocus") == 3 * kinds.count("blank") == 9


def test_novae_may_last_for_some_epochs():
    runs = [
        "".join("n" if k == "nova" else "." for k in draw_kinds(60, 0.1, 0.1, np.random.default_rng(s)))
        for s in range(20)
    ]
    assert any("nn" in run for run in runs)
    assert not any("n" * 9 in run for run in runs)
