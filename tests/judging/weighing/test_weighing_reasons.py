"""The reasons and places that the default method gives, from images to names."""

from dataclasses import replace

import numpy as np
import pytest

from epochsieve.judging.weighing import testimony
from epochsieve.judging.weighing.reasons import find_places, find_reasons, find_wider
from epochsieve.judging.weighing.testimony import NAMES
from epochsieve.vocabulary.flags import Flag

SILENT = testimony.Testimony(*(np.ones((16, len(NAMES))) for _ in range(3)), [Flag(0)] * 16)
"""Detectors that say the same of every epoch."""


@pytest.mark.parametrize("detector", NAMES)
def test_whichever_detector_is_heard_there_is_a_reason(compare, detector):
    comparison = compare()
    shares = np.tile(np.array(NAMES) == detector, (16, 1)).astype(float)
    reasons = find_reasons(comparison, SILENT, shares, np.arange(16))
    assert len(reasons) == 16
    assert all(reasons)


def test_who_is_not_chosen_needs_no_reason(compare):
    assert find_reasons(compare(), SILENT, np.zeros((16, len(NAMES))), np.array([], int)) == []


def reason_of(judge, cube, spoilt, **settings):
    """Judge, and return the reasons of the spoilt epoch, which must stand out."""
    findings = judge(cube, **settings)
    assert findings.score.argmax() == spoilt
    assert findings.flagged[spoilt]
    return set(findings.reasons[spoilt].split(","))


@pytest.mark.parametrize("degrees", [20, 45, 110, 150])
def test_a_streak_is_called_a_trail_and_its_place_is_on_it(field, judge, spoilt, degrees):
    across = field.measure_offset(degrees, 8)
    cube = field.spoil(lambda image: image + 8 * np.exp(-(across**2) / 2))
    assert "trail" in reason_of(judge, cube, spoilt)
    findings = judge(cube)
    assert abs(across[round(float(findings.y[spoilt])), round(float(findings.x[spoilt]))]) <= 2.5


def test_a_bad_column_is_called_one_and_its_place_is_in_it(field, judge, spoilt):
    cube = field.spoil(lambda image: image + 12 * (field.columns == 31))
    assert reason_of(judge, cube, spoilt) == {"column"}
    assert judge(cube).x[spoilt] == pytest.approx(31, abs=1)


def test_a_spot_is_called_a_point_and_its_place_is_there(field, judge, spoilt):
    cube = field.spoil(lambda image: image + 60 * field.draw_spot(35, 36, 0.6))
    assert "point" in reason_of(judge, cube, spoilt)
    assert np.hypot(judge(cube).y[spoilt] - 35, judge(cube).x[spoilt] - 36) < 2


def test_a_hole_is_called_missing(field, judge, spoilt):
    cube = field.spoil(lambda image: np.where(field.rows + field.columns < 15, np.nan, image))
    assert reason_of(judge, cube, spoilt) == {"missing"}


def test_a_tilted_sky_is_called_background(field, judge, spoilt):
    cube = field.spoil(lambda image: image + 8 * (field.rows - 20) / 20)
    assert "background" in reason_of(judge, cube, spoilt)


def test_a_chequered_image_is_called_texture(field, judge, spoilt):
    cube = field.spoil(lambda image: image + 8 * (-1.0) ** (field.rows + field.columns))
    assert "texture" in reason_of(judge, cube, spoilt)


def test_a_trailed_star_is_called_psf(field, judge, spoilt):
    cube = field.spoil(lambda image: image - field.draw() + field.draw(wide=1.7))
    assert "psf" in reason_of(judge, cube, spoilt)


def test_an_image_without_its_sources_is_called_blank(field, judge, spoilt):
    assert reason_of(judge, field.spoil(lambda image: image - field.draw()), spoilt) == {"blank"}


def test_all_sources_fainter_together_is_called_scale(field, judge, spoilt):
    assert "scale" in reason_of(judge, field.spoil(lambda image: image - 0.7 * field.draw()), spoilt)


@pytest.mark.parametrize("growth", [1.3, 1.45, 1.6, 2.5])
def test_poor_seeing_is_a_reason_only_if_asked_for(field, judge, spoilt, growth):
    cube = field.spoil(lambda image: image - field.draw() + field.draw(wide=growth, tall=growth))
    assert reason_of(judge, cube, spoilt, flag_seeing=True) == {"seeing"}
    assert judge(cube, flag_seeing=True).score[spoilt] > 3
    findings = judge(cube, flag_seeing=False)
    assert not findings.flagged[spoilt]
    assert findings.reasons[spoilt] == ""


def test_a_trail_is_flagged_in_poor_seeing_too(field, judge, spoilt):
    streak = 8 * np.exp(-(field.measure_offset(20, 10) ** 2) / 2)
    cube = field.spoil(lambda image: image - field.draw() + field.draw(wide=1.3, tall=1.3) + streak)
    assert judge(cube).flagged[spoilt]


def test_a_hot_pixel_in_poor_seeing_is_called_a_point(field, judge, spoilt):
    hot = 40 * ((field.rows == 33) & (field.columns == 36))
    cube = field.spoil(lambda image: image - field.draw() + field.draw(wide=1.5, tall=1.5) + hot)
    assert "point" in reason_of(judge, cube, spoilt)


def test_without_the_switch_no_epoch_is_flagged_for_seeing_alone(field, judge):
    for growth in (1.4, 1.6, 1.8, 2.0, 2.3):
        wide = field.draw(wide=growth, tall=growth)
        findings = judge(field.spoil(lambda image, wide=wide: image - field.draw() + wide))
        assert "seeing" not in findings.reasons.tolist()


def test_scores_of_blurred_epochs_do_not_depend_on_the_rate(field, judge):
    cube = field.spoil(lambda image: image - field.draw() + field.draw(wide=1.4, tall=1.4))
    np.testing.assert_array_equal(judge(cube, false_alarm=1e-9).score, judge(cube, false_alarm=0.05).score)


def test_the_loudest_detectors_place_counts(compare, spoilt):
    comparison = compare()
    shares = np.zeros((16, len(NAMES)))
    shares[:, NAMES.index("pixel")] = 1
    shares[spoilt, NAMES.index("missing")] = 2
    nowhere = np.full(shares.shape, np.nan)
    x, y = nowhere.copy(), nowhere.copy()
    x[:, NAMES.index("pixel")], y[:, NAMES.index("pixel")] = 3, 4
    x[:, NAMES.index("missing")], y[:, NAMES.index("missing")] = 20, 30
    found_x, found_y = find_places(
        testimony.Testimony(np.ones(shares.shape), x, y, [Flag(0)] * len(shares)), shares, comparison
    )
    assert found_x.tolist() == [20 if epoch == spoilt else 3 for epoch in range(16)]
    assert found_y.tolist() == [30 if epoch == spoilt else 4 for epoch in range(16)]


def test_without_a_place_the_largest_smooth_residual_is_it(field, compare, spoilt):
    comparison = compare(lambda image: image + 8 * field.draw_spot(34, 7, 1.5))
    nowhere = np.full((16, len(NAMES)), np.nan)
    x, y = find_places(
        testimony.Testimony(np.ones(nowhere.shape), nowhere, nowhere, [Flag(0)] * 16),
        np.ones(nowhere.shape),
        comparison,
    )
    assert np.hypot(x[spoilt] - 7, y[spoilt] - 34) < 2.5


def test_each_of_several_loud_detectors_adds_its_reason(compare):
    shares = np.zeros((16, len(NAMES)))
    shares[3, [NAMES.index("missing"), NAMES.index("shift")]] = (1.0, 0.8)
    shares[3, NAMES.index("stretch")] = 0.1
    (reason,) = find_reasons(compare(), SILENT, shares, np.array([3]))
    assert reason == Flag.MISSING | Flag.REGISTRATION


def test_sight_of_a_residual_without_anything_is_still_named(compare):
    comparison = replace(compare(), residual=np.zeros((16, 41, 41), np.float32))
    shares = np.zeros((16, len(NAMES)))
    shares[:, NAMES.index("residual")] = 1
    assert all(find_reasons(comparison, SILENT, shares, np.arange(16)))


def test_missing_pixels_are_the_place_where_nobody_saw_another(field, compare, spoilt):
    comparison = compare(lambda image: np.where((field.rows > 28) & (field.columns < 9), np.nan, image))
    nowhere = np.full((16, len(NAMES)), np.nan)
    silent = testimony.Testimony(np.ones(nowhere.shape), nowhere, nowhere, [Flag(0)] * 16)
    x, y = find_places(silent, np.ones(nowhere.shape), comparison)
    assert x[spoilt] < 9
    assert y[spoilt] > 28


def test_a_point_spread_that_grew_in_one_direction_only_is_not_wider(field, compare, spoilt):
    def find(wide, tall):
        return find_wider(compare(lambda image: image - field.draw() + field.draw(wide=wide, tall=tall)))[spoilt]

    assert find(1.5, 1.5)
    assert not find(1.6, 1.0)
    assert not find(0.8, 0.8)
