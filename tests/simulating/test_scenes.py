import numpy as np
import pytest

from epochsieve.simulating.point_spread import Grid, Moffat
from epochsieve.simulating.scenes import Galaxy, Scene, Star
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.surveys import SURVEYS

GRID = Grid(size=61, margin=10, oversampling=3)
SHARP = Moffat(2.0, 4.0)


def show(scene, factor=1.0, transients=()):
    return GRID.to_pixels(scene.transfer(GRID, factor, transients) * SHARP.transfer(GRID))


@pytest.mark.parametrize("index", [0.7, 1.0, 2.5, 4.0])
def test_half_of_a_galaxys_light_is_inside_its_effective_radius(index):
    galaxy = Galaxy(30, 30, flux=100.0, radius=6.0, index=index, axis_ratio=1.0, angle=0.0)
    image = galaxy.draw(GRID)
    steps = (np.arange(GRID.points) + 0.5) / GRID.oversampling - GRID.margin - 0.5
    radius = np.hypot(steps[:, None] - 30, steps[None, :] - 30)
    assert image[radius < 6].sum() == pytest.approx(50, rel=0.03)


def test_turning_the_sky_by_a_right_angle_turns_its_image():
    scene = Scene(
        Star(29.6, 30.3, 50.0),
        (Star(12.0, 41.0, 30.0),),
        (Galaxy(40.0, 22.0, 80.0, radius=3.0, index=1.0, axis_ratio=0.4, angle=0.3),),
    )
    np.testing.assert_allclose(show(scene.turned(np.pi / 2, 30.0)), np.rot90(show(scene), -1), atol=0.02)


def test_only_the_central_point_varies():
    scene = Scene(Star(30, 30, 10.0), (Star(10, 10, 20.0),), (Galaxy(30, 30, 40.0, 3.0, 1.0, 0.7, 0.0),))
    alone = show(Scene(Star(30, 30, 10.0)))
    np.testing.assert_allclose(show(scene, factor=3.0) - show(scene), 2 * alone, atol=1e-9)
    assert scene.central_flux == 50.0


def test_transients_add_to_the_scene():
    scene, nova = Scene(Star(30, 30, 10.0)), Star(33, 28, 5.0)
    np.testing.assert_allclose(show(scene, transients=[nova]) - show(scene), show(Scene(nova)), atol=1e-9)


@pytest.mark.parametrize("name", SURVEYS)
def test_every_survey_puts_its_central_source_in_the_middle(name, rng):
    survey = SURVEYS[name]
    for _ in range(5):
        centre = draw_scene(survey, rng).centre
        assert np.hypot(centre.y - (survey.size - 1) / 2, centre.x - (survey.size - 1) / 2) < 1
        assert survey.point_flux(survey.central_snr[0]) <= centre.flux <= survey.point_flux(survey.central_snr[1])
