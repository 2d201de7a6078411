import numpy as np
import pytest

from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import build_scene
from epochsieve.judging.expecting.templates import SCENE, VARYING, differentiate, make_templates, make_tilts


@pytest.fixture(scope="module")
def templates(field):
    cube = field.observe(12)
    return make_templates(build_scene(cube, find_missing(cube), np.full(cube.shape[1:], np.nan, np.float32)))


def explain(templates, image):
    """Say which share of an image's power templates leave unexplained."""
    found = np.linalg.lstsq(templates.T, image.ravel(), rcond=None)[0]
    return float(((image.ravel() - found @ templates) ** 2).sum() / (image**2).sum())


def test_templates_are_of_length_one_and_found_by_name(templates):
    np.testing.assert_allclose((templates.images**2).sum(axis=1), 1)
    assert len(set(templates.names)) == len(templates.names) == len(templates.images) == len(templates.lengths)
    assert templates.find(SCENE) == list(range(len(SCENE)))
    assert [templates.names[row] for row in templates.find(VARYING)] == list(VARYING)


def test_a_small_shift_growth_or_stretch_of_the_scene_is_explained(field, templates):
    rows = templates.images[templates.find(SCENE)]
    for change in ({"down": 0.3}, {"right": -0.3}, {"wide": 1.1}, {"wide": 1.08, "tall": 1.08}):
        difference = field.draw(**change) - field.draw()
        assert explain(rows, difference) < 0.3, change


@pytest.mark.parametrize("sigma", [1.3, 1.6])
def test_light_of_the_centre_is_explained_by_the_varying_templates(field, templates, sigma):
    assert explain(templates.images[templates.find(VARYING)], field.draw_spot(20, 20, sigma)) < 0.03


def test_a_spot_elsewhere_is_not_explained(field, templates):
    assert explain(templates.images, field.draw_spot(35, 36, 1.3)) > 0.7


def test_tilts_rise_from_minus_one_to_one_along_their_axis():
    tilt_x, tilt_y = make_tilts((11, 40))
    assert tilt_x.shape == tilt_y.shape == (11, 40)
    assert (np.diff(tilt_x, axis=1) > 0).all()
    assert (np.diff(tilt_x, axis=0) == 0).all()
    assert (np.diff(tilt_y, axis=0) > 0).all()
    np.testing.assert_allclose([tilt_x.min(), tilt_x.max()], [-1, 1], atol=0.05)
    np.testing.assert_allclose(tilt_y.sum(), 0, atol=1e-9)


def test_derivatives_of_a_cube_are_those_of_its_images(field):
    cube = field.observe(3)
    together = differentiate(cube, 1, 0)
    np.testing.assert_allclose(together, [differentiate(image, 1, 0) for image in cube], atol=1e-4)


def test_derivatives_of_a_plane_are_its_slopes():
    rows, columns = np.indices((20, 20)).astype(float)
    plane = 3 * rows - 2 * columns
    np.testing.assert_allclose(differentiate(plane, 1, 0)[6:-6, 6:-6], 3, rtol=0.02)
    np.testing.assert_allclose(differentiate(plane, 0, 1)[6:-6, 6:-6], -2, rtol=0.02)
    np.testing.assert_allclose(differentiate(plane, 1, 1)[6:-6, 6:-6], 0, atol=0.02)
