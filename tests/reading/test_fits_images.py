import gzip
import io
import math
import os
import warnings
from itertools import product

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochsieve.reading.contents import read_contents
from epochsieve.reading.fits_images import read_image
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.settings import ReadSettings

PIXELS = np.arange(20, dtype=np.float32).reshape(4, 5)


@pytest.mark.parametrize("kind", ["u1", ">i2", "<i4", ">i8", "<f4", ">f4", ">f8"])
def test_every_type_becomes_native_float32(write_image, kind):
    image = read_image(write_image("a.fits", PIXELS.astype(kind)))
    np.testing.assert_array_equal(image.pixels, PIXELS)
    assert image.pixels.dtype == np.dtype("=f4")
    assert image.pixels.flags.writeable


@pytest.mark.parametrize("name", ["a.fits", "a.FIT", "a.fits.gz"])
@pytest.mark.parametrize("kind", ["u2", "u4", "i1"])
def test_offset_integers_are_shifted_back(write_image, name, kind):
    np.testing.assert_array_equal(read_image(write_image(name, PIXELS.astype(kind))).pixels, PIXELS)


@pytest.mark.parametrize("shape", [(1, 4, 5), (1, 1, 4, 5)])
def test_degenerate_axes_are_dropped(write_image, shape):
    np.testing.assert_array_equal(read_image(write_image("a.fits", PIXELS.reshape(shape))).pixels, PIXELS)


def test_nan_and_infinite_pixels_are_missing(write_image):
    pixels = PIXELS.copy()
    pixels[0, :3] = np.nan, np.inf, -np.inf
    found = read_image(write_image("a.fits", pixels)).pixels
    assert np.isnan(found[0, :3]).all()
    np.testing.assert_array_equal(found[1:], PIXELS[1:])


@pytest.mark.parametrize("name", ["a.fits", "a.fits.fz"])
def test_blank_integers_are_missing_and_the_others_scaled(tmp_path, name):
    stored = np.array([[-5, 1, 2], [3, 4, -5]], np.int16)
    hdu = fits.ImageHDU(stored)
    hdu.header.update({"BLANK": -5})
    if name.endswith("fz"):
        hdu = fits.CompImageHDU(stored, hdu.header, compression_type="RICE_1")
    hdu.writeto(tmp_path / name)
    np.testing.assert_array_equal(read_image(tmp_path / name).pixels, [[np.nan, 1, 2], [3, 4, np.nan]])


LOSSLESS = [*product(["i2", "u2", "i4"], ["RICE_1", "GZIP_2", "HCOMPRESS_1"]), ("f4", "GZIP_2")]


@pytest.mark.parametrize(("kind", "compression"), LOSSLESS)
def test_tile_compressed_images_are_unpacked(tmp_path, kind, compression):
    pixels = np.arange(900, dtype=kind).reshape(30, 30)
    hdu = fits.CompImageHDU(pixels, compression_type=compression, quantize_level=0)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(tmp_path / "a.fits.fz")
    np.testing.assert_array_equal(read_image(tmp_path / "a.fits.fz").pixels, pixels)


def test_quantised_floats_are_unpacked_to_their_precision(tmp_path, rng):
    pixels = rng.normal(100, 1, (30, 30)).astype(np.float32)
    pixels[3, 4] = np.nan
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(pixels, quantize_level=16)]).writeto(tmp_path / "a.fits.fz")
    np.testing.assert_allclose(read_image(tmp_path / "a.fits.fz").pixels, pixels, atol=0.1)


@pytest.fixture
def extensions(tmp_path):
    """A file with a table, a spectrum, a cube, and two images."""
    primary = fits.PrimaryHDU()
    primary.header["MJD-OBS"] = 60000.5
    table = fits.BinTableHDU.from_columns([fits.Column("a", "E", array=[1.0])], name="TABLE")
    parts = [
        fits.ImageHDU(np.ones(7), name="SPECTRUM"),
        fits.ImageHDU(np.ones((2, 3, 4)), name="CUBE"),
        fits.ImageHDU(PIXELS, name="SCI"),
        fits.ImageHDU(PIXELS + 1, name="OTHER"),
    ]
    path = tmp_path / "many.fits"
    fits.HDUList([primary, table, *parts]).writeto(path)
    return path


@pytest.mark.parametrize(("hdu", "offset"), [("", 0), ("SCI", 0), ("other", 1), ("4", 0), ("5", 1)])
def test_the_hdu_is_found_by_name_by_number_or_by_itself(extensions, hdu, offset):
    image = read_image(extensions, ReadSettings(hdu=hdu))
    np.testing.assert_array_equal(image.pixels, PIXELS + offset)
    assert image.mjd == 60000.5


@pytest.mark.parametrize(
    ("hdu", "message"),
    [
        ("0", "HDU PRIMARY holds no image"),
        ("TABLE", "HDU TABLE holds no image"),
        ("CUBE", "not a 2-D image: its shape is 2x3x4"),
        ("SPECTRUM", "not a 2-D image: its shape is 7"),
        ("NONE", "there is no HDU NONE"),
        ("99", "there is no HDU 99"),
    ],
)
def test_an_hdu_without_a_2d_image_is_refused(extensions, hdu, message):
    with pytest.raises(ImageError, match=f"^{message}$"):
        read_image(extensions, ReadSettings(hdu=hdu))


def test_a_file_with_no_image_is_refused(tmp_path):
    fits.PrimaryHDU().writeto(tmp_path / "a.fits")
    with pytest.raises(ImageError, match="no HDU holds an image"):
        read_image(tmp_path / "a.fits")


def test_a_true_cube_is_refused(write_image):
    with pytest.raises(ImageError, match="not a 2-D image: its shape is 3x4x5"):
        read_image(write_image("a.fits", np.ones((3, 4, 5))))


def test_time_span_and_seeing_come_from_the_header(write_image):
    header = {"MJDSTART": 100.0, "MJDEND": 102.0, "FWHM": (3.5, "[pix]"), "DATE": "2020-01-01"}
    image = read_image(write_image("a.fits", header=header))
    assert (image.mjd, image.span_days, image.fwhm) == (101.0, 2.0, 3.5)
    assert math.isnan(read_image(write_image("b.fits")).mjd)


@pytest.mark.parametrize("key", ["BKJD", "HIERARCH ESO OBS MID"])
def test_the_time_key_may_be_any(write_image, key):
    path = write_image("a.fits", header={key: 2668.25, "MJD-OBS": 60000.0})
    assert read_image(path, ReadSettings(time_key=key.removeprefix("HIERARCH "))).mjd == 2668.25


def test_a_masked_frame_of_all_nan_and_a_constant_one_are_readable(write_image):
    assert np.isnan(read_image(write_image("nan.fits", PIXELS * np.nan)).pixels).all()
    assert (read_image(write_image("flat.fits", PIXELS * 0)).pixels == 0).all()


def test_astropys_warnings_are_kept_with_the_image_and_shown_to_nobody(write_image):
    path = write_image("a.fits", PIXELS[np.newaxis])
    path.write_bytes(path.read_bytes().replace(b"EXTEND  =", b"exte\xe9d  ="))
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        image = read_image(path)
    assert leaked == []
    assert set(image.complaints) <= {"VerifyWarning", "AstropyUserWarning"}
    assert image.complaints


def broken_files(tmp_path, write_image):
    whole = write_image("whole.fits").read_bytes()
    packed = gzip.compress(whole)
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0xFF
    yield from {
        "empty": b"",
        "text": b"this is no image\n" * 500,
        "short text": b"no",
        "header cut": whole[:1000],
        "data cut": whole[: 2880 + 79],
        "terabytes": whole.replace(b"NAXIS1  =                    5", b"NAXIS1  =         999999999999"),
        "gzip cut": packed[:-20],
        "gzip flipped": bytes(flipped),
        "gzip of nothing": gzip.compress(b""),
    }.items()


def test_broken_contents_raise_one_line(tmp_path, write_image):
    for name, contents in broken_files(tmp_path, write_image):
        path = tmp_path / "broken.fits"
        path.write_bytes(contents)
        with pytest.raises(ImageError) as caught:
            read_image(path)
        assert str(caught.value).strip(), name
        assert "\n" not in str(caught.value), name
        assert str(tmp_path) not in str(caught.value), name


def test_what_is_no_readable_file_raises_what_it_is(tmp_path):
    (tmp_path / "folder.fits").mkdir()
    (tmp_path / "loop.fits").symlink_to("loop.fits")
    (tmp_path / "nowhere.fits").symlink_to("absent")
    os.mkfifo(tmp_path / "fifo.fits")
    for name, message in {
        "folder.fits": "not a file, but a folder",
        "loop.fits": "symbolic link",
        "nowhere.fits": "No such file",
        "vanished.fits": "No such file",
        "fifo.fits": "not a regular file",
    }.items():
        with pytest.raises(ImageError, match=message):
            read_image(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(write_image):
    path = write_image("a.fits")
    path.chmod(0)
    with pytest.raises(ImageError, match="Permission denied"):
        read_image(path)


def test_a_gzip_bomb_is_refused_at_the_limit(tmp_path):
    (tmp_path / "bomb.fits.gz").write_bytes(gzip.compress(bytes(1_000_000)))
    with pytest.raises(ImageError, match="too large"):
        read_contents(tmp_path / "bomb.fits.gz", largest=10_000)
    (tmp_path / "big.fits").write_bytes(bytes(10_001))
    with pytest.raises(ImageError, match="too large"):
        read_contents(tmp_path / "big.fits", largest=10_000)


def test_gzip_members_in_a_row_are_one_file(write_image, tmp_path):
    whole = write_image("a.fits").read_bytes()
    (tmp_path / "b.fits.gz").write_bytes(gzip.compress(whole[:3000]) + gzip.compress(whole[3000:]))
    np.testing.assert_array_equal(read_image(tmp_path / "b.fits.gz").pixels, PIXELS)


def intact_files():
    """Write sound files of every kind, tile-compressed ones included."""
    primary = fits.PrimaryHDU(PIXELS)
    primary.header.update({"MJD-OBS": 60000.0, "EXPTIME": 30.0, "FWHM": (2.0, "pix")})
    many = fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(PIXELS, name="SCI")])
    smooth = np.arange(400, dtype=np.int16).reshape(20, 20)
    tiled = [
        fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(smooth, compression_type=compression)])
        for compression in ("RICE_1", "GZIP_1", "PLIO_1", "HCOMPRESS_1")
    ]
    files = []
    for hdus in (fits.HDUList([primary]), many, *tiled):
        file = io.BytesIO()
        hdus.writeto(file)
        files.append(file.getvalue())
    return [*files, gzip.compress(files[0])]


INTACT = intact_files()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(data=st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(tmp_path, data):
    path = tmp_path / "damaged.fits"
    contents = bytearray(data.draw(st.sampled_from(INTACT)))
    parts = [(0, 2880), (2880, 5760), (5760, 7000)]  # headers, then what most files hold at their end
    for _ in range(data.draw(st.integers(1, 4))):
        begin, end = data.draw(st.sampled_from([part for part in parts if part[0] < len(contents)]))
        at = data.draw(st.integers(begin, min(len(contents), end) - 1))
        contents[at] = data.draw(st.integers(0, 255))
    path.write_bytes(contents[: data.draw(st.integers(0, len(contents)))] if data.draw(st.booleans()) else contents)
    try:
        image = read_image(path)
    except ImageError:
        pass
    else:
        assert image.pixels.ndim == 2
        assert image.pixels.dtype == np.float32
        assert not np.isinf(image.pixels).any()
