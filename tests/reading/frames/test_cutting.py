"""Pieces of a chip: as astropy's Cutout2D cuts them, with planes, and on a grid of their own."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.nddata import Cutout2D
from astropy.wcs import WCS, Sip

from epochsieve.reading.frames.chips import Chip
from epochsieve.reading.frames.cutting import align_piece, cut_piece, make_grid, shift_wcs
from epochsieve.reading.headers import look_up_in


def make_wcs():
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval, wcs.wcs.crpix = ["RA---TAN-SIP", "DEC--TAN-SIP"], [10.0, 20.0], [30.0, 25.0]
    wcs.wcs.cd = 1e-4 * np.array([[-0.8, 0.6], [0.6, 0.8]])
    a = np.zeros((3, 3))
    a[2, 0] = 1e-4
    wcs.sip = Sip(a, a.T, None, None, wcs.wcs.crpix)
    wcs.wcs.set()
    return wcs


def make_chip(pixels, header=None, mask=None, weights=None):
    cards = fits.Header(header or {})
    return Chip("1", cards, look_up_in([cards]), make_wcs(), pixels, mask, weights)


@pytest.fixture
def image(rng):
    return rng.normal(size=(50, 60)).astype(">f4")


@pytest.mark.parametrize("size", [9, 10])
@pytest.mark.parametrize("place", [(30.4, 20.6), (0.0, 0.0), (59.4, 25.5), (2.5, 49.2), (-0.5, 10.49999)])
def test_a_piece_is_what_cutout2d_cuts(image, place, size):
    mine = cut_piece(make_chip(image), *place, size)
    theirs = Cutout2D(image, place, size, wcs=make_wcs(), mode="partial", fill_value=np.nan)
    np.testing.assert_array_equal(mine.pixels, theirs.data)
    moved = shift_wcs(make_wcs(), mine.x, mine.y)
    np.testing.assert_allclose(moved.all_pix2world(3, 4, 0), theirs.wcs.all_pix2world(3, 4, 0), rtol=0, atol=1e-12)


def test_scaled_integers_masks_and_weights_are_cut_along():
    stored = np.arange(3000, dtype=np.int16).reshape(50, 60)
    mask, weights = np.zeros_like(stored), np.full(stored.shape, 4, np.float32)
    mask[20, 31], weights[21, 30], stored[19, 29] = 64, 0, -1
    chip = make_chip(stored, {"BSCALE": 2.0, "BZERO": 100.0, "BLANK": -1}, mask, weights)
    cutout = cut_piece(chip, 30, 20, 5)
    assert cutout.pixels[2, 2] == 2 * (20 * 60 + 30) + 100
    assert np.argwhere(np.isnan(cutout.pixels)).tolist() == [[1, 1], [2, 3], [3, 2]]
    assert cutout.weights[0, 0] == 4


def test_an_aligned_piece_shows_a_star_in_its_middle_whatever_the_chip_does():
    pytest.importorskip("reproject")
    rows, columns = np.indices((50, 60))
    wcs = make_wcs()
    for x, y in ((30.3, 20.7), (40.6, 15.2), (5.1, 30.0)):
        star = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 2.0**2)).astype(np.float32)
        grid = make_grid(*(float(angle) for angle in wcs.all_pix2world(x, y, 0)), 1e-4, 15)
        piece = align_piece(make_chip(star), x, y, grid, 15)
        found = np.nan_to_num(piece.pixels)
        middle = [(found * axis).sum() / found.sum() for axis in np.indices((15, 15))]
        np.testing.assert_allclose(middle, 7, atol=0.15)
        assert np.isnan(piece.weights).all()


def test_missing_pixels_stay_missing_and_few_when_a_piece_is_aligned(image):
    pytest.importorskip("reproject")
    weights = np.full(image.shape, 4, np.float32)
    weights[25, 30] = 0
    grid = make_grid(*(float(angle) for angle in make_wcs().all_pix2world(30, 25, 0)), 1e-4, 15)
    piece = align_piece(make_chip(image, weights=weights), 30, 25, grid, 15)
    assert np.isnan(piece.pixels[7, 7])
    assert 1 <= np.isnan(piece.pixels).sum() <= 9
    assert np.nanmax(piece.weights) == 4
    nothing = align_piece(make_chip(image * np.nan), 30, 25, grid, 15)
    assert np.isnan(nothing.pixels).all()
