import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.expecting.fitting import Basis, OwnTemplates, downweight, fit_alike, fit_templates

PIXELS = 400


def make_templates(count=4, seed=1):
    templates = np.random.default_rng(seed).normal(size=(count, PIXELS))
    return templates / np.sqrt((templates**2).sum(axis=1, keepdims=True))


def make_images(coefficients, templates, noise=1.0, seed=2):
    return (
        coefficients @ templates + noise * np.random.default_rng(seed).normal(size=(len(coefficients), PIXELS))
    ).astype(np.float32)


def fit(images, templates, rounds=4):
    return fit_templates(images, np.ones_like(images), templates, rounds)


@settings(deadline=None)
@given(st.lists(st.floats(-1000, 1000), min_size=4, max_size=4))
def test_coefficients_of_noiseless_images_come_back(wanted):
    templates, coefficients = make_templates(), np.array([wanted])
    found = fit(make_images(coefficients, templates, noise=0), templates)
    size = np.abs(coefficients).max() + 0.01
    np.testing.assert_allclose(found.coefficients, coefficients, atol=2e-3 * size)
    np.testing.assert_allclose(found.residual, 0, atol=2e-3 * size)


def test_coefficients_come_back_within_the_noise():
    templates, coefficients = make_templates(), np.random.default_rng(3).normal(0, 100, (30, 4))
    found = fit(make_images(coefficients, templates), templates)
    assert np.abs(found.coefficients - coefficients).max() < 6
    assert np.std(found.coefficients - coefficients) < 1.5
    np.testing.assert_allclose(found.model + found.residual, make_images(coefficients, templates), atol=1e-4)


@pytest.mark.parametrize("outlier", [12.0, 50.0, -300.0])
def test_a_tenth_of_outlying_pixels_hardly_counts(outlier):
    templates, coefficients = make_templates(), np.full((1, 4), 20.0)
    images = make_images(coefficients, templates)
    images[:, ::10] += outlier
    plain = fit_templates(images, np.ones_like(images), templates, rounds=1)
    robust = fit(images, templates, rounds=8)
    assert np.abs(robust.coefficients - coefficients).max() < 4
    assert np.abs(robust.coefficients - coefficients).max() < np.abs(plain.coefficients - coefficients).max()


def test_missing_pixels_do_not_count_at_all():
    templates, coefficients = make_templates(), np.full((2, 4), 30.0)
    images = make_images(coefficients, templates)
    weights = np.ones_like(images)
    weights[:, :50] = 0
    spoilt = images.copy()
    spoilt[:, :50] = 1e5
    first, second = (fit_templates(each, weights, templates).coefficients for each in (images, spoilt))
    np.testing.assert_array_equal(first, second)


def test_an_image_is_fitted_as_if_alone():
    templates, coefficients = make_templates(), np.random.default_rng(5).normal(0, 50, (6, 4))
    images = make_images(coefficients, templates)
    together = fit(images, templates)
    alone = np.vstack([fit(image[None], templates).coefficients for image in images])
    np.testing.assert_allclose(together.coefficients, alone, rtol=1e-4, atol=1e-3)


def test_equal_templates_share_what_they_explain():
    templates = make_templates(2)[[0, 1, 1]]
    found = fit(make_images(np.array([[5.0, 8.0, 0.0]]), templates, noise=0), templates)
    np.testing.assert_allclose(found.coefficients, [[5, 4, 4]], atol=0.05)


@given(st.floats(-100, 100), st.floats(0, 100))
def test_no_pixel_gains_weight(residual, weight):
    lowered = downweight(np.array([residual]), np.array([weight]))
    assert 0 <= lowered[0] <= weight
    assert downweight(np.array([2 * residual]), np.array([weight]))[0] <= lowered[0]


def test_own_templates_are_fitted_as_if_they_were_common(rng):
    templates, own, groups = make_templates(3), rng.normal(size=(2, 2, PIXELS)) / 20, np.array([1, 0, 1, 0, 0])
    images = make_images(rng.normal(0, 50, (5, 3)), templates) + np.float32(30) * own[groups, 0].astype(np.float32)
    weights = np.ones_like(images)
    together = fit_templates(images, weights, templates, own=OwnTemplates(own, groups))
    for group in range(2):
        some = groups == group
        alone = fit_templates(images[some], weights[some], np.vstack([templates, own[group]]))
        np.testing.assert_allclose(together.coefficients[some], alone.coefficients, rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(together.residual[some], alone.residual, atol=1e-3)


def test_a_fit_goes_on_where_an_earlier_one_ended():
    templates = make_templates()
    images = make_images(np.full((3, 4), 20.0), templates)
    images[:, ::7] += 25
    weights = np.ones_like(images)
    begun = fit(images, templates, rounds=1)
    ended = fit_templates(images, weights, templates, rounds=2, before=begun.residual)
    np.testing.assert_array_equal(ended.residual, fit(images, templates, rounds=3).residual)
    assert np.abs(ended.residual - begun.residual).max() > 0.1


def test_images_fitted_alike_have_the_residuals_of_one_plain_fit():
    templates, weights = make_templates(), np.linspace(1, 2, PIXELS).astype(np.float32)
    images = make_images(np.random.default_rng(5).normal(0, 50, (6, 4)), templates)
    valid = np.ones(images.shape, bool)
    valid[2, :100] = valid[4, 30:50] = False
    images *= valid
    plain = fit_templates(images, valid * weights, templates, rounds=1)
    np.testing.assert_allclose(fit_alike(images, valid, weights, Basis(templates)), plain.residual, atol=1e-3)
