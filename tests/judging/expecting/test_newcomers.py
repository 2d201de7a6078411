import numpy as np
import pytest

from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.newcomers import estimate_error, find_newcomers, mark_host
from epochsieve.judging.expecting.scene import build_scene


@pytest.fixture(scope="module")
def scene(field):
    cube = field.observe(12)
    return build_scene(cube, find_missing(cube), np.full(cube.shape[1:], np.nan, np.float32))


@pytest.fixture
def find(scene, rng):
    """Find new stars in noise of one with an image added to the second of twelve epochs."""

    def find_in(added, valid=True):
        residual = rng.normal(size=(12, *added.shape)).astype(np.float32)
        residual[1] += added.astype(np.float32)
        seen = np.broadcast_to(valid, residual.shape)
        return find_newcomers(
            np.where(seen, residual, 0), np.ones_like(residual), seen, mark_host(scene), scene.psf_sigma
        )

    return find_in


@pytest.mark.parametrize("place", [(20, 20), (20.4, 22.7), (17, 18.5)])
@pytest.mark.parametrize("flux", [30.0, 300.0])
def test_a_star_near_the_centre_is_drawn_to_a_few_per_cent_of_its_peak(field, find, place, flux):
    star = flux * field.draw_spot(*place, field.sigma)
    found = find(star)
    assert np.abs(found[1] - star).max() < 0.06 * flux + 2
    assert found[1].sum() == pytest.approx(star.sum(), rel=0.15)
    assert not np.delete(found, 1, axis=0).any()


def test_a_single_hot_pixel_is_no_star(field, find):
    for row, column in ((20, 20), (22, 19), (17, 21)):
        hot = (field.rows == row) & (field.columns == column)
        assert not find(80.0 * hot).any()


def test_a_star_that_fades_away_is_no_newcomer(field, find):
    assert not find(-100 * field.draw_spot(20, 22, field.sigma)).any()


def test_a_star_far_from_the_centre_is_left_for_the_detectors(field, find):
    assert not find(100 * field.draw_spot(35, 36, field.sigma)).any()


def test_noise_has_no_newcomers(field, find):
    assert not find(np.zeros((field.side, field.side))).any()


def test_a_star_behind_a_hole_is_still_found(field, find):
    valid = np.ones((field.side, field.side), bool)
    valid[:, 23:] = False
    found = find(100 * field.draw_spot(20, 20, field.sigma), valid)
    assert found[1, 20, 20] == pytest.approx(100, rel=0.1)


def test_where_all_is_missing_there_is_no_newcomer(field, find):
    assert not find(np.zeros((field.side, field.side)), valid=False).any()


def test_the_host_is_around_the_centre_and_not_far_from_it(field, scene):
    host = mark_host(scene)
    radius = np.hypot(field.rows - field.middle, field.columns - field.middle)
    assert host[radius < 3].all()
    assert not host[radius > 15].any()


def test_errors_are_largest_where_a_star_is_bright_or_steep(field):
    star = 100 * field.draw_spot(20, 20, field.sigma)[None]
    error = estimate_error(np.concatenate([star, 0 * star]))
    assert error[0, 20, 20] > 0
    assert error[0, 20, 21] > error[0, 20, 26]
    assert not error[1].any()
    np.testing.assert_allclose(estimate_error(3 * star), 9 * estimate_error(star))
