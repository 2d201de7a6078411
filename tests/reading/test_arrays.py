import numpy as np
import pytest
from astropy import units
from astropy.nddata import CCDData, InverseVariance, NDData, StdDevUncertainty, UnknownUncertainty, VarianceUncertainty

from epochsieve.reading.arrays import as_series
from epochsieve.vocabulary.errors import NoSeriesError, SettingError

CUBE = np.arange(3 * 4 * 5, dtype=">f8").reshape(3, 4, 5)


@pytest.mark.parametrize(
    "images",
    [
        CUBE,
        list(CUBE),
        tuple(image.tolist() for image in CUBE),
        iter(CUBE),
        CUBE * units.adu,
        NDData(CUBE),
        CCDData(CUBE, unit="adu"),
        [CCDData(image, unit="adu") for image in CUBE],
        [NDData(CUBE[0]), CUBE[1], CUBE[2] * units.adu],
    ],
)
def test_every_kind_of_array_gives_the_same_series(images):
    series = as_series(images)
    np.testing.assert_array_equal(series.cube, CUBE)
    assert series.cube.dtype == np.float32
    np.testing.assert_array_equal(series.stack, CUBE[1])


@pytest.mark.parametrize("wrap", [np.ma.MaskedArray, lambda data, mask: NDData(data, mask=mask)])
def test_masked_pixels_are_missing(wrap):
    mask = np.zeros(CUBE.shape, bool)
    mask[:, 0, 0] = mask[0, 1, 1] = True
    series = as_series(wrap(CUBE.astype(np.int32), mask))
    np.testing.assert_array_equal(np.isnan(series.cube), mask)
    np.testing.assert_array_equal(np.isnan(series.stack), mask.all(axis=0))
    listed = as_series([wrap(image, hidden) for image, hidden in zip(CUBE, mask, strict=True)])
    np.testing.assert_array_equal(listed.cube, series.cube)


def test_a_single_image_is_a_series_of_one_epoch():
    for images in (CUBE[0], [CUBE[0]], CCDData(CUBE[0], unit="adu")):
        series = as_series(images)
        assert len(series) == 1
        np.testing.assert_array_equal(series.stack, CUBE[0])


def test_epochs_keep_the_order_of_the_images_where_nothing_else_is_said():
    series = as_series(np.arange(12.0)[:, None, None] * np.ones((12, 2, 2)))
    assert [epoch.file for epoch in series.epochs][:2] == ["epoch_01", "epoch_02"]
    assert series.cube[:, 0, 0].tolist() == list(range(12))


def test_times_sort_the_epochs_and_names_travel_with_them():
    series = as_series(CUBE, times=[3.0, 1.0, 2.0], files=["c", "a", "b"], name="star")
    assert [(epoch.file, epoch.mjd) for epoch in series.epochs] == [("a", 1.0), ("b", 2.0), ("c", 3.0)]
    assert series.name == "star"
    np.testing.assert_array_equal(series.cube[0], CUBE[1])


def test_times_come_from_the_headers_of_ccddata():
    images = [CCDData(image, unit="adu", meta={"MJD-OBS": 60000.0 - k}) for k, image in enumerate(CUBE)]
    assert [epoch.mjd for epoch in as_series(images).epochs] == [59998.0, 59999.0, 60000.0]


def test_a_given_stack_is_used():
    series = as_series(CUBE, stack=CCDData(CUBE[2], unit="adu"))
    np.testing.assert_array_equal(series.stack, CUBE[2])
    assert len(series) == 3


def test_an_image_that_does_not_fit_is_an_epoch_with_a_status():
    series = as_series([CUBE[0], CUBE[1], CUBE[0, 0], CUBE, CUBE[0, :2]])
    assert [epoch.usable for epoch in series.epochs] == [True, True, False, False, False]
    assert "not a 2-D image: its shape is 5" in series.epochs[2].status
    assert "shape 2x5" in series.epochs[4].status


def test_what_cannot_be_a_series_is_refused():
    with pytest.raises(NoSeriesError, match="star"):
        as_series([], name="star")
    with pytest.raises(SettingError, match="2 times"):
        as_series(CUBE, times=[1.0, 2.0])
    with pytest.raises(SettingError, match="2 files"):
        as_series(CUBE, files=["a", "b"])
    with pytest.raises(SettingError, match="the stack"):
        as_series(CUBE, stack=CUBE[0, 0])


@pytest.mark.parametrize("kind", [StdDevUncertainty, VarianceUncertainty, InverseVariance])
def test_an_uncertainty_of_any_kind_is_the_pixels_noise(kind):
    sigma = np.sqrt(CUBE + 1)
    values = {"std": sigma, "var": sigma**2, "ivar": sigma**-2}[kind(1).uncertainty_type]
    whole = as_series(NDData(CUBE, uncertainty=kind(values)))
    np.testing.assert_allclose(whole.noise, sigma, rtol=1e-6)
    listed = as_series([CCDData(image, kind(plane), unit="adu") for image, plane in zip(CUBE, values, strict=True)])
    np.testing.assert_allclose(listed.noise, sigma, rtol=1e-6)


def test_noise_without_a_meaning_is_unknown():
    assert as_series(CUBE).noise is None
    assert as_series(NDData(CUBE, uncertainty=UnknownUncertainty(np.ones(CUBE.shape)))).noise is None


def test_noise_that_does_not_fit_is_a_status():
    image = NDData(CUBE[0])
    image.uncertainty = StdDevUncertainty(np.ones((5, 4)))
    series = as_series([image, CUBE[1]])
    assert series.epochs[0].status == "unreadable: the uncertainty's shape 5x4 differs from the image's 4x5"
    assert series.epochs[1].usable
