import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.judging.weighing.eyesight import (
    MEANING,
    MOST_LOWERED,
    RATIOS,
    Eyesight,
    conclude,
    measure_usual,
    weigh_odds,
)
from epochsieve.vocabulary.flags import Flag


class FixedEye:
    """Concludes what it is told to, and keeps what it was given."""

    name, sha256 = "fixed", "3" * 64
    classes = ("good", "nova", "cosmic_rays", "hot_pixels", "cloud", "never_heard_of")
    harmless = frozenset({"good", "nova"})
    scatter = (0.5, 2.0)

    def __init__(self, *probabilities):
        self.probabilities = probabilities

    def conclude(self, *given):
        self.given = given
        return np.log(np.tile(np.array(self.probabilities, np.float32), (len(given[0]), 1)))


@pytest.fixture
def look():
    """Let an eye conclude what sixteen epochs show that it has three impressions of, and hears two detectors of."""
    rng = np.random.default_rng(2)
    impressions, raw = rng.normal(5, 1, (16, 3)).astype(np.float32), np.exp(rng.normal(size=(16, 2)))
    return lambda *probabilities: conclude(impressions, raw, np.ones(16, bool), FixedEye(*probabilities))


def test_odds_are_those_of_points_and_of_any_other_defect_against_none(look):
    sight = look(0.1, 0.1, 0.3, 0.2, 0.2, 0.1)
    np.testing.assert_allclose(sight.points, 2.5, rtol=1e-5)
    np.testing.assert_allclose(sight.others, 1.5, rtol=1e-5)
    np.testing.assert_allclose(weigh_odds(sight, np.full(16, 9.0)), 4.0, rtol=1e-5)


def see_points(epochs, some, odds=20.0):
    """See points in some epochs of a series, and hardly anything in the others."""
    return Eyesight(np.where(np.arange(epochs) < some, odds, 1e-3), np.full(epochs, 0.01), [Flag(0)] * epochs)


@pytest.mark.parametrize(("epochs", "some"), [(60, 5), (10, 1), (2, 1), (1, 1)])
def test_points_in_few_epochs_count_in_full(epochs, some):
    sight = see_points(epochs, some)
    np.testing.assert_allclose(weigh_odds(sight, np.zeros(epochs)), sight.points + sight.others)


def test_points_that_are_common_count_less_unless_they_change_the_image():
    odds = weigh_odds(see_points(60, 9), np.where(np.arange(60) == 3, 2.5, 0.0))
    assert odds[3] == pytest.approx(20.01)
    assert np.delete(odds[:9], 3) == pytest.approx(0.01 + 20 * np.exp(-MOST_LOWERED * 60 / 66))
    np.testing.assert_array_less(odds[9:], 0.02)


@given(st.permutations(range(12)))
def test_permuting_epochs_permutes_odds(order):
    rng = np.random.default_rng(5)
    points, altered = np.exp(rng.normal(0, 3, 12)), rng.normal(1, 1, 12)
    odds = weigh_odds(Eyesight(points, points / 2, []), altered)
    np.testing.assert_allclose(weigh_odds(Eyesight(points[order], points[order] / 2, []), altered[order]), odds[order])


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        ((0.1, 0.1, 0.3, 0.2, 0.2, 0.1), Flag.POINT),
        ((0.5, 0.2, 0.01, 0.02, 0.26, 0.01), Flag.BACKGROUND),
        ((0.1, 0.1, 0.2, 0.1, 0.3, 0.2), Flag(0)),
        ((0.1, 0.1, 0.05, 0.05, 0.1, 0.6), Flag(0)),
    ],
)
def test_a_reason_is_what_most_of_the_defects_probability_stands_for(look, probabilities, reason):
    assert set(look(*probabilities).reasons) == {reason}


def test_certainty_has_finite_odds(look):
    with np.errstate(divide="ignore"):
        for certain in ((1, 0, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0)):
            assert np.isfinite(weigh_odds(look(*certain), np.zeros(16))).all()


def test_every_meaning_is_one_reason():
    assert all(flag.value.bit_count() == 1 for flag in MEANING.values())


def test_an_eye_is_told_what_is_usual_among_good_epochs_and_how_far_detectors_are_from_it(rng):
    impressions, raw = rng.normal(5, 2, (40, 3)).astype(np.float32), np.exp(rng.normal(size=(40, 2)))
    good = np.arange(40) < 30
    impressions[~good], raw[~good] = 1e3, 1e5
    eye = FixedEye(0.5, 0.1, 0.1, 0.1, 0.1, 0.1)
    conclude(impressions, raw, good, eye)
    seen, usual, spread, heard = eye.given
    np.testing.assert_array_equal(seen, impressions)
    np.testing.assert_allclose(usual, np.median(impressions[good], axis=0), rtol=1e-6)
    assert (spread > 1).all()
    assert (spread < 3).all()
    assert all(part.dtype == np.float32 for part in eye.given)
    np.testing.assert_allclose(np.median(heard[good], axis=0), 0, atol=0.5)
    assert (heard[~good, :2] > 3).all()
    np.testing.assert_array_equal(heard[~good, 2:], max(RATIOS))


def test_where_hardly_an_epoch_is_good_all_say_what_is_usual():
    impressions = np.arange(12, dtype=np.float32)[:, None]
    usual, spread = measure_usual(impressions, np.arange(12) < 2)
    np.testing.assert_allclose(usual, 5.5)
    np.testing.assert_allclose(spread, 11 * 0.34, rtol=1e-5)
