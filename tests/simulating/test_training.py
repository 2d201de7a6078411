"""Fitting the default method's tables and weights to lessons with known truth."""

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest

from epochsieve.judging.weighing.calibration import rate_epochs
from epochsieve.judging.weighing.calibration_text import read_calibration
from epochsieve.judging.weighing.testimony import HEARD, NAMES
from epochsieve.simulating.training import LEAST_OF_ACCORDS, Lesson, fit_calibration, measure_usual_scatter, take_lesson
from epochsieve.vocabulary.series import CutoutSeries, Epoch

EPOCHS = 40
LINE, PIXEL, SCALE = (NAMES.index(name) for name in ("line", "pixel", "scale"))


def make_lesson(seed, source=""):
    """Let the first epochs be trails, then faint trails, brightenings and epochs of which nothing is known."""
    rng = np.random.default_rng(seed)
    unit = np.exp(rng.normal(0, 2, len(NAMES)))
    raw = unit * np.exp(rng.normal(0, 0.2, (EPOCHS, len(NAMES))))
    kind = np.array(["trail"] * 4 + ["faint"] * 2 + ["brightening"] * 4 + ["unknown"] * 2 + ["good"] * 28, object)
    raw[kind == "trail", LINE] *= 8
    raw[kind == "brightening", SCALE] *= 8
    raw[kind == "unknown", PIXEL] *= 50
    bad = np.isin(kind, ("trail", "faint"))
    power = np.where(kind == "trail", 200.0, np.where(kind == "faint", 1.0, 0.0))
    return Lesson(raw, np.ones(EPOCHS, bool), kind, bad, power, source)


@pytest.fixture(scope="module")
def lessons():
    return [make_lesson(seed) for seed in range(30)]


@pytest.fixture(scope="module")
def calibration(lessons):
    return fit_calibration(lessons, "test/1")


def rate_fresh(calibration, count=40):
    """Score lessons that were not learnt from, by kind."""
    fresh = [make_lesson(1000 + seed) for seed in range(count)]
    score = np.concatenate([rate_epochs(each.raw, each.shown, calibration).score for each in fresh])
    kind = np.concatenate([each.kind for each in fresh])
    return {name: score[kind == name] for name in set(kind)}


def test_tables_ascend_and_no_weight_is_negative(calibration):
    assert calibration.name == "test/1"
    assert calibration.detectors == NAMES
    assert (np.diff(calibration.quantiles, axis=1) >= 0).all()
    assert (np.diff(calibration.tail) >= 0).all()
    for field in fields(calibration):
        if field.name.endswith("weights"):
            assert (np.array(getattr(calibration, field.name)) >= 0).all(), field.name
    assert min(calibration.scatter) > 0


def test_the_detector_that_sees_the_defect_weighs_most_and_that_of_harmless_changes_nothing(calibration):
    weight = np.sum(calibration.weights, axis=1)
    assert weight.argmax() == LINE
    assert weight[SCALE] < 0.1 * weight[LINE]


def test_defects_are_found_in_fresh_series_and_the_rate_is_kept(calibration):
    scores = rate_fresh(calibration)
    assert (scores["trail"] >= 2).mean() > 0.95
    assert 0.002 < (scores["good"] >= 2).mean() < 0.025
    assert (scores["good"] >= 1).mean() == pytest.approx(0.1, abs=0.04)
    assert np.median(scores["brightening"]) < 0.5 * scores["trail"].min()


def test_a_calibration_that_was_fitted_survives_json(calibration):
    assert read_calibration(calibration.to_json()) == calibration


def test_fitting_again_gives_the_same(lessons, calibration):
    assert fit_calibration(lessons, "test/1") == calibration


def test_epochs_of_which_nothing_is_known_and_defects_too_faint_to_see_teach_no_weight(lessons, calibration):
    def turn(lesson):
        """Let what is known of no epoch, and what is too faint, be the opposite."""
        bad = np.where(np.isin(lesson.kind, ("unknown", "faint")), True, lesson.bad)
        return replace(lesson, bad=bad)

    turned = fit_calibration([turn(lesson) for lesson in lessons], "test/1")
    np.testing.assert_allclose(turned.weights, calibration.weights, atol=1e-6)


def test_real_series_teach_weights_and_no_table(lessons, calibration):
    real = []
    for seed in range(5):
        lesson = make_lesson(500 + seed, "real")
        lesson.raw[lesson.bad, PIXEL] *= 30
        real.append(replace(lesson, raw=lesson.raw))
    taught = fit_calibration([*lessons, *real], "test/1")
    assert taught.quantiles == calibration.quantiles
    assert taught.scatter == calibration.scatter
    assert sum(taught.weights[PIXEL]) > sum(calibration.weights[PIXEL])


def test_the_usual_scatter_is_that_of_most_series_and_of_accords_no_less_than_can_be_measured():
    rng = np.random.default_rng(3)
    good = [np.exp(rng.normal(0, (0.5, 1e-3, 1e-3), (200, 3))) for _ in range(9)]
    good.append(np.exp(rng.normal(0, 5, (200, 3))))
    scatter = measure_usual_scatter(good, ("pixel", "line", "drag"))
    np.testing.assert_allclose(scatter, (0.5, 0.03, LEAST_OF_ACCORDS), rtol=0.1)


@dataclass(frozen=True)
class Known:
    """What is known of one epoch."""

    file: str
    kind: str
    bad: bool
    power: float


class BlindEye:
    """Sees no difference."""

    name, sha256 = "blind", "2" * 64
    classes, harmless = ("good", "cloud"), frozenset({"good"})
    scatter = (0.5,) * len(HEARD)

    def look(self, views):
        return views.mean(axis=(2, 3))

    def conclude(self, impressions, *_):
        return np.full((len(impressions), 2), np.log(0.5), np.float32)


class MeanEmbedder:
    """Takes the mean of each row for features."""

    name, sha256 = "rows/means", "0" * 64

    def embed(self, images):
        return images.mean(axis=2)


def test_a_lesson_pairs_usable_epochs_with_what_is_known_of_them(make_series):
    series = make_series(
        12,
        edits={
            2: lambda image: image + 40 * np.eye(31, dtype=np.float32),
            4: lambda image: image * 0,
            7: lambda _: None,
        },
    )
    truth = [Known(epoch.file, "", False, 0.0) for epoch in series.epochs]
    truth[2] = Known(truth[2].file, "trail", True, 300.0)
    truth[9] = Known(truth[9].file, "cloud", True, np.nan)
    lesson = take_lesson(series, [*truth[:5], *truth[6:]][::-1], MeanEmbedder(), BlindEye(), "set")
    assert lesson.raw.shape == (10, len(NAMES))
    assert lesson.kind.tolist() == ["good", "good", "trail", "good", "unknown", "good", "good", "cloud", "good", "good"]
    assert lesson.bad.tolist() == [kind in ("trail", "cloud") for kind in lesson.kind]
    assert lesson.power[lesson.kind == "trail"] == 300
    assert np.isinf(lesson.power[lesson.kind == "cloud"])
    assert lesson.source == "set"
    assert lesson.raw[:, LINE].argmax() == 2
    assert lesson.shown.shape == (10,)


def test_a_lesson_does_not_depend_on_the_order_of_what_is_known(make_series):
    series = make_series(8)
    truth = [
        Known(epoch.file, "trail" if place == 3 else "", place == 3, 9.0) for place, epoch in enumerate(series.epochs)
    ]
    first, second = (take_lesson(series, order, MeanEmbedder(), BlindEye()) for order in (truth, truth[::-1]))
    assert first.kind.tolist() == second.kind.tolist()
    np.testing.assert_array_equal(first.raw, second.raw)


def test_a_series_may_be_a_lesson_with_epochs_only_where_there_are_pixels(make_series):
    series = make_series(6)
    broken = Epoch("broken.fits", None, 1.0, status="truncated")
    more = CutoutSeries(series.name, series.stack, (*series.epochs, broken))
    np.testing.assert_array_equal(
        take_lesson(more, [], MeanEmbedder(), BlindEye()).raw, take_lesson(series, [], MeanEmbedder(), BlindEye()).raw
    )
