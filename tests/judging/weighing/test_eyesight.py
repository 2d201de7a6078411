import numpy as np
import pytest

from epochsieve.judging.weighing.eyesight import MEANING, look_at
from epochsieve.vocabulary.flags import Flag


class FixedEye:
    """Sees what it is told to."""

    name, sha256 = "fixed", "3" * 64
    classes = ("good", "nova", "cosmic_rays", "hot_pixels", "cloud", "never_heard_of")
    harmless = frozenset({"good", "nova"})

    def __init__(self, *probabilities):
        self.probabilities = probabilities

    def look(self, views):
        return np.log(np.tile(np.array(self.probabilities, np.float32), (len(views), 1)))


def test_odds_are_those_of_any_defect_against_none(compare):
    sight = look_at(compare(), FixedEye(0.1, 0.1, 0.3, 0.2, 0.2, 0.1))
    np.testing.assert_allclose(sight.odds, 4.0, rtol=1e-5)


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        ((0.1, 0.1, 0.3, 0.2, 0.2, 0.1), Flag.POINT),
        ((0.5, 0.2, 0.01, 0.02, 0.26, 0.01), Flag.BACKGROUND),
        ((0.1, 0.1, 0.2, 0.1, 0.3, 0.2), Flag(0)),
        ((0.1, 0.1, 0.05, 0.05, 0.1, 0.6), Flag(0)),
    ],
)
def test_a_reason_is_what_most_of_the_defects_probability_stands_for(compare, probabilities, reason):
    assert set(look_at(compare(), FixedEye(*probabilities)).reasons) == {reason}


def test_certainty_has_finite_odds(compare):
    with np.errstate(divide="ignore"):
        for certain in ((1, 0, 0, 0, 0, 0), (0, 0, 1, 0, 0, 0)):
            assert np.isfinite(look_at(compare(), FixedEye(*certain)).odds).all()


def test_every_meaning_is_one_reason():
    assert all(flag.value.bit_count() == 1 for flag in MEANING.values())
