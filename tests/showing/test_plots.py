import struct

import numpy as np
import pytest

from epochsieve.showing.flagged import MOST_TILES, MOST_UNUSABLE, draw_flagged
from epochsieve.showing.plots import show, write_plots
from epochsieve.showing.scores import MOST_ROWS, draw_scores
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.series import CutoutSeries


def _png_size(path):
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", header[16:24])


def _texts(figure):
    return [text.get_text() for text in figure.texts]


def _tiles(figure):
    return [axes for axes in figure.axes if axes.get_label().endswith(("expected", "epoch", "residual"))]


def test_two_pictures_are_written_and_named(tmp_path, make_series, judge):
    written = write_plots(*judge(make_series(), 3), tmp_path / "new")
    assert [path.name for path in written] == ["field_scores.png", "field_flagged.png"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["field_flagged.png", "field_scores.png"]


def test_nothing_is_written_where_nothing_is_flagged(tmp_path, make_series, judge):
    assert write_plots(*judge(make_series(), 0), tmp_path / "new") == []
    assert not (tmp_path / "new").exists()


def test_a_name_that_is_no_file_name_is_made_one(tmp_path, make_series, judge):
    series = make_series()
    named = CutoutSeries("north/NGC 1: $x_1$", series.stack, series.epochs)
    assert [path.name for path in write_plots(*judge(named, 1), tmp_path)] == [
        "north__NGC 1_ $x_1$_scores.png",
        "north__NGC 1_ $x_1$_flagged.png",
    ]


@pytest.mark.parametrize("shape", [(11, 10), (63, 63), (20, 90), (90, 20)])
def test_images_of_any_shape_make_pictures_of_a_sane_size(tmp_path, make_series, judge, shape):
    for path in write_plots(*judge(make_series(12, shape), 2), tmp_path):
        width, height = _png_size(path)
        assert 800 <= width <= 2000
        assert 300 <= height <= 1500


def test_five_hundred_flagged_epochs_make_a_bounded_picture(make_series, judge):
    findings, series, explanation = judge(make_series(520, (9, 9)), 500)
    scores, flagged = draw_scores(findings), draw_flagged(findings, series, explanation)
    assert max(*scores.get_size_inches(), *flagged.get_size_inches()) < 30
    assert f"and {500 - MOST_TILES} more flagged epochs" in _texts(flagged)
    assert f"and {500 - MOST_ROWS} more flagged epochs" in _texts(scores)


@pytest.mark.parametrize("flagged", [1, 5, MOST_TILES, MOST_TILES + 3])
def test_each_flagged_epoch_has_three_panels(make_series, judge, flagged):
    figure = draw_flagged(*judge(make_series(40, (9, 9)), flagged))
    assert len(_tiles(figure)) == 3 * min(flagged, MOST_TILES)


def test_a_tile_says_file_score_reasons_and_date(make_series, judge):
    texts = _texts(draw_flagged(*judge(make_series(), 2)))
    for words in ("field_001.fits", "field_002.fits", "score 22.0", "score 12.0", "trail, point", "2023-02-25 00:00"):
        assert words in texts


def test_the_scores_picture_says_file_score_and_reasons(make_series, judge):
    texts = _texts(draw_scores(judge(make_series(), 2)[0]))
    for words in ("field_001.fits", "field_002.fits", "22.0", "12.0", "trail, point", "threshold 2.00"):
        assert words in texts


def test_all_images_share_one_stretch_and_all_residuals_one_scale(make_series, judge):
    brighter = {1: lambda image: image * 50 + 3000}
    tiles = _tiles(draw_flagged(*judge(make_series(edits=brighter), 4)))
    limits = {axes.get_label().rpartition(" ")[2]: set() for axes in tiles}
    for axes in tiles:
        limits[axes.get_label().rpartition(" ")[2]].add(axes.images[0].get_clim())
    assert limits["expected"] == limits["epoch"] == {(0, 1)}
    (low, high), *others = limits["residual"]
    assert others == []
    assert low == -high


def test_the_worst_place_is_marked_on_epoch_and_residual(make_series, judge):
    marked = {axes.get_label(): axes.patches for axes in _tiles(draw_flagged(*judge(make_series(), 1)))}
    assert not marked["field_001.fits expected"]
    for panel in ("epoch", "residual"):
        assert {patch.center for patch in marked[f"field_001.fits {panel}"]} == {(3.0, 2.0)}


def test_missing_pixels_are_drawn_as_missing(make_series, judge):
    def lose_a_row(image):
        image[2] = np.nan
        return image

    tiles = _tiles(draw_flagged(*judge(make_series(edits={0: lose_a_row}), 1)))
    masks = {axes.get_label().rpartition(" ")[2]: axes.images[0].get_array().mask for axes in tiles}
    assert masks["epoch"][2].all()
    assert masks["epoch"].sum() == masks["residual"].sum() == 31
    assert not masks["expected"].any()


def test_an_epoch_without_any_data_is_drawn(tmp_path, make_series, judge):
    series = make_series(edits={0: lambda image: image * np.nan})
    assert len(write_plots(*judge(series, 1), tmp_path)) == 2


def test_epochs_without_an_image_are_listed_with_their_status(make_series, judge):
    figure = draw_flagged(*judge(make_series(edits={0: lambda _: None, 5: lambda _: None}), 2))
    assert len(_tiles(figure)) == 3
    assert _texts(figure).count("not judged: not a FITS file") == 2
    assert {"field_001.fits", "field_006.fits"} <= set(_texts(figure))


def test_a_series_of_unusable_epochs_only_is_listed(tmp_path, make_series, judge):
    edits = dict.fromkeys(range(20), lambda _: None)
    findings, series, explanation = judge(make_series(20, edits=edits), 0)
    assert len(write_plots(findings, series, explanation, tmp_path)) == 2
    assert f"and {20 - MOST_UNUSABLE} more epochs" in _texts(draw_flagged(findings, series, explanation))


def test_findings_of_other_images_are_refused(make_series, judge):
    findings, *_ = judge(make_series(12), 12)
    _, series, explanation = judge(make_series(6), 6)
    with pytest.raises(ResultsError, match=r"field_007\.fits"):
        draw_flagged(findings, series, explanation)


def test_show_draws_both_pictures_for_a_notebook(make_series, judge):
    figure = show(*judge(make_series(), 2))
    words = {text for part in figure.subfigs for text in _texts(part)}
    assert {"field", "score 22.0", "threshold 2.00"} <= words
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_show_works_where_nothing_is_flagged(make_series, judge):
    assert show(*judge(make_series(), 0))._repr_png_().startswith(b"\x89PNG")


def test_pyplot_is_never_involved(tmp_path, make_series, judge):
    from matplotlib import _pylab_helpers

    write_plots(*judge(make_series(), 2), tmp_path)
    show(*judge(make_series(), 2))
    assert _pylab_helpers.Gcf.get_all_fig_managers() == []


def test_real_series_are_drawn(tmp_path, shared_data, judge):
    from epochsieve.reading.folders import read_series

    series = read_series(shared_data / "k2" / "K91S01")
    findings, series, _ = judge(series, 3)
    explanation = Explanation(series.cube, np.zeros_like(series.cube))
    assert all(_png_size(path)[0] > 800 for path in write_plots(findings, series, explanation, tmp_path))
