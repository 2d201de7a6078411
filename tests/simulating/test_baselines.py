"""Baselines: every one ranks, none decides, and each sees what it is meant to see."""

import numpy as np
import pytest

from epochsieve.simulating.baselines.catalogue import open_baselines
from epochsieve.simulating.baselines.patches import score_against_memory, score_against_positions
from epochsieve.simulating.baselines.pixels import score_pixels
from epochsieve.simulating.baselines.ranked import Ranked, find_nearest
from epochsieve.simulating.baselines.stretched import measure_in_sigmas, stretch_for_network
from epochsieve.vocabulary.series import CutoutSeries, Epoch

SIDE, EPOCHS, SPOILT = 33, 9, 4


class BlockMeans:
    """Feature maps that need no network: means and spreads of 16 x 16 blocks."""

    def embed_maps(self, images):
        n, height, width = images.shape
        blocks = images.reshape(n, height // 16, 16, width // 16, 16)
        return np.stack([blocks.mean((2, 4)), blocks.std((2, 4))], axis=1)


@pytest.fixture
def cube():
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    star = 200 * np.exp(-(rows**2 + columns**2) / 8)
    images = (star + rng.normal(100, 2, (EPOCHS, SIDE, SIDE))).astype(np.float32)
    images[SPOILT, 5:9] += 300
    images[0, :3] = np.nan
    return images


SCORES = {
    "pixels": score_pixels,
    "memory": lambda cube: score_against_memory(cube, BlockMeans()),
    "positions": lambda cube: score_against_positions(cube, BlockMeans()),
}


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_bright_band_ranks_first(cube, score):
    assert np.argmax(score(cube)) == SPOILT


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_scores_follow_their_epochs_in_any_order(cube, score):
    order = np.random.default_rng(1).permutation(EPOCHS)
    assert score(cube[order]) == pytest.approx(score(cube)[order], rel=1e-3)


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
@pytest.mark.parametrize("unit", [0.01, 40.0])
def test_scores_do_not_depend_on_the_image_unit(cube, score, unit):
    assert score((cube * unit).astype(np.float32)) == pytest.approx(score(cube), rel=1e-2)


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_constant_and_missing_images_have_finite_scores(cube, score):
    cube[1], cube[2] = 7, np.nan
    assert np.isfinite(score(cube)).all()


@pytest.mark.parametrize("score", SCORES.values(), ids=SCORES)
def test_lonely_epoch_has_a_finite_score(cube, score):
    assert np.isfinite(score(cube[:1])).all()


def test_ranking_decides_nothing_and_keeps_every_row(cube):
    epochs = [Epoch(f"{i:02d}", image) for i, image in enumerate(cube)]
    broken = Epoch("99", None, status="truncated")
    findings = Ranked("pixels", score_pixels).judge(CutoutSeries("one", cube[0], (*epochs, broken)))
    assert len(findings) == EPOCHS + 1
    assert np.isnan(findings["threshold"]).all()
    assert findings["flagged"].tolist() == [False] * EPOCHS + [True]


def test_nearest_are_the_nearest_others():
    assert find_nearest(np.array([[0.0], [1.0], [3.0]]), 1).tolist() == [1, 1, 2]
    assert find_nearest(np.array([[0.0], [1.0], [3.0]]), 5).tolist() == [2, 1.5, 2.5]


def test_noise_has_a_sigma_of_one_after_stretching(cube):
    assert np.std(measure_in_sigmas(cube)[1:4, 20:, :10]) == pytest.approx(1, rel=0.2)


def test_stretched_images_are_finite_and_of_the_size_asked_for(cube):
    stretched = stretch_for_network(cube, 48)
    assert stretched.shape == (EPOCHS, 48, 48)
    assert np.isfinite(stretched).all()


def test_cosmic_ray_finder_sees_a_cosmic_ray_and_nothing_else(cube):
    pytest.importorskip("astroscrappy")
    from epochsieve.simulating.baselines.cosmic_rays import score_cosmic_rays

    cube[SPOILT, 5:9] -= 300
    cube[SPOILT, 25, 25:28] += 500
    scores = score_cosmic_rays(cube)
    assert scores[SPOILT] == pytest.approx(np.sqrt(3) * 250, rel=0.2)
    assert np.delete(scores, SPOILT).max() < 0.1 * scores[SPOILT]


def test_every_baseline_in_the_catalogue_ranks_a_series(cube):
    series = CutoutSeries("one", cube[0], tuple(Epoch(f"{i}", image) for i, image in enumerate(cube[:5])))
    for name, baseline in open_baselines().items():
        findings = baseline.judge(series)
        assert baseline.name == name
        assert np.isfinite(findings["score"]).all()
