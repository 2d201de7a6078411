import io

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from epochsieve.reading.checksums import check_datasum
from epochsieve.reading.fits_images import parse_image
from epochsieve.vocabulary.errors import ImageError

shapes = st.tuples(st.integers(1, 30), st.integers(1, 30))
images = arrays(np.dtype(">i2"), shapes) | arrays(np.dtype(">f4"), shapes, elements=st.floats(-1e6, 1e6, width=32))


def write(hdu):
    file = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), hdu] if isinstance(hdu, fits.CompImageHDU) else [hdu]).writeto(file, checksum=True)
    return file.getvalue()


@given(images)
def test_the_sum_is_astropys_for_any_image(image):
    contents = write(fits.PrimaryHDU(image))
    begin = contents.index(b"END".ljust(80)) // 2880 * 2880 + 2880
    check_datasum(contents[:begin], contents[begin:])


@given(st.integers(0, 15 * 15 * 4 - 1), st.integers(0, 7))
def test_a_flipped_bit_of_the_data_is_noticed(place, bit):
    contents = bytearray(write(fits.PrimaryHDU(np.arange(225, dtype=np.float32).reshape(15, 15))))
    contents[2880 + place] ^= 1 << bit
    with pytest.raises(ImageError, match="damaged: its data have another checksum"):
        parse_image(bytes(contents))


def test_compressed_data_are_held_against_the_sum_of_what_is_stored():
    image = np.arange(400, dtype=np.int16).reshape(20, 20)
    contents = bytearray(write(fits.CompImageHDU(image, compression_type="RICE_1")))
    np.testing.assert_array_equal(parse_image(bytes(contents)).pixels, image)
    contents[-2880] ^= 1  # in the table of the tiles
    with pytest.raises(ImageError, match="damaged: its data have another checksum"):
        parse_image(bytes(contents))


@pytest.mark.parametrize("header", [b"", b"DATASUM = '        '".ljust(80), b"COMMENT DATASUM = '1'".ljust(80)])
def test_data_of_which_no_sum_is_stated_are_believed(header):
    check_datasum(header, b"any data")
