"""Quick-look light: what photutils measures, and nothing where nothing is."""

import numpy as np
import pytest

from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import build_scene
from epochsieve.judging.photometry import RADIUS, measure_flux
from epochsieve.judging.quick_look import measure_light


def test_the_flux_is_that_of_photutils(make_series):
    aperture = pytest.importorskip("photutils.aperture")
    series = make_series(epochs=12, flux=300.0)
    missing = find_missing(series.cube)
    scene = build_scene(series.cube, missing, series.stack)
    flux, _ = measure_flux(series.cube, missing, scene.background, scene.noise, scene)
    circle = aperture.CircularAperture(scene.centre[::-1], RADIUS * scene.width)
    pairs = zip(series.cube, scene.background, strict=True)
    theirs = [float(circle.do_photometry(image - level)[0][0]) for image, level in pairs]
    np.testing.assert_allclose(flux, theirs, rtol=0.005)


def test_light_has_the_unit_of_the_images(make_series):
    series = make_series()
    light, doubled = (measure_light(factor * series.cube, factor * series.stack) for factor in (1, 1e12))
    for name, values in light.items():
        np.testing.assert_allclose(doubled[name], 1e12 * values, rtol=1e-4, atol=1e8)


def test_images_without_content_have_no_light(make_series):
    cube = make_series().cube
    cube[2], cube[3] = np.nan, 7.0
    light = measure_light(cube, np.nanmedian(cube, axis=0))
    for values in light.values():
        assert np.isnan(values[[2, 3]]).all()
        assert np.isfinite(np.delete(values, [2, 3])).all()
    assert all(np.isnan(values).all() for values in measure_light(cube[2:4], cube[0]).values())
