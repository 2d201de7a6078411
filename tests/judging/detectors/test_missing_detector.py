import numpy as np
import pytest

from epochsieve.judging.detectors.missing import measure_missing


@pytest.mark.parametrize("corner", [(slice(0, 6), slice(0, 10)), (slice(30, 41), slice(25, 41))])
def test_the_epoch_with_a_hole_stands_out_at_the_hole(field, compare, spoilt, corner):
    hole = np.zeros((field.side, field.side), bool)
    hole[corner] = True
    witness = measure_missing(compare(lambda image: np.where(hole, np.nan, image)))
    assert witness.score.argmax() == spoilt
    assert (witness.y[spoilt], witness.x[spoilt]) == pytest.approx(
        (field.rows[hole].mean(), field.columns[hole].mean())
    )
    assert witness.score[spoilt] == pytest.approx(1 + hole.mean() / 0.002)
    assert (np.delete(witness.score, spoilt) == 1).all()


def test_more_holes_score_higher(field, compare, spoilt):
    scores = [
        measure_missing(compare(lambda image, width=width: np.where(field.columns < width, np.nan, image))).score[
            spoilt
        ]
        for width in (1, 3, 10, 30)
    ]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]
