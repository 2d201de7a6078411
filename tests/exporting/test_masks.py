"""Masks: what is spoilt is in them, what is not is not, and everybody's tools decode them."""

import numpy as np
import pytest
from astropy.nddata import bitmask

from epochsieve.exporting.masks import (
    COSMIC_RAY,
    DEAD_PIXEL,
    HOT_COLUMN,
    OWN_SHIFT,
    TRAIL,
    draw_mask,
    list_kinds,
    make_mask_hdu,
)
from epochsieve.vocabulary.flags import Flag


@pytest.fixture
def noise(rng):
    return rng.normal(size=(41, 41))


def test_a_trail_is_masked_along_its_length_and_nowhere_else(noise):
    noise[:, 19:22] += 6
    mask = draw_mask(noise, Flag.TRAIL, 20, 5)
    assert (mask[:, 20] == TRAIL).all()
    assert not mask[:, :15].any()
    assert not mask[:, 26:].any()


@pytest.mark.parametrize(("sign", "value"), [(1, COSMIC_RAY), (-1, DEAD_PIXEL)])
def test_a_point_is_bright_or_dark(noise, sign, value):
    noise[7, 30] = 40 * sign
    mask = draw_mask(noise, Flag.POINT, 30, 7)
    assert mask[7, 30] == value
    rows, columns = np.nonzero(mask & value)
    assert np.hypot(rows - 7, columns - 30).max() < 4


def test_a_reason_that_is_everywhere_spoils_every_pixel_and_adds_to_the_others(noise):
    noise[3, 3] = 50
    mask = draw_mask(noise, Flag.PSF | Flag.COLUMN, 3, 3)
    everywhere = int(Flag.PSF) << OWN_SHIFT
    assert (mask & everywhere == everywhere).all()
    assert mask[3, 3] == everywhere | HOT_COLUMN


def test_missing_pixels_are_masked_as_missing_alone(noise):
    noise[:, :5] = np.nan
    mask = draw_mask(noise, Flag.MISSING, np.nan, np.nan)
    assert (mask[:, :5] == int(Flag.MISSING) << OWN_SHIFT).all()
    assert not mask[:, 5:].any()


def test_where_nothing_stands_out_the_place_itself_is_masked():
    mask = draw_mask(np.zeros((9, 9)), Flag.EDGE, 8.0, 0.2)
    assert np.argwhere(mask).tolist() == [[0, 7], [0, 8], [1, 7], [1, 8]]


def test_no_two_kinds_share_a_value_and_ours_are_above_maximasks():
    values = [kind.value for kind in list_kinds()]
    assert len(set(values)) == len(values)
    assert all(value.bit_count() == 1 and value < 2**31 for value in values)
    assert all(kind.value > 4096 for kind in list_kinds() if "MaxiMask" not in kind.name)


def test_astropy_decodes_masks_and_flags(noise):
    noise[7, 30] = 40
    mask = draw_mask(noise, Flag.POINT | Flag.SCALE, 30, 7)
    bad = bitmask.bitfield_to_boolean_mask(mask, ignore_flags=int(Flag.SCALE) << OWN_SHIFT)
    np.testing.assert_array_equal(bad, mask & COSMIC_RAY > 0)
    names = bitmask.extend_bit_flag_map("EpochsieveFlags", **{flag.name: flag.value for flag in Flag})
    flags = np.array([0, 8, 4096, 4104])
    kept = bitmask.bitfield_to_boolean_mask(flags, ignore_flags="SEEING", flag_name_map=names)
    assert kept.tolist() == [False, True, False, True]


def test_the_header_says_what_the_values_in_the_mask_mean(noise):
    noise[7, 30] = 40
    header = make_mask_hdu(draw_mask(noise, Flag.POINT, 30, 7), None, {"OBJECT": "x"}).header
    assert (header["OBJECT"], header["MASK0"]) == ("x", 1)
    assert "MASK6" not in header
    assert sum("MaxiMask" in line for line in header["COMMENT"]) == 5
