import numpy as np
import pytest

from epochsieve.judging.detectors.lines import sum_lines
from epochsieve.judging.weighing.reasons import EVEN
from epochsieve.judging.weighing.sights import name_sight, name_wash
from epochsieve.vocabulary.flags import Flag


def name(field, sight, missing=None, seed=8):
    """Name what is seen in noise of one."""
    missing = np.zeros((field.side, field.side), bool) if missing is None else missing
    residual = np.where(missing, 0, sight + np.random.default_rng(seed).normal(size=missing.shape))
    lines = sum_lines(residual[None].astype(np.float32), missing[None], EVEN)[0]
    return name_sight(residual, missing, lines)


@pytest.mark.parametrize("degrees", [10, 25, 45, 68, 110, 135, 160])
@pytest.mark.parametrize("height", [4, 30, -5])
def test_a_streak_is_a_trail(field, degrees, height):
    assert name(field, height * np.exp(-(field.measure_offset(degrees, 6) ** 2) / 2)) == Flag.TRAIL


def test_a_short_streak_is_a_trail(field):
    along, across = field.measure_offset(120, 0), field.measure_offset(30, 5)
    assert name(field, 12 * np.exp(-(across**2) / 2) * (np.abs(along) < 7)) == Flag.TRAIL


@pytest.mark.parametrize("place", [3, 18, 37])
def test_a_narrow_column_or_row_is_a_column(field, place):
    assert name(field, 8.0 * (field.columns == place)) == Flag.COLUMN
    assert name(field, -8.0 * (field.rows == place)) == Flag.COLUMN


@pytest.mark.parametrize(
    ("height", "sigma"),
    [
        (40, 0.4),
        (200, 0.4),
        (12, 1.0),
        (15, 0.4),
        (200, 1.0),
        (200, 1.5),
    ],
)
def test_something_compact_is_a_point(field, height, sigma):
    assert name(field, height * field.draw_spot(30, 9, sigma)) == Flag.POINT


def test_a_fine_pattern_is_a_texture(field):
    assert name(field, 2.0 * (-1.0) ** (field.rows + field.columns)) == Flag.TEXTURE


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("turned", [False, True])
def test_a_step_in_level_is_an_edge(field, share, turned):
    step = 1.5 * ((field.rows if turned else field.columns) > share * field.side)
    assert name_wash(step + np.random.default_rng(8).normal(size=step.shape), step < -1) == Flag.EDGE


@pytest.mark.parametrize("slope", [(1, 0), (0, -1), (0.7, 0.7)])
def test_a_slope_is_a_background(field, slope):
    plane = 2 * (slope[0] * (field.rows - 20) + slope[1] * (field.columns - 20)) / 20
    assert name_wash(plane + np.random.default_rng(8).normal(size=plane.shape), plane > 9) == Flag.BACKGROUND


@pytest.mark.parametrize("place", [(20, 20), (2, 38)])
def test_a_cloud_is_a_background(field, place):
    cloud = 2.5 * field.draw_spot(*place, 6.0)
    assert name_wash(cloud + np.random.default_rng(8).normal(size=cloud.shape), cloud > 9) == Flag.BACKGROUND


def test_plain_noise_is_at_most_a_texture(field):
    for seed in range(10):
        noise = np.random.default_rng(seed).normal(size=(field.side, field.side))
        assert name_wash(noise, noise > 99) == Flag.TEXTURE


@pytest.mark.parametrize("share", [0.5, 0.98, 1.0])
def test_whatever_is_missing_a_sight_has_a_name(field, rng, share):
    missing = rng.random((field.side, field.side)) < share
    assert name(field, 20.0 * (field.rows == 12), missing) in Flag
    assert name_wash(np.where(missing, 0, 5.0), missing) in Flag
