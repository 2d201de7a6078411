import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from epochsieve.judging.expecting.modes import FOLDS, MOST_MODES, count_modes, deal_folds, find_modes

EPOCHS, PIXELS = 36, 200


def make_residual(pattern, seed=1):
    rng = np.random.default_rng(seed)
    strength = rng.normal(0, 15, (EPOCHS, 1))
    return strength * pattern + rng.normal(size=(EPOCHS, PIXELS))


def make_pattern(seed=2):
    pattern = np.random.default_rng(seed).normal(size=PIXELS)
    return pattern / np.sqrt((pattern**2).sum())


def overlap(mode, pattern):
    return abs(float(mode @ pattern)) / np.sqrt(float(mode @ mode) * float(pattern @ pattern))


def test_a_pattern_of_all_epochs_is_found_in_every_fold():
    pattern = make_pattern()
    modes = find_modes(make_residual(pattern), np.ones(EPOCHS, bool), 1)
    assert len(modes) == FOLDS
    assert min(overlap(mode[0], pattern) for mode in modes) > 0.9


def test_what_a_fold_alone_shows_shapes_the_modes_of_all_folds_but_its_own():
    rng = np.random.default_rng(6)
    strange, residual = np.sign(rng.normal(size=2000)), rng.normal(size=(EPOCHS, 2000))
    own = deal_folds(EPOCHS) == 2
    residual[own] += strange
    overlaps = [overlap(modes[0], strange) for modes in find_modes(residual, np.ones(EPOCHS, bool), 1)]
    assert overlaps[2] < 0.1
    assert min(np.delete(overlaps, 2)) > 0.5


def test_epochs_that_are_not_good_have_no_say():
    residual, good = make_residual(make_pattern()), np.arange(EPOCHS) % 7 != 3
    spoilt = residual.copy()
    spoilt[~good] = 3
    for first, second in zip(find_modes(residual, good, 2), find_modes(spoilt, good, 2), strict=True):
        np.testing.assert_allclose(np.abs(first), np.abs(second), atol=1e-6)


def test_one_wild_epoch_does_not_make_a_mode():
    pattern, residual = make_pattern(), make_residual(make_pattern())
    wild = make_pattern(9)
    residual[8] = 1e4 * wild
    modes = find_modes(residual, np.ones(EPOCHS, bool), 1)
    assert max(overlap(mode[0], np.sign(wild)) for mode in modes) < 0.4
    assert min(overlap(mode[0], pattern) for mode in modes) > 0.8


def test_modes_are_at_right_angles_and_of_one_length():
    for modes in find_modes(make_residual(make_pattern()), np.ones(EPOCHS, bool), 4):
        np.testing.assert_allclose(modes @ modes.T, np.eye(4), atol=1e-6)


def test_nothing_gives_finite_modes():
    for modes in find_modes(np.zeros((EPOCHS, PIXELS)), np.ones(EPOCHS, bool), 2):
        np.testing.assert_array_equal(modes, np.zeros((2, PIXELS)))


@given(st.integers(1, 300))
def test_neighbours_in_time_lie_in_different_folds_of_nearly_one_size(epochs):
    folds = deal_folds(epochs)
    sizes = np.bincount(folds, minlength=FOLDS)
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(folds) != 0).all()


@given(st.integers(1, 1000), st.integers(1, 10000))
def test_series_bear_more_modes_the_longer_they_are_and_few_at_most(epochs, pixels):
    count = count_modes(epochs, pixels)
    assert 0 <= count <= min(MOST_MODES, epochs / 6, pixels / 25)
    assert count <= count_modes(epochs + 1, pixels)
    assert count <= count_modes(epochs, pixels + 1)
