import math

import pytest
from astropy.io import fits

from epochsieve.reading.headers import look_up_in
from epochsieve.reading.seeing import read_fwhm, read_pixel_scale

VST = {"CD1_1": -5.833333151e-05, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 5.833333151e-05}


def look_up(**cards):
    header = fits.Header()
    header.update(cards)
    return look_up_in([header])


def test_the_scale_is_read_from_the_cd_matrix_whatever_its_rotation():
    assert read_pixel_scale(look_up(**VST)) == pytest.approx(0.21)
    rotated = {"CD1_1": 0.0, "CD1_2": -4.722e-5, "CD2_1": 4.722e-5, "CD2_2": 0.0}
    assert read_pixel_scale(look_up(**rotated)) == pytest.approx(0.17, abs=1e-4)


def test_the_cd_matrix_wins_over_a_cdelt_left_behind():
    assert read_pixel_scale(look_up(**VST, CDELT1=1.0, CDELT2=1.0, PC1_1=-5.8e-05, PC2_2=5.8e-05)) == pytest.approx(
        0.21
    )


def test_the_scale_is_read_from_cdelt_with_and_without_pc():
    assert read_pixel_scale(look_up(CDELT1=-1e-4, CDELT2=1e-4)) == pytest.approx(0.36)
    assert read_pixel_scale(look_up(CDELT1=1.0, CDELT2=1.0, PC1_1=-1e-4, PC2_2=1e-4)) == pytest.approx(0.36)


@pytest.mark.parametrize(
    "cards", [{}, {"CDELT1": 1.0, "CDELT2": 1.0}, {"CDELT1": "?", "CDELT2": 1e-4}, {"CD1_1": 1e-4}]
)
def test_no_scale_is_claimed_without_a_celestial_one(cards):
    assert math.isnan(read_pixel_scale(look_up(**cards)))


@pytest.mark.parametrize("key", ["FWHM", "PSF_FWHM", "SEEING"])
def test_the_unit_in_the_comment_decides(key):
    assert read_fwhm(look_up(**VST, **{key: (1.05, "[arcsec] seeing")})) == pytest.approx(5.0)
    assert read_fwhm(look_up(**VST, **{key: (4.2, "median, pixels")})) == 4.2
    assert read_fwhm(look_up(**{key: (4.2, "[pix]")})) == 4.2


def test_arcseconds_without_a_scale_are_not_pixels():
    assert math.isnan(read_fwhm(look_up(FWHM=(1.05, "[arcsec]"))))


def test_without_a_unit_the_only_believable_one_is_taken():
    assert read_fwhm(look_up(**VST, FWHM=(0.689, "FWHM median"))) == pytest.approx(0.689 / 0.21)
    assert read_fwhm(look_up(CDELT1=-5.2 / 3600, CDELT2=5.2 / 3600, FWHM=1.8)) == 1.8


def test_without_a_unit_nothing_is_claimed_where_both_are_believable():
    assert math.isnan(read_fwhm(look_up(CDELT1=-0.4 / 3600, CDELT2=0.4 / 3600, FWHM=2.5)))
    assert math.isnan(read_fwhm(look_up(FWHM=2.5)))


@pytest.mark.parametrize("placeholder", [0.0, -9999.99, "UNKNOWN", True])
def test_placeholders_are_passed_over(placeholder):
    assert read_fwhm(look_up(FWHM=placeholder, SEEING=(3.0, "pixels"))) == 3.0
