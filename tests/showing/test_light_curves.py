"""The picture of a light curve, with the flagged epochs and without them."""

from dataclasses import replace

import numpy as np
import pytest

from epochsieve.showing.light_curves import Points, draw_light_curve, take_points
from epochsieve.showing.plots import write_light_curve
from epochsieve.vocabulary.findings import Findings


@pytest.fixture
def points() -> Points:
    flagged = np.arange(20) == 7
    brightness = np.where(flagged, 50.0, np.arange(20) % 3)
    return Points("star", 58000.0 + np.arange(20), brightness, np.ones(20), flagged, "date", "flux")


def list_points(axes):
    return sorted(tuple(point) for line in axes.lines for point in line.get_xydata())


def test_the_flagged_epoch_is_in_the_first_panel_and_not_in_the_second(points):
    before, after = draw_light_curve(points).axes
    everything = sorted(zip(points.times.tolist(), points.brightness.tolist(), strict=True))
    assert list_points(before) == everything
    assert list_points(after) == [point for point in everything if point[0] != 58007.0]
    assert before.get_xlim() == after.get_xlim()


def test_magnitudes_grow_downwards(points):
    assert all(axes.yaxis_inverted() for axes in draw_light_curve(replace(points, faint_is_large=True)).axes)


def test_one_point_can_be_drawn(points):
    alone = replace(points, brightness=np.where(np.arange(20) == 3, 1.0, np.nan))
    assert len(list_points(draw_light_curve(alone).axes[0])) == 1


def test_findings_without_dates_are_drawn_by_epoch(tmp_path):
    findings = Findings({"object": ["a/b"] * 3, "epoch": [1, 2, 3], "flux": [1.0, 2.0, np.nan]})
    taken = take_points(findings)
    assert (taken.times.tolist(), taken.time_title) == ([1, 2, 3], "epoch")
    assert write_light_curve(taken, tmp_path).name == "a__b_light_curve.png"
