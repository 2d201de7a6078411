"""A series: epochs in time order, none lost, one shape."""

from math import nan

import numpy as np
import pytest

from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.series import CutoutSeries, Epoch


def image(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def make(*epochs: Epoch) -> CutoutSeries:
    return CutoutSeries("object", image(4, 5), epochs)


def test_epochs_stand_in_time_order():
    series = make(Epoch("a", image(4, 5), 3.0), Epoch("b", image(4, 5), 1.0))
    assert [epoch.file for epoch in series.epochs] == ["b", "a"]


def test_epochs_stand_by_name_where_one_has_no_time():
    series = make(Epoch("b", image(4, 5), 1.0), Epoch("a", image(4, 5), nan))
    assert [epoch.file for epoch in series.epochs] == ["a", "b"]


def test_an_unusable_epoch_without_time_does_not_hide_the_others_times():
    series = make(Epoch("c", None, nan, status="broken"), Epoch("b", image(4, 5), 2.0), Epoch("d", image(4, 5), 1.0))
    assert [epoch.file for epoch in series.epochs] == ["d", "b", "c"]


def test_an_epoch_of_another_shape_is_kept_with_a_status():
    series = make(Epoch("a", image(4, 5)), Epoch("b", image(5, 4)))
    assert len(series) == 2
    assert series.epochs[1].status == "shape 5x4 differs from the stack's 4x5"
    assert series.usable.tolist() == [True, False]
    assert series.cube.shape == (1, 4, 5)


def test_a_series_without_usable_epochs_has_an_empty_cube():
    assert make(Epoch("a", None, status="broken")).cube.shape == (0, 4, 5)


def test_a_series_without_epochs_is_refused():
    with pytest.raises(NoSeriesError, match="at least one epoch"):
        make()


def test_noise_is_known_where_epochs_say_it_and_missing_elsewhere():
    noisy = Epoch("a", image(4, 5), noise=np.full((4, 5), 2, np.float32))
    series = make(noisy, Epoch("b", image(4, 5)), Epoch("c", None, status="gone", noise=image(4, 5)))
    assert series.noise is not None
    assert series.noise.shape == (2, 4, 5)
    assert (series.noise[0] == 2).all()
    assert np.isnan(series.noise[1]).all()
    assert make(Epoch("b", image(4, 5))).noise is None


def test_a_noise_plane_of_another_shape_makes_the_epoch_unusable():
    series = make(Epoch("a", image(4, 5), noise=image(5, 4)))
    assert series.epochs[0].status == "its noise plane's shape 5x4 differs from the stack's 4x5"
    assert not series.usable.any()
