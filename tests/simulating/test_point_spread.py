import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.simulating.point_spread import Airy, Grid, Moffat, draw_points

GRID = Grid(size=41, margin=8, oversampling=3)
MIDDLE = np.array([[20.0, 20.0]])


def draw(psf, position=MIDDLE, grid=GRID):
    return draw_points(psf, grid, np.asarray(position), np.ones(1))


@given(
    fwhm=st.floats(2, 5),
    beta=st.floats(3, 5),
    e1=st.floats(-0.15, 0.15),
    y=st.floats(18, 22),
    x=st.floats(18, 22),
)
@settings(max_examples=15, deadline=None)
def test_a_point_keeps_its_flux_and_its_place(fwhm, beta, e1, y, x):
    image = draw(Moffat(fwhm, beta, e1), [[y, x]])
    rows, columns = np.indices(image.shape)
    assert image.sum() == pytest.approx(1, abs=0.01)
    near = np.hypot(rows - y, columns - x) < 2 * fwhm
    light = np.where(near, image, 0) / image[near].sum()
    assert (light * rows).sum() == pytest.approx(y, abs=0.15)
    assert (light * columns).sum() == pytest.approx(x, abs=0.15)


def test_moving_a_point_by_whole_pixels_rolls_its_image():
    psf = Moffat(3.0, 3.0, 0.05, -0.03, 0.02, 0.04)
    moved = draw(psf, [[22.0, 17.0]])
    np.testing.assert_allclose(moved, np.roll(draw(psf), (2, -3), axis=(0, 1)), atol=2e-5)


@pytest.mark.parametrize("fwhm", [2.5, 4.0, 6.0])
def test_a_point_is_as_wide_as_its_fwhm_says(fwhm):
    fine = Grid(size=41, margin=8, oversampling=9)
    image = draw(Moffat(fwhm, 4.0), grid=fine)
    row = image[20] / image.max()
    half = np.interp(-0.5, -row[20:], np.arange(21))
    assert 2 * half == pytest.approx(np.hypot(fwhm, 0.6), rel=0.08)


def test_ellipticity_stretches_along_the_columns_axis_for_positive_e1():
    image = draw(Moffat(4.0, 3.0, e1=0.2))
    assert image[20, 24] > 1.5 * image[24, 20]


def test_finer_grids_draw_the_same_point():
    coarse, fine = (draw(Moffat(3.0), grid=Grid(41, 8, oversampling)) for oversampling in (3, 7))
    np.testing.assert_allclose(coarse, fine, atol=0.02 * fine.max())


def test_a_mirror_with_vanes_throws_spikes_across_them():
    image = draw(Airy(2.0, roll=0.0))
    ring = [(20 + round(15 * np.sin(t)), 20 + round(15 * np.cos(t))) for t in np.radians([0, 45, 90, 135, 180])]
    spike_x, between, spike_y, between_too, other_spike_x = (image[place] for place in ring)
    assert min(spike_x, spike_y, other_spike_x) > 3 * max(between, between_too)


def test_the_core_of_a_mirror_is_as_wide_as_its_fwhm_says():
    image = draw(Airy(4.0, jitter=0.0), grid=Grid(41, 8, 5))
    half = np.interp(-0.5, -image[20, 20:28] / image.max(), np.arange(8))
    assert 2 * half == pytest.approx(4.0, rel=0.1)
