import numpy as np
import pytest


def test_good_epochs_leave_noise_and_nothing_else(compare):
    comparison = compare(epochs=20)
    assert comparison.good.all()
    residual = comparison.residual.reshape(20, -1)
    assert residual.std() == pytest.approx(1, abs=0.15)
    assert np.abs(residual.mean(axis=1)).max() < 0.1
    assert np.abs(residual).max() < 7


def test_the_expectation_is_in_the_images_own_units(field, compare):
    expected = compare(lambda image: image + 500).expected
    np.testing.assert_allclose(expected[5], field.draw() + 500, atol=4)
    np.testing.assert_allclose(expected[4], field.draw(), atol=4)


@pytest.mark.parametrize("factor", [0.4, 3.0, 5.0])
def test_a_central_source_that_varies_is_expected_and_taken_out_of_the_images(field, compare, spoilt, factor):
    change = (factor - 1) * field.flux * field.draw_spot(field.middle, field.middle, field.sigma)
    comparison = compare(lambda image: image + change)
    np.testing.assert_allclose(comparison.expected[spoilt], field.draw() + change, atol=3 + 0.05 * np.abs(change).max())
    assert np.abs(comparison.images[spoilt] - field.draw()).max() < 5 + 0.1 * np.abs(change).max()
    assert np.abs(comparison.residual[spoilt]).max() < 6
    assert comparison.good[spoilt]


def test_a_new_star_beside_the_centre_is_expected(field, compare, spoilt):
    star = 100 * field.draw_spot(field.middle + 1, field.middle + 3, field.sigma)
    comparison = compare(lambda image: image + star)
    assert np.abs(comparison.residual[spoilt]).max() < 6
    np.testing.assert_allclose(comparison.expected[spoilt], field.draw() + star, atol=20)


def test_what_does_not_belong_stays_in_the_residual(field, compare, spoilt):
    streak = 10 * np.exp(-(field.measure_offset(70, -12) ** 2) / 2)
    residual = compare(lambda image: image + streak).residual
    on_streak = streak > 6
    assert residual[spoilt][on_streak].mean() > 5
    assert abs(residual[spoilt][streak < 0.1].mean()) < 0.5
    assert abs(np.delete(residual, spoilt, axis=0)[:, on_streak].mean()) < 0.2


def test_an_epoch_without_the_scene_is_not_good(field, compare, spoilt):
    comparison = compare(lambda image: image - field.draw())
    assert not comparison.good[spoilt]
    assert comparison.good.sum() == 15


def test_missing_pixels_are_zero(field, compare, spoilt):
    hole = field.columns > 30
    comparison = compare(lambda image: np.where(hole, np.nan, image))
    np.testing.assert_array_equal(comparison.scene.missing[spoilt], hole)
    assert not comparison.residual[spoilt][hole].any()
    assert not comparison.images[spoilt][hole].any()
    np.testing.assert_allclose(comparison.expected[spoilt][hole], field.draw()[hole], atol=8)


def test_an_epoch_twice_as_noisy_has_twice_the_noise_and_the_usual_residual(compare, spoilt, field):
    extra = np.random.default_rng(77).normal(0, np.sqrt(3), (field.side, field.side))
    comparison = compare(lambda image: image + extra)
    others = np.arange(16) != spoilt
    assert comparison.noise[spoilt] / np.median(comparison.noise[others]) == pytest.approx(2, rel=0.15)
    assert comparison.residual[spoilt].std() == pytest.approx(comparison.residual[others].std(), rel=0.15)


@pytest.mark.parametrize("epochs", [6, 16])
def test_everything_compared_is_finite(compare, epochs):
    comparison = compare(lambda image: np.where(image > 50, np.inf, image), epochs)
    for name in ("images", "expected", "residual", "coefficients", "noise", "misfit"):
        assert np.isfinite(getattr(comparison, name)).all(), name
    assert np.isfinite(comparison.shapes.values).all()
    assert (comparison.noise > 0).all()
