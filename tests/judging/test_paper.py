"""The published method, with a toy in the network's place."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.judging.paper import PaperMethod, scale_by_first
from epochsieve.vocabulary.findings import describe_column
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.vocabulary.settings import PaperSettings

SHAPE = (12, 15)


@dataclass
class CoarseEmbedder:
    """Takes means over 56 x 56 pixels for features."""

    name: str = "coarse/means"
    sha256: str = "0" * 64

    def embed(self, images):
        assert images.shape[1:] == (224, 224)
        return images.reshape(-1, 4, 56, 4, 56).mean((2, 4)).reshape(len(images), -1)


def draw_images(count, seed=1):
    return np.random.default_rng(seed).uniform(0, 255, (count, *SHAPE)).astype(np.float32)


def make_series(images, statuses=None):
    names = (f"{number:02d}.fits" for number in range(1, len(images)))
    statuses = statuses or ["ok"] * (len(images) - 1)
    epochs = zip(names, images[1:], statuses, strict=True)
    return CutoutSeries("field", images[0], tuple(Epoch(name, image, status=status) for name, image, status in epochs))


def test_the_epochs_as_far_from_their_neighbour_as_the_stack_are_flagged():
    images = np.full((5, *SHAPE), 100, np.float32)
    images[0] += 30
    images[2] += 4
    images[3] += 90
    images[4] -= 45
    findings = PaperMethod(CoarseEmbedder()).judge(make_series(images))
    assert findings.flagged.tolist() == [False, False, True, True]
    assert findings.reasons.tolist() == ["", "", "neighbour", "neighbour"]
    # In units of the toy's features: sixteen means of grey levels over 255 over 0.225.
    np.testing.assert_allclose(findings.distance * 255 * 0.225 / 4, [4, 4, 60, 45], rtol=1e-5)
    np.testing.assert_allclose(findings.threshold * 255 * 0.225 / 4, 26, rtol=1e-5)


def test_the_score_is_the_distance():
    findings = PaperMethod(CoarseEmbedder()).judge(make_series(draw_images(6)))
    np.testing.assert_array_equal(findings.score, findings.distance)
    np.testing.assert_array_equal(findings.flagged, findings.score >= findings.threshold)


@settings(deadline=None, max_examples=15)
@given(order=st.permutations(range(1, 9)))
def test_permuting_epochs_permutes_distances(order):
    images = draw_images(9)
    method = PaperMethod(CoarseEmbedder())
    straight = method.judge(make_series(images)).distance
    permuted = method.judge(make_series(images[[0, *order]])).distance
    np.testing.assert_array_equal(permuted, straight[np.array(order) - 1])


def test_images_of_a_long_series_are_judged_as_those_of_a_short_one():
    few = draw_images(4)
    many = np.concatenate([few, np.repeat(few[1:], 40, axis=0)])
    distances = PaperMethod(CoarseEmbedder()).judge(make_series(many)).distance
    assert len(distances) == 123
    assert (distances == 0).all()


def test_an_unusable_epoch_is_a_flagged_row_and_nobodys_neighbour():
    images = draw_images(5)
    images[4] = images[1]
    method = PaperMethod(CoarseEmbedder())
    without = method.judge(make_series(images[:4]))
    findings = method.judge(make_series(images, ["ok", "ok", "ok", "truncated"]))
    np.testing.assert_array_equal(findings.distance, [*without.distance, np.nan])
    assert findings.flagged[3]
    assert findings.reasons[3] == "unreadable"
    assert findings.status[3] == "truncated"


def test_a_single_epoch_shares_the_stacks_distance_and_is_flagged():
    assert PaperMethod(CoarseEmbedder()).judge(make_series(draw_images(2))).flagged.tolist() == [True]


def test_a_series_without_a_usable_epoch_still_has_its_rows():
    findings = PaperMethod(CoarseEmbedder()).judge(make_series(draw_images(3), ["bad", "worse"]))
    assert findings.status.tolist() == ["bad", "worse"]
    assert findings.flagged.all()


def test_missing_pixels_count_as_zero():
    images = draw_images(4)
    missing = images.copy()
    images[2, :5], missing[2, :5] = 0, np.nan
    method = PaperMethod(CoarseEmbedder())
    expected = method.judge(make_series(images)).distance
    np.testing.assert_array_equal(method.judge(make_series(missing)).distance, expected)


def test_a_size_crops_from_the_first_pixel():
    images = draw_images(5)
    cropped = PaperMethod(CoarseEmbedder()).judge(make_series(images[:, :8, :8])).distance
    found = PaperMethod(CoarseEmbedder(), PaperSettings(size=8)).judge(make_series(images)).distance
    np.testing.assert_array_equal(found, cropped)


def test_rescaling_undoes_what_was_done_to_each_column_of_all_images():
    images = draw_images(5)
    method = PaperMethod(CoarseEmbedder(), PaperSettings(rescale=True))
    expected = method.judge(make_series(images)).distance
    columns = np.arange(SHAPE[1])
    changed = (images * 2.0 ** (columns % 3) + 64 * columns).astype(np.float32)
    np.testing.assert_allclose(method.judge(make_series(changed)).distance, expected, atol=0.05)
    plain = PaperMethod(CoarseEmbedder()).judge(make_series(changed)).distance
    assert np.abs(plain - expected).max() > 1


def test_rescaling_is_scikit_learns():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    images = draw_images(4)
    images[0, :, 3] = 7
    images[0, 2, 4] = images[2, 5, 6] = np.nan
    scaler = preprocessing.MinMaxScaler().fit(images[0])
    expected = [scaler.transform(image) * 256 for image in images]
    np.testing.assert_array_equal(scale_by_first(images), expected)


def test_rescaling_by_a_column_without_data_gives_missing_pixels():
    images = draw_images(2)
    images[0, :, 0] = np.nan
    scaled = scale_by_first(images)
    assert np.isnan(scaled[:, :, 0]).all()
    assert np.isfinite(scaled[:, :, 1:]).all()


def test_the_explanation_shows_each_epoch_against_the_stack_in_its_own_noise():
    images = np.random.default_rng(2).normal(0, 5, (4, 40, 40)).astype(np.float32)
    images[0] = 0
    images[2, 3, 4] = np.nan
    explanation = PaperMethod(CoarseEmbedder()).explain(make_series(images))
    assert explanation.reference.shape == explanation.residual.shape == (3, 40, 40)
    assert explanation.residual.dtype == np.float32
    assert (explanation.reference == 0).all()
    np.testing.assert_allclose(np.nanstd(explanation.residual, axis=(1, 2)), 1, atol=0.1)
    assert np.isnan(explanation.residual[1]).sum() == 1


def test_the_explanation_of_an_epoch_equal_to_the_stack_or_without_data_is_finite_or_missing():
    images = np.ones((3, *SHAPE), np.float32)
    images[2] = np.nan
    residual = PaperMethod(CoarseEmbedder()).explain(make_series(images)).residual
    assert (residual[0] == 0).all()
    assert np.isnan(residual[1]).all()


def test_the_description_names_options_network_and_the_scores_unit():
    facts = PaperMethod(CoarseEmbedder(), PaperSettings(size=40)).describe()
    assert facts["method"] == "paper"
    assert "distance" in facts["score"]
    assert facts["settings"] == {"size": 40, "rescale": False}
    assert facts["embedder"] == {"name": "coarse/means", "sha256": "0" * 64}


def test_columns_the_method_cannot_know_are_missing():
    findings = PaperMethod(CoarseEmbedder()).judge(make_series(draw_images(3)))
    for name in ("x", "y"):
        assert describe_column(name).dtype.startswith("float")
        assert np.isnan(findings[name]).all()


def test_the_light_of_every_epoch_is_measured_all_the_same():
    findings = PaperMethod(CoarseEmbedder()).judge(make_series(draw_images(3)))
    for name in ("background", "noise", "flux", "flux_error"):
        assert np.isfinite(findings[name]).all()
