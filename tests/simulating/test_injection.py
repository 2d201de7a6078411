from dataclasses import replace

import numpy as np
import pytest

from epochsieve.reading.folders import read_series
from epochsieve.simulating.damage import Copies, Damage
from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.injection import inject_defects
from epochsieve.simulating.retaking import RealFrame, retake
from epochsieve.simulating.surroundings import measure_surroundings
from epochsieve.simulating.variability import HARMLESS
from epochsieve.vocabulary.errors import NoSeriesError


@pytest.fixture
def frame(rng):
    rows, columns = np.indices((41, 41)) - 20
    mean = 200 * np.exp(-(rows**2 + columns**2) / 8) + 10
    return RealFrame(mean + rng.normal(0, 2, mean.shape), mean, sky=10.0, noise=2.0, gain=np.inf)


def test_no_damage_leaves_a_real_frame_alone(frame, rng):
    pixels, believed = retake(frame, Damage(), rng)
    np.testing.assert_allclose(pixels, frame.pixels)
    np.testing.assert_allclose(believed.mean, frame.mean)


@pytest.mark.parametrize(
    "damage", [Damage(throughput=0.0), Damage(copies=Copies.evenly(np.linspace(-3, 3, 31), np.zeros(31)))]
)
def test_a_spoilt_frame_is_as_noisy_as_before(frame, rng, damage):
    pixels, believed = retake(frame, damage, rng)
    assert np.std(pixels - believed.mean) == pytest.approx(2, rel=0.15)


def test_a_shift_moves_the_source(frame, rng):
    pixels, _ = retake(frame, Damage(shift_y=5.0, shift_x=-3.0), rng)
    assert np.unravel_index(np.argmax(pixels), pixels.shape) == (25, 17)


def test_blurring_by_copies_that_stay_is_no_blur(frame, rng):
    pixels, _ = retake(frame, Damage(copies=Copies.evenly(np.zeros(4), np.zeros(4))), rng)
    np.testing.assert_allclose(pixels, frame.pixels, atol=1e-9)


def test_epochs_without_an_injection_keep_their_pixels(make_series, rng):
    series = make_series(30)
    simulated = inject_defects(series, rng, 0.3, 0.2)
    kinds = {truth.kind for truth in simulated.truth}
    assert kinds & set(DEFECTS)
    assert kinds & set(HARMLESS)
    for truth, before, after in zip(simulated.truth, series.epochs, simulated.series.epochs, strict=True):
        assert np.array_equal(before.pixels, after.pixels) == (not truth.kind)
        assert (truth.power > 0) == bool(truth.kind)
        assert truth.bad == (truth.kind in DEFECTS)


def test_the_stack_and_the_given_series_stay_as_they_are(make_series, rng):
    series = make_series(20)
    before = series.cube
    simulated = inject_defects(series, rng, 0.5)
    np.testing.assert_array_equal(series.cube, before)
    np.testing.assert_array_equal(simulated.series.stack, series.stack)


def test_unusable_and_oblong_epochs_with_gaps_are_taken_as_they_come(make_series, rng):
    def lose_corner(image):
        image = image.copy()
        image[:3, :4] = np.nan
        return image

    series = make_series(20, (15, 12), {3: lambda _: None, 5: lose_corner})
    simulated = inject_defects(series, rng, 0.8)
    assert not simulated.series.epochs[3].usable
    assert simulated.truth[3].kind == ""
    assert np.isnan(simulated.series.epochs[5].pixels[:3, :4]).all()
    assert simulated.series.cube.shape == (19, 15, 12)


def test_raw_numbers_stay_whole(make_series, rng):
    series = make_series(20)
    whole = replace(series, epochs=tuple(replace(e, pixels=np.round(500 + 10 * e.pixels)) for e in series.epochs))
    cube = inject_defects(whole, rng, 0.9).series.cube
    np.testing.assert_array_equal(cube, np.round(cube))


def test_too_few_epochs_are_refused(make_series, rng):
    with pytest.raises(NoSeriesError, match="too few"):
        inject_defects(make_series(3), rng, 0.5)


def test_a_series_tells_its_noise_and_seeing(make_series):
    series = make_series(20)
    surroundings = measure_surroundings(series)
    frame = surroundings.frame(series.epochs[4])
    assert frame.noise == pytest.approx(1, rel=0.2)
    assert frame.sky == pytest.approx(0, abs=0.5)
    assert surroundings.fwhm == pytest.approx(2.355 * 1.5, rel=0.25)


@pytest.mark.parametrize("name", ["vst/0070", "k2/K91S01"])
def test_real_series_take_every_kind_of_change(shared_data, rng, name):
    simulated = inject_defects(read_series(shared_data / name), rng, 0.7, 0.2)
    changed = {truth.kind for truth in simulated.truth if truth.kind}
    assert changed >= set(DEFECTS)
    assert all(truth.power > 1 for truth in simulated.truth if truth.kind)
