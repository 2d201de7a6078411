import pytest

from epochsieve.judging.detectors.outlines import measure_shift, measure_size, measure_stretch


@pytest.mark.parametrize("shift", [(0.4, 0), (0, -0.4), (1.0, 1.0), (0, 3)])
def test_the_shifted_epoch_stands_out(field, compare, spoilt, shift):
    score = measure_shift(compare(lambda image: image - field.draw() + field.draw(*shift))).score
    assert score.argmax() == spoilt
    assert score[spoilt] > 5


@pytest.mark.parametrize(("wide", "tall"), [(1.25, 0.8), (1.6, 1.0), (1.0, 2.0)])
def test_the_elongated_epoch_stands_out(field, compare, spoilt, wide, tall):
    trailed = field.draw(wide=wide, tall=tall)
    assert measure_stretch(compare(lambda image: image - field.draw() + trailed)).score.argmax() == spoilt


@pytest.mark.parametrize("growth", [0.7, 1.3, 1.7])
def test_the_epoch_of_another_size_stands_out(field, compare, spoilt, growth):
    grown = field.draw(wide=growth, tall=growth)
    assert measure_size(compare(lambda image: image - field.draw() + grown)).score.argmax() == spoilt


@pytest.mark.parametrize("measure", [measure_shift, measure_stretch, measure_size])
def test_a_brightening_is_no_other_outline(field, compare, spoilt, measure):
    centre = 2 * field.flux * field.draw_spot(field.middle, field.middle, field.sigma)
    assert measure(compare(lambda image: image + centre)).score[spoilt] < 5
