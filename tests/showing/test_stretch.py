import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.showing.stretch import Stretch, fit_residual_limit, fit_stretch
from epochsieve.vocabulary.series import CutoutSeries, Epoch


@given(st.floats(0.01, 1e4), st.floats(0.1, 1e6), st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_what_is_brighter_is_drawn_brighter(softening, high, values):
    places = Stretch(softening, -4 * softening, high).place(np.sort(values))
    assert np.all(np.diff(places) >= 0)


def test_the_limits_are_drawn_as_zero_and_one():
    assert Stretch(2.0, -8.0, 300.0).place(np.array([-8.0, 300.0])) == pytest.approx([0, 1])


def test_missing_pixels_stay_missing():
    image = np.ones((4, 5), np.float32)
    image[1, 2] = np.nan
    assert np.flatnonzero(np.isnan(Stretch(1.0, -1.0, 1.0).apply(image))).tolist() == [7]


def test_an_image_looks_the_same_on_any_sky(make_series):
    stretch, image = fit_stretch(make_series()), make_series().cube[0]
    np.testing.assert_allclose(stretch.apply(image + 512), stretch.apply(image), atol=1e-3)


def test_the_stretch_scales_with_the_images(make_series):
    series = make_series()
    stretch, brighter = fit_stretch(series), fit_stretch(_scale(series, 1000))
    assert np.array([brighter.softening, brighter.low, brighter.high]) == pytest.approx(
        1000 * np.array([stretch.softening, stretch.low, stretch.high]), rel=1e-4
    )


@pytest.mark.parametrize("pixels", [np.nan, 0.0, 7.0])
def test_images_without_content_still_have_a_stretch(pixels):
    image = np.full((5, 6), pixels, np.float32)
    places = fit_stretch(CutoutSeries("empty", image, (Epoch("a", image),))).apply(image)
    assert np.all(np.isfinite(places) == np.isfinite(image))


def test_the_stack_is_stretched_where_no_epoch_is_usable(make_series):
    series = make_series(epochs=2, edits={0: lambda _: None, 1: lambda _: None})
    assert fit_stretch(series).high > 0


def test_one_terrible_residual_does_not_wash_out_the_others(rng):
    residuals = rng.normal(0, 4, (5, 20, 20)).astype(np.float32)
    usual = fit_residual_limit(residuals)
    residuals[0] *= 1000
    assert fit_residual_limit(residuals) == pytest.approx(usual, abs=2)


def test_the_residual_scale_is_bounded_and_known_even_without_data():
    assert fit_residual_limit(np.full((1, 3, 3), 1e9, np.float32)) == 25
    assert fit_residual_limit(np.full((2, 3, 3), np.nan, np.float32)) == 8


def _scale(series: CutoutSeries, factor: float) -> CutoutSeries:
    epochs = tuple(Epoch(epoch.file, epoch.pixels * np.float32(factor), epoch.mjd) for epoch in series.epochs)
    return CutoutSeries(series.name, series.stack * np.float32(factor), epochs)
