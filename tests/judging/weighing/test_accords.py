import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.judging.detectors import DETECTORS
from epochsieve.judging.weighing.accords import ACCORDS, GRANTED, measure_accords, measure_granted

NAMES = tuple(dict.fromkeys(name for together in ACCORDS.values() for name in together))
EVERY, NOTHING = np.ones(40, bool), np.zeros(40)


@pytest.fixture
def raw(rng):
    """Scores of 40 epochs in which nothing is unusual."""
    return np.exp(rng.normal(1, 0.2, (40, len(NAMES))))


def raise_scores(raw, names, factor=4.0):
    changed = raw.copy()
    changed[7, [NAMES.index(name) for name in names]] = factor * np.e
    return changed


def test_only_detectors_agree_that_exist():
    assert set(NAMES) <= set(DETECTORS)


@pytest.mark.parametrize(("accord", "together"), ACCORDS.items())
def test_detectors_that_agree_are_heard_and_one_alone_is_not(raw, accord, together):
    column = list(ACCORDS).index(accord)
    assert measure_accords(raise_scores(raw, together), EVERY, NAMES, NOTHING)[:, column].argmax() == 7
    quiet = raw.copy()
    quiet[7] = np.e / 4
    for name in together:
        assert measure_accords(raise_scores(quiet, [name], 1e6), EVERY, NAMES, NOTHING)[7, column] == 1


@given(st.permutations(range(len(NAMES))), st.lists(st.floats(0.1, 1e3), min_size=len(NAMES), max_size=len(NAMES)))
def test_neither_units_nor_the_order_of_detectors_matter(order, units):
    raw = np.exp(np.random.default_rng(3).normal(1, 0.2, (40, len(NAMES))))
    again = measure_accords((raw * np.array(units))[:, order], EVERY, tuple(NAMES[i] for i in order), NOTHING)
    np.testing.assert_allclose(again, measure_accords(raw, EVERY, NAMES, NOTHING), rtol=1e-6)


def test_agreement_is_finite_however_sure_detectors_are(raw):
    accords = measure_accords(raise_scores(raw, NAMES, 1e300), EVERY, NAMES, NOTHING)
    assert np.isfinite(accords).all()
    assert (accords >= 1).all()


def test_a_trailed_epoch_makes_detectors_agree(field, compare, spoilt):
    comparison = compare(lambda image: image - field.draw() + field.draw(wide=1.6))
    raw = np.stack([DETECTORS[name](comparison).score for name in NAMES], axis=1)
    assert (measure_accords(raw, comparison.good, NAMES, measure_granted(comparison)).argmax(axis=0) == spoilt).all()


def test_what_is_granted_to_a_variable_source_leaves_appearance_without_a_say(raw):
    together = raise_scores(raw, NAMES)
    granted = np.where(EVERY.cumsum() == 8, GRANTED * np.array([[0.0], [0.5], [1.0]]), 0)
    full, half, none = (measure_accords(together, EVERY, NAMES, some)[7] for some in granted)
    assert (full > half).all()
    assert (half > none).all()
    assert (none == 1).all()


def test_a_brighter_central_source_is_granted_light(field, compare, spoilt):
    star = field.draw_spot(field.middle, field.middle, field.sigma)
    granted = measure_granted(compare(lambda image: image + 100 * star))
    assert granted.argmax() == spoilt
    assert granted[spoilt] > GRANTED > np.delete(granted, spoilt).max()
