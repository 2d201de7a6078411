import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from epochsieve.reading.stacks import choose_stack, make_median
from epochsieve.vocabulary.series import Epoch


def epochs_named(*names):
    return [Epoch(name, None, mjd=100.0 + place) for place, name in enumerate(names)]


@pytest.mark.parametrize(
    ("wanted", "file"), [("first", "a.fits"), ("median", ""), ("b*", "b1.fits"), ("c.fits", "c.fits"), ("z*", "")]
)
def test_the_users_choice_is_followed(wanted, file):
    assert choose_stack(wanted, epochs_named("a.fits", "b1.fits", "b2.fits", "c.fits"), {}).file == file


@pytest.mark.parametrize("wanted", ["auto", "first", "median", "a*"])
def test_a_single_image_is_an_epoch_and_never_the_stack(wanted):
    choice = choose_stack(wanted, epochs_named("a_stack.fits"), {})
    assert choice.file == ""
    assert "one image only" in choice.reason


@pytest.mark.parametrize(
    "name", ["x_stack.fits", "Median.fits", "deepCoadd-3.fits", "0_MEAN_r.fits", "r-stacked2.fits", "stack01.fit"]
)
def test_a_telling_name_is_recognised_wherever_it_stands(name):
    assert choose_stack("auto", epochs_named("a.fits", name, "z.fits"), {}).file == name


@pytest.mark.parametrize("name", ["meaning.fits", "haystack.fits", "demeaned.fits", "coaddress.fits"])
def test_a_word_within_a_word_tells_nothing(name):
    assert choose_stack("auto", epochs_named("a.fits", name), {}).file == "a.fits"


def test_a_word_that_all_names_share_tells_nothing():
    names = ["mean_1.fits", "mean_2.fits", "mean_3.fits"]
    assert choose_stack("auto", epochs_named(*names), {}).reason == "first by name"


def test_a_header_that_spans_the_others_nights_is_recognised():
    images = [*epochs_named("a", "b", "c", "d"), Epoch("e", None, mjd=101.0)]
    choice = choose_stack("auto", images, {"a": 0.02, "b": 0.02, "c": float("nan"), "e": 3.0})
    assert choice.file == "e"
    assert "3.0 days" in choice.reason


def test_one_epoch_of_several_nights_is_not_taken_for_a_stack():
    images = [Epoch(name, None, mjd=100.0 * place) for place, name in enumerate("abcd")]
    assert choose_stack("auto", images, {"a": 0.02, "b": 0.02, "c": 2.1, "d": 0.02}).file == "a"


def test_a_span_not_much_longer_than_the_others_is_not_taken_for_a_stack():
    assert choose_stack("auto", epochs_named("a", "b", "c", "d"), dict.fromkeys("abc", 4.0) | {"d": 9.0}).file == "a"


IMAGES = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(1, 4)),
    elements=st.floats(-1e6, 1e6, width=32),
)


@settings(deadline=None)
@given(IMAGES, st.randoms(use_true_random=False))
def test_the_median_ignores_missing_pixels_and_warns_of_nothing(cube, random):
    holes = np.array([random.random() < 0.4 for _ in range(cube.size)]).reshape(cube.shape)
    cube = np.where(holes, np.float32(np.nan), cube)
    median = make_median(list(cube))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's own warns of pixels that no image has
        expected = np.nanmedian(cube.astype(np.float64), axis=0)
    assert median.dtype == np.float32
    np.testing.assert_allclose(median, expected, rtol=1e-5, atol=1e-3)


@settings(deadline=None)
@given(IMAGES, st.randoms(use_true_random=False))
def test_the_median_does_not_depend_on_the_order_of_images(cube, random):
    images = list(cube)
    median = make_median(images)
    random.shuffle(images)
    np.testing.assert_array_equal(make_median(images), median)


def test_the_median_is_of_the_commonest_shape():
    images = [np.ones((2, 2), np.float32), np.full((3, 4), 5, np.float32), np.full((3, 4), 7, np.float32)]
    np.testing.assert_array_equal(make_median(images), np.full((3, 4), 6))


def test_the_median_of_no_image_is_one_missing_pixel():
    assert make_median([]).shape == (1, 1)
    assert np.isnan(make_median([])).all()
