"""Masks and weights beside an image: missing pixels and noise, wherever a file has them."""

from collections import Counter

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.reading.fits_images import read_image
from epochsieve.reading.folders import read_series
from epochsieve.reading.planes import blank_masked, to_noise
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.settings import ReadSettings

PIXELS = np.arange(1, 21, dtype=np.float32).reshape(4, 5)
WITH_PLANES = ReadSettings(mask_hdu="MASK", weight_hdu="2")


@pytest.fixture
def path(tmp_path):
    """An image with a masked pixel, one without weight, and inverse variances from 1 to 20."""
    mask, weight = np.zeros(PIXELS.shape, np.uint16), PIXELS.copy()
    mask[0, 1], weight[2, 3] = 2048, 0
    hdus = [fits.PrimaryHDU(PIXELS), fits.ImageHDU(mask, name="MASK"), fits.ImageHDU(weight, name="WEIGHT")]
    fits.HDUList(hdus).writeto(tmp_path / "a.fits")
    return tmp_path / "a.fits"


def test_masked_and_weightless_pixels_are_missing_and_weights_are_noise(path):
    image = read_image(path, WITH_PLANES)
    assert np.argwhere(np.isnan(image.pixels)).tolist() == [[0, 1], [2, 3]]
    assert np.argwhere(np.isnan(image.noise)).tolist() == [[2, 3]]
    np.testing.assert_allclose(image.noise[3], PIXELS[3] ** -0.5)


def test_planes_are_left_aside_where_nobody_asks_for_them(path):
    image = read_image(path)
    assert np.isfinite(image.pixels).all()
    assert image.noise is None


def test_a_file_without_the_planes_is_read_without_and_it_is_said(path, tmp_path):
    fits.PrimaryHDU(PIXELS).writeto(tmp_path / "b.fits")
    complaints: Counter[str] = Counter()
    series = read_series(tmp_path, ReadSettings("median", mask_hdu="MASK", weight_hdu="WEIGHT"), complaints)
    assert series.usable.all()
    assert series.noise is not None
    assert np.isnan(series.noise[1]).all()
    assert complaints == {"no HDU MASK": 1, "no HDU WEIGHT": 1}


def test_a_plane_of_another_shape_is_an_error(tmp_path):
    hdus = [fits.PrimaryHDU(PIXELS), fits.ImageHDU(PIXELS[1:], name="MASK")]
    fits.HDUList(hdus).writeto(tmp_path / "a.fits")
    for settings in (ReadSettings(mask_hdu="MASK"), ReadSettings(weight_hdu="MASK")):
        with pytest.raises(ImageError, match="shape 3x5 differs from the image's 4x5"):
            read_image(tmp_path / "a.fits", settings)


@given(st.floats(1e-6, 1e6), st.sampled_from(["std", "var", "ivar"]))
def test_every_kind_of_plane_means_the_same_noise(sigma, kind):
    plane = np.full((2, 2), {"std": sigma, "var": sigma**2, "ivar": sigma**-2}[kind])
    np.testing.assert_allclose(to_noise(plane, kind), sigma, rtol=1e-5)


def test_noise_that_says_nothing_is_missing():
    assert np.isnan(to_noise(np.array([[0, -1], [np.nan, np.inf]]))).all()
    with pytest.raises(ImageError, match="kind"):
        to_noise(np.ones((2, 2)), "weather")


def test_an_image_stays_as_it_was_when_a_copy_is_masked():
    before = PIXELS.copy()
    assert np.isnan(blank_masked(PIXELS, PIXELS > 3)).sum() == 17
    np.testing.assert_array_equal(PIXELS, before)
