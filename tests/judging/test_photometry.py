import numpy as np
import pytest

from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import build_scene
from epochsieve.judging.photometry import measure_flux


@pytest.fixture
def measure(field):
    """Measure the central source of a cube, by the scene of undisturbed epochs."""
    scene = build_scene(field.observe(12), find_missing(field.observe(12)), field.draw().astype(np.float32))

    def measure_in(cube, level=0.0):
        missing = ~np.isfinite(cube)
        return measure_flux(cube, missing, np.full(len(cube), level), np.ones(len(cube)), scene)

    return measure_in


@pytest.mark.parametrize("factor", [0.0, 1.0, 3.0])
def test_the_flux_is_that_of_the_central_source(field, measure, factor):
    cube = factor * field.flux * field.draw_spot(field.middle, field.middle, field.sigma)[None]
    flux, _ = measure(cube + 70, level=70)
    assert flux[0] == pytest.approx(factor * field.flux * 2 * np.pi * field.sigma**2, rel=0.05, abs=1e-6)


def test_errors_are_the_scatter_of_the_background(field, measure, rng):
    flux, error = measure(rng.normal(size=(300, field.side, field.side)))
    assert flux.std() == pytest.approx(error[0], rel=0.15)
    assert (error == error[0]).all()


def test_without_a_tenth_of_the_aperture_there_is_no_flux(field, measure):
    cube = np.repeat(field.draw()[None], 3, axis=0)
    cube[1, :, : field.middle] = np.nan
    cube[2, :3] = np.nan
    flux, error = measure(cube)
    assert np.isnan([flux[1], error[1]]).all()
    assert flux[2] == flux[0]
    assert np.isfinite(error[[0, 2]]).all()
