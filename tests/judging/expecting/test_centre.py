import numpy as np
import pytest

from epochsieve.judging.expecting.centre import measure_change
from epochsieve.judging.expecting.fitting import fit_templates
from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.scene import build_scene
from epochsieve.judging.expecting.templates import SCENE, VARYING, make_templates


def draw(cube):
    """Draw the central source's change in every epoch of a cube."""
    scene = build_scene(cube, find_missing(cube), np.full(cube.shape[1:], np.nan, np.float32))
    templates = make_templates(scene)
    weights = np.full((len(cube), scene.reference.size), 1, np.float32)
    images = scene.images.reshape(len(cube), -1)
    fit = fit_templates(images, weights, templates.images[templates.find([*SCENE, *VARYING])])
    change = measure_change(fit, templates, scene, np.ones(len(cube), bool))
    return (change @ templates.images[templates.find(VARYING)]).reshape(cube.shape)


@pytest.mark.parametrize("factor", [0.3, 2.0, 3.0, 6.0])
def test_a_change_of_brightness_is_drawn(field, spoilt, factor):
    change = (factor - 1) * field.flux * field.draw_spot(20, 20, field.sigma)
    drawn = draw(field.spoil(lambda image: image + change))
    assert drawn[spoilt].sum() == pytest.approx(change.sum(), rel=0.1)
    assert np.abs(drawn[spoilt] - change).max() < 0.1 * np.abs(change).max()


def test_an_unchanged_source_has_no_change_at_all(field):
    assert not draw(field.observe() + np.float32(9) * field.draw().astype(np.float32)).any()


def test_a_source_brighter_by_a_twentieth_has_no_change(field, spoilt):
    assert not draw(field.spoil(lambda image: image + 5 * field.draw_spot(20, 20, field.sigma)))[spoilt].any()


def test_all_stars_brighter_together_are_not_a_change_of_the_centre(field, spoilt):
    drawn = draw(field.spoil(lambda image: image + field.draw()))
    assert np.abs(drawn[spoilt]).max() < 0.15 * field.flux


def test_a_star_that_is_only_blurred_keeps_its_light(field, spoilt):
    blurred = field.draw(wide=1.3, tall=1.3) - field.draw()
    drawn = draw(field.spoil(lambda image: image + blurred))
    assert np.abs(drawn[spoilt]).max() < 0.1 * field.flux
