import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from epochsieve.reading.fits_images import _read_plain, _read_with_astropy
from epochsieve.reading.headers import ABSENT, Card
from epochsieve.reading.plain_fits import NotPlainError, parse_plain
from epochsieve.vocabulary.settings import ReadSettings

STORED = st.sampled_from(["u1", ">i2", ">i4", ">i8", ">f4", ">f8"])
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=7)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
VALUES = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9), ASCII)
KEYS = st.sampled_from(
    ["MJD-AVG", "MJDSTART", "MJDEND", "MJD-OBS", "DATE-OBS", "UT", "EXPTIME", "FWHM", "CD1_1", "ANY"]
)


def as_bytes(pixels, header=None):
    hdu = fits.PrimaryHDU(pixels)
    hdu.header.update(header or {})
    file = io.BytesIO()
    hdu.writeto(file)
    return file.getvalue()


def assert_both_paths_agree(contents, time_key=""):
    plain, full = _read_plain(contents, time_key), _read_with_astropy(contents, ReadSettings(time_key=time_key))
    np.testing.assert_array_equal(plain.pixels, full.pixels)
    assert plain.pixels.dtype == full.pixels.dtype
    np.testing.assert_equal((plain.mjd, plain.span_days, plain.fwhm), (full.mjd, full.span_days, full.fwhm))


def test_both_paths_agree_on_every_real_image(shared_data):
    files = sorted(shared_data.glob("*/*/*.fits"))
    files += sorted(shared_data.glob("trails/*.fits"))
    assert files
    for file in files:
        assert_both_paths_agree(file.read_bytes())


def test_the_plain_path_reads_what_astropy_itself_returns(shared_data):
    for file in sorted(shared_data.glob("*/*/*_01*.fits"))[::5]:
        expected = fits.getdata(file).astype(np.float32)
        np.testing.assert_allclose(_read_plain(file.read_bytes(), "").pixels, expected, rtol=1e-6)


@settings(deadline=None)
@given(STORED.flatmap(lambda kind: hnp.arrays(kind, SHAPES)), st.dictionaries(KEYS, st.tuples(VALUES, ASCII)))
def test_both_paths_agree_on_generated_images(pixels, cards):
    with np.errstate(all="ignore"):
        assert_both_paths_agree_unless_refused(as_bytes(pixels, cards))


@settings(deadline=None)
@given(
    hnp.arrays(st.sampled_from(["u1", ">i2", ">i4"]), SHAPES),
    st.floats(-1e3, 1e3).filter(lambda scale: abs(scale) > 1e-3),
    st.one_of(st.just(32768), st.floats(-1e5, 1e5)),
    st.integers(0, 100),
)
def test_both_paths_agree_on_scaled_integers(stored, scale, zero, blank):
    contents = as_bytes(stored)
    cards = [f"BSCALE  = {scale!r:>20}", f"BZERO   = {zero!r:>20}", f"BLANK   = {blank:>20}", "END"]
    assert_both_paths_agree(insert_cards(contents, cards))


def assert_both_paths_agree_unless_refused(contents):
    try:
        _read_plain(contents, "")
    except NotPlainError:  # a card with a doubled quote, say; then astropy is asked anyway
        return
    assert_both_paths_agree(contents)


def insert_cards(contents, cards):
    at = contents.index(b"END" + 77 * b" ")
    header = contents[:at] + "".join(card.ljust(80) for card in cards).encode()
    return header.ljust(2880) + contents[2880:]


def look_up(card):
    contents = insert_cards(as_bytes(np.zeros((1, 1), np.float32)), [card, "END"])
    return parse_plain(contents).look_up


@pytest.mark.parametrize(
    ("field", "card"),
    [
        ("=                   51 / pixels", Card(51.0, "pixels")),
        ("= .00000000E+00", Card(0.0, "")),
        ("= -1.5e3/no space", Card(-1500.0, "no space")),
        ("=                    T / yes", Card(True, "yes")),
        ("= 'ADU/s   '           / a / b", Card("ADU/s", "a / b")),
        ("=", Card(None, "")),
        ("=  / [pix] unknown", Card(None, "[pix] unknown")),
    ],
)
def test_fields_are_parsed_in_fixed_and_in_free_format(field, card):
    assert look_up(f"ANY     {field}")("ANY") == card


@pytest.mark.parametrize(
    "field", ["= 'it''s'", "= 'long&'", "= 1.5D3", "= (1, 2)", "= 1_000", "= nan", "  1.5", "= 'open"]
)
def test_fields_that_need_the_full_rules_are_left_to_them(field):
    with pytest.raises(NotPlainError):
        look_up(f"ANY     {field}")("ANY")


def test_the_first_of_equal_keys_counts_and_absent_ones_are_absent():
    contents = insert_cards(as_bytes(np.zeros((1, 1), np.float32)), ["UT      = '1'", "UT      = '2'", "END"])
    assert parse_plain(contents).look_up("UT") == Card("1", "")
    assert parse_plain(contents).look_up("MJD-OBS") is ABSENT
    with pytest.raises(NotPlainError):
        parse_plain(contents).look_up("ESO OBS START")


def test_an_end_in_the_middle_of_a_card_does_not_end_the_header():
    contents = insert_cards(as_bytes(np.ones((1, 1), np.float32)), ["COMMENT END", "UT      = 'x'", "END"])
    assert parse_plain(contents).look_up("UT") == Card("x", "")


def test_anything_but_the_simple_case_is_refused(tmp_path):
    image = np.ones((4, 5), np.float32)
    whole = as_bytes(image)
    for contents in (
        b"",
        b"not a FITS file",
        whole[:2879],
        whole[: 2880 + 79],
        whole.replace(b"NAXIS   =                    2", b"NAXIS   =                    1"),
        whole.replace(b"BITPIX  =                  -32", b"BITPIX  =                  -99"),
        whole.replace(b"NAXIS1  =                    5", b"NAXIS1  =                    0"),
        whole.replace(b"NAXIS1  =                    5", b"NAXIS1  =         999999999999"),
        whole.replace(b"EXTEND", b"EXTEN\xff"),
        as_bytes(np.ones((1, 4, 5), np.float32)),
        as_bytes(None),
    ):
        with pytest.raises(NotPlainError):
            parse_plain(contents)
    assert parse_plain(whole[: 2880 + 80]).stored.shape == (4, 5)


def test_real_images_take_the_fast_path(shared_data):
    for file in (shared_data / "vst" / "0070").glob("*.fits"):
        assert parse_plain(Path(file).read_bytes()).stored.shape == (51, 51)
