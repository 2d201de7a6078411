"""The network's detector alone ranks what its network sees, and loses no epoch."""

import numpy as np

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.simulating.baselines.network_alone import NetworkAlone


def add_ripples(image):
    return image + 3 * np.sin(np.arange(image.shape[1]) * 2.0).astype(np.float32)


def judge(series):
    return NetworkAlone(open_embedder(output="stride8")).judge(series)


def test_an_epoch_with_another_texture_ranks_first(make_series):
    findings = judge(make_series(20, edits={6: add_ripples}))
    assert findings["score"].argmax() == 6
    assert np.isnan(findings["threshold"]).all()
    assert not findings.flagged.any()
    assert findings.settings["embedder"]["name"] == "efficientnet-lite0/stride8"


def test_images_without_content_rank_first_and_unreadable_ones_are_rows(make_series):
    findings = judge(make_series(12, edits={2: np.zeros_like, 4: lambda _: None}))
    assert len(findings["score"]) == 12
    assert np.isposinf(findings["score"][2])
    assert np.isfinite(np.delete(findings["score"], [2, 4])).all()


def test_a_series_without_content_is_judged(make_series):
    findings = judge(make_series(3, edits=dict.fromkeys(range(3), np.zeros_like)))
    assert np.isposinf(findings["score"]).all()
