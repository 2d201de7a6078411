import numpy as np
import pytest
from scipy.optimize import nnls

from epochsieve.judging.expecting.error_model import (
    ErrorModel,
    fit_error_model,
    measure_misfit,
    solve_without_negatives,
)


@pytest.fixture
def light(field):
    """The field ten times as bright, in sixteen epochs."""
    return np.repeat(10 * field.draw().ravel()[None], 16, axis=0)


@pytest.fixture
def slope2(field):
    along_y, along_x = np.gradient(10 * field.draw())
    return np.repeat((along_y**2 + along_x**2).ravel()[None], 16, axis=0)


def scatter(light, slope2, truth, seed=1):
    noise = np.ones((len(light), 1))
    return noise, np.random.default_rng(seed).normal(0, np.sqrt(truth.predict(noise, light, slope2)))


@pytest.mark.parametrize(
    "truth",
    [ErrorModel(2.0, 0.0, 0.0), ErrorModel(0.0, 0.01, 0.0), ErrorModel(0.0, 0.0, 0.02), ErrorModel(1.0, 0.0, 0.01)],
)
def test_predicted_variances_are_those_that_made_the_residuals(light, slope2, truth):
    noise, residual = scatter(light, slope2, truth)
    found = fit_error_model(residual, light, slope2, noise, np.ones(light.shape, bool))
    bright = light > 3
    ratio = found.predict(noise, light, slope2)[bright] / truth.predict(noise, light, slope2)[bright]
    assert 0.6 < np.median(ratio) < 1.7
    assert (ratio > 0.3).all()


@pytest.mark.parametrize("term", ["photon", "flux", "slope"])
def test_the_term_that_made_the_residuals_explains_most_of_them(light, slope2, term):
    size = {"photon": 3.0, "flux": 0.02, "slope": 0.05}[term]
    truth = ErrorModel(**{name: size if name == term else 0.0 for name in ("photon", "flux", "slope")})
    noise, residual = scatter(light, slope2, truth)
    found = fit_error_model(residual, light, slope2, noise, np.ones(light.shape, bool))
    assert getattr(found, term) == pytest.approx(size, rel=0.6)


def test_no_term_is_negative_where_noise_is_all(light, slope2):
    noise, residual = scatter(light, slope2, ErrorModel(0.0, 0.0, 0.0))
    found = fit_error_model(0.3 * residual, light, slope2, noise, np.ones(light.shape, bool))
    assert (found.photon, found.flux, found.slope) == (0, 0, 0)


def test_too_little_light_teaches_nothing(light, slope2):
    noise, residual = scatter(light, slope2, ErrorModel(5.0, 0.1, 0.1))
    assert fit_error_model(residual, 0 * light, slope2, noise, np.ones(light.shape, bool)) == ErrorModel(0.0, 0.0, 0.0)
    few = np.zeros(light.shape, bool)
    few[:, :5] = True
    assert fit_error_model(residual, light, slope2, noise, few) == ErrorModel(0.0, 0.0, 0.0)


def test_pixels_that_are_not_chosen_teach_nothing(light, slope2):
    noise, residual = scatter(light, slope2, ErrorModel(2.0, 0.0, 0.0))
    chosen = np.ones(light.shape, bool)
    chosen[3] = False
    spoilt = residual.copy()
    spoilt[3] *= 1000
    assert fit_error_model(residual, light, slope2, noise, chosen) == fit_error_model(
        spoilt, light, slope2, noise, chosen
    )


def test_an_epoch_that_scatters_more_where_it_is_bright_has_a_misfit(light, slope2):
    truth = ErrorModel(3.0, 0.0, 0.0)
    noise, residual = scatter(light, slope2, truth)
    residual[4] *= 3
    residual[7, :20] += 1e4
    misfit = measure_misfit(residual, truth.predict(noise, light, slope2), noise, np.ones(light.shape, bool))
    assert misfit.argmax() == 4
    assert misfit[4] == pytest.approx(9, rel=0.6)
    assert ((misfit >= 1) & (misfit <= 30)).all()
    assert misfit[7] < 2


def test_without_bright_pixels_there_is_no_misfit(light, slope2):
    noise, residual = scatter(light, slope2, ErrorModel(0.0, 0.0, 0.0))
    variance = np.ones_like(residual)
    assert (measure_misfit(100 * residual, variance, noise, np.ones(light.shape, bool)) == 1).all()


@pytest.mark.parametrize("seed", range(20))
def test_least_squares_without_negatives_are_those_of_scipy(seed):
    rng = np.random.default_rng(seed)
    columns, wanted = np.abs(rng.normal(size=(30, 3))), rng.normal(0.2, 1, 30)
    np.testing.assert_allclose(solve_without_negatives(columns, wanted), nnls(columns, wanted)[0], atol=1e-10)
