import numpy as np
import pytest

from epochsieve.judging.detectors.points import (
    measure_blob,
    measure_blob_1,
    measure_blob_2,
    measure_blob_4,
    measure_pixel,
)

BLOBS = {1.0: measure_blob_1, 2.0: measure_blob_2, 4.0: measure_blob_4}
PLACES = [(34, 35), (4, 6), (36, 22)]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("place", PLACES)
def test_the_epoch_with_a_hot_or_dead_pixel_stands_out_there(field, compare, spoilt, place, sign):
    hot = (field.rows == place[0]) & (field.columns == place[1])
    witness = measure_pixel(compare(lambda image: image + sign * 25 * hot))
    assert witness.score.argmax() == spoilt
    assert witness.score[spoilt] == pytest.approx(25, rel=0.35)
    assert (witness.y[spoilt], witness.x[spoilt]) == place


@pytest.mark.parametrize("sigma", BLOBS)
@pytest.mark.parametrize("place", PLACES[:2])
def test_the_epoch_with_a_spot_stands_out_there(field, compare, spoilt, place, sigma):
    spot = 10 / sigma * field.draw_spot(*place, sigma)
    witness = BLOBS[sigma](compare(lambda image: image + spot))
    assert witness.score.argmax() == spoilt
    assert np.hypot(witness.y[spoilt] - place[0], witness.x[spoilt] - place[1]) <= 1 + sigma / 2


def test_a_single_pixel_however_hot_is_limited_in_a_blob(field, compare, spoilt):
    hot = (field.rows == 34) & (field.columns == 35)
    scores = [
        measure_blob_2(compare(lambda image, hot=hot, peak=peak: image + peak * hot)).score[spoilt]
        for peak in (60, 600)
    ]
    assert scores[1] < 1.5 * scores[0]


def test_scores_of_good_epochs_are_alike(compare):
    comparison = compare(epochs=24)
    for detector in (measure_pixel, *BLOBS.values()):
        score = detector(comparison).score
        assert score.min() > 0
        assert score.max() < 3 * np.median(score)


def test_images_smaller_than_the_filter_give_no_score(compare, field):
    comparison = compare(epochs=6)
    assert (measure_blob(comparison, field.side / 2).score == 1).all()


@pytest.mark.parametrize("epochs", [6, 16])
def test_scores_are_finite_where_data_is_missing(field, compare, epochs):
    comparison = compare(lambda image: np.where(field.columns > 12, np.nan, image), epochs)
    for detector in (measure_pixel, *BLOBS.values()):
        assert np.isfinite(detector(comparison).score).all()
