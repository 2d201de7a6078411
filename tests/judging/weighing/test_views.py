import numpy as np

from epochsieve.judging.weighing.views import BRIGHTEST, CHANNELS, prepare_views


def test_a_view_has_an_image_for_every_channel_and_is_finite(field, compare):
    comparison = compare(lambda image: np.where(field.rows < 5, np.nan, image + 1e6 * (field.columns == 30)))
    views = prepare_views(comparison)
    assert views.shape == (16, len(CHANNELS), field.side, field.side)
    assert views.dtype == np.float32
    assert np.isfinite(views).all()
    assert np.abs(views).max() <= np.sqrt(BRIGHTEST) / 4


def test_the_faint_keeps_its_order_and_its_sign(compare):
    comparison = compare()
    residual, seen = comparison.residual.ravel(), prepare_views(comparison)[:, CHANNELS.index("residual")].ravel()
    order = np.argsort(residual)
    assert (np.diff(seen[order]) >= 0).all()
    np.testing.assert_array_equal(np.sign(seen), np.sign(residual))
    faint = np.abs(residual) < 0.05
    np.testing.assert_allclose(seen[faint], residual[faint] / 4, rtol=0.03, atol=1e-7)


def test_missing_pixels_are_told(field, compare, spoilt):
    views = prepare_views(compare(lambda image: np.where(field.rows < 5, np.nan, image)))
    missing = views[:, CHANNELS.index("missing")]
    np.testing.assert_array_equal(missing[spoilt], field.rows < 5)
    assert not np.delete(missing, spoilt, axis=0).any()


def test_what_is_usual_is_the_same_for_all_epochs_and_hardly_changed_by_one(field, compare):
    places = [CHANNELS.index(name) for name in ("usual_departure", "usual_matched")]
    usual, with_trail = (
        prepare_views(compare(edit))[:, places]
        for edit in (lambda image: image, lambda image: image + 50 * (field.rows == 20))
    )
    assert (usual == usual[0]).all()
    np.testing.assert_allclose(with_trail, usual, atol=0.1)


def test_a_variable_source_is_granted_and_does_not_depart(field, compare, spoilt):
    middle = np.hypot(field.rows - field.middle, field.columns - field.middle) < 3
    views = prepare_views(compare(lambda image: image + field.flux * field.draw_spot(field.middle, field.middle, 1.5)))
    granted, departure = (
        np.abs(views[spoilt, CHANNELS.index(name)][middle]).max() for name in ("granted", "departure")
    )
    assert granted > 1
    assert departure < granted


def test_a_wrong_gain_is_both_noisier_and_brighter(compare, spoilt):
    views = prepare_views(compare(lambda image: 3 * image))
    for name in ("noisier", "brighter"):
        plane = views[:, CHANNELS.index(name)]
        assert (plane == plane[:, :1, :1]).all()
        assert plane[spoilt].max() > 2 * np.abs(np.delete(plane, spoilt, axis=0)).max()


def test_poor_seeing_departs_and_is_matched(field, compare, spoilt):
    views = prepare_views(compare(lambda image: image - field.draw() + field.draw(wide=1.5, tall=1.5)))
    departure, matched = (np.abs(views[spoilt, CHANNELS.index(name)]).max() for name in ("departure", "matched"))
    assert matched < 0.7 * departure
