import numpy as np
import pytest

from epochsieve.judging.detectors.lines import CLIP, draw_lines, measure_line, sum_lines


def measure_lines(comparison):
    return sum_lines(comparison.residual, comparison.scene.missing, CLIP)


@pytest.mark.parametrize("degrees", [0, 15, 30, 45, 68, 90, 112, 135, 157])
@pytest.mark.parametrize("offset", [9, -11])
def test_the_epoch_with_a_streak_stands_out_and_its_line_is_the_streak(field, compare, spoilt, degrees, offset):
    streak = 4 * np.exp(-(field.measure_offset(degrees, offset) ** 2) / 2)
    comparison = compare(lambda image: image + streak)
    assert measure_line(comparison).score.argmax() == spoilt
    geometry, lines = draw_lines(field.side, field.side), measure_lines(comparison)
    best = np.abs(lines[spoilt]).argmax()
    turned = np.degrees(geometry.angles[best]) - degrees
    assert min(abs(turned), 180 - abs(turned)) < 8
    assert geometry.offsets[best] == pytest.approx(offset, abs=1.5)


@pytest.mark.parametrize("along_rows", [True, False])
def test_the_epoch_with_a_bad_column_or_row_stands_out(field, compare, spoilt, along_rows):
    bad = (field.rows if along_rows else field.columns) == 31
    assert measure_line(compare(lambda image: image + 3 * bad)).score.argmax() == spoilt


def test_a_dark_streak_counts_like_a_bright_one(field, compare, spoilt):
    streak = 4 * np.exp(-(field.measure_offset(30, 10) ** 2) / 2)
    assert measure_line(compare(lambda image: image - streak)).score.argmax() == spoilt


def test_one_hot_pixel_is_no_line(field, compare, spoilt):
    hot = (field.rows == 34) & (field.columns == 35)
    score = measure_line(compare(lambda image: image + 500 * hot)).score
    assert score[spoilt] < 2 * np.median(score)


def test_of_a_spot_little_is_left_where_pixels_count_little(field, compare, spoilt):
    spot = 60 * np.exp(-((field.rows - 30) ** 2 + (field.columns - 12) ** 2) / 8)
    comparison = compare(lambda image: image + spot)
    many, few = (
        np.abs(sum_lines(comparison.residual, comparison.scene.missing, clip)[spoilt]).max() for clip in (4, 1)
    )
    assert few < 0.6 * many


def test_lines_of_noise_are_in_sigmas(compare):
    lines = measure_lines(compare(epochs=20))
    assert lines[lines != 0].std() == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("shape", [(20, 20), (7, 31), (31, 7), (2, 3)])
def test_every_pixel_is_shared_once_in_every_direction(shape):
    lines = draw_lines(*shape)
    for angle in np.unique(lines.angles):
        shares = np.asarray(lines.sums[lines.angles == angle].sum(axis=0)).ravel()
        np.testing.assert_allclose(shares, 1, rtol=1e-5)
    np.testing.assert_allclose(lines.squares.toarray(), lines.sums.toarray() ** 2, rtol=1e-6)
    assert (lines.sums.data >= 0).all()


def test_lines_that_are_mostly_missing_count_as_zero(field, compare, spoilt):
    comparison = compare(lambda image: np.where(field.columns > 2, np.nan, image))
    lines, geometry = measure_lines(comparison)[spoilt], draw_lines(field.side, field.side)
    upright = np.isclose(geometry.angles, np.pi / 2)
    assert not lines[upright & (geometry.offsets > -field.middle + 4)].any()
    assert np.isfinite(lines).all()
