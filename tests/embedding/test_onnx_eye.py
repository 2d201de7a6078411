"""The shipped eye: what it is, and that it sees the same in every batch."""

import dataclasses
import json
import pickle

import numpy as np
import pytest

from epochsieve.embedding import onnx_eye
from epochsieve.embedding.onnx_eye import FOLDER, open_eye
from epochsieve.judging.weighing.eyesight import MEANING, measure_usual
from epochsieve.judging.weighing.testimony import HEARD
from epochsieve.judging.weighing.views import CHANNELS
from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.variability import HARMLESS
from epochsieve.vocabulary.errors import EmbedderError


def draw_views(count, height=23, width=31):
    return np.random.default_rng(3).normal(size=(count, len(CHANNELS), height, width)).astype(np.float32)


def test_it_knows_every_defect_and_every_harmless_change():
    eye = open_eye()
    assert set(eye.classes) == {"good", *HARMLESS, *DEFECTS}
    assert eye.harmless == {"good", *HARMLESS}
    assert set(DEFECTS) == set(MEANING)


def test_it_hears_the_detectors_that_there_are():
    stated = json.loads((FOLDER / "metadata.json").read_text("utf-8"))
    assert tuple(stated["scatter"]) == HEARD
    assert open_eye().scatter == tuple(stated["scatter"].values())


def draw_impressions(count):
    rng = np.random.default_rng(4)
    impressions = open_eye().look(draw_views(count))
    usual, spread = measure_usual(impressions, np.ones(count, bool))
    return impressions, usual, spread, rng.normal(size=(count, 2 * len(HEARD))).astype(np.float32)


def test_it_concludes_in_logarithms_of_probabilities():
    concluded = open_eye().conclude(*draw_impressions(4))
    assert concluded.shape == (4, len(open_eye().classes))
    np.testing.assert_allclose(np.exp(concluded).sum(axis=1), 1, rtol=1e-5)


def test_what_it_concludes_of_an_epoch_is_the_same_among_others():
    impressions, usual, spread, heard = draw_impressions(9)
    together = open_eye().conclude(impressions, usual, spread, heard)
    for some in (slice(3), slice(4, 5), slice(None, None, -1)):
        found = open_eye().conclude(impressions[some], usual, spread, heard[some])
        np.testing.assert_allclose(found, together[some], atol=1e-5)


def test_it_stays_finite_whatever_it_is_told():
    impressions, usual, spread, heard = draw_impressions(4)
    for wild in (1e-30, 1e6):
        told = wild * impressions, wild * usual, 0 * spread, (1e5 * heard).astype(np.float32)
        assert np.isfinite(open_eye().conclude(*told)).all()


@pytest.mark.parametrize(("height", "width"), [(10, 11), (51, 51), (75, 40)])
def test_it_sees_the_same_whatever_stands_beside_an_epoch(height, width):
    views = draw_views(30, height, width)
    together = open_eye().look(views)
    one_by_one = np.concatenate([open_eye().look(view[None]) for view in views])
    np.testing.assert_array_equal(one_by_one, together)


def test_no_view_gives_no_answer():
    assert open_eye().look(draw_views(0)).shape == (0, open_eye().look(draw_views(1)).shape[1])


def test_it_travels_as_a_specification():
    eye = pickle.loads(pickle.dumps(open_eye()))
    assert eye == open_eye()
    np.testing.assert_array_equal(eye.look(draw_views(2)), open_eye().look(draw_views(2)))


@pytest.mark.parametrize("altered", ["eye.onnx", "mind.onnx"])
def test_an_altered_file_is_refused_when_it_is_opened(monkeypatch, tmp_path, altered):
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    content = bytearray((tmp_path / altered).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / altered).write_bytes(content)
    monkeypatch.setattr(onnx_eye, "FOLDER", tmp_path)
    with pytest.raises(EmbedderError, match="altered"):
        open_eye()


def test_a_file_altered_later_is_refused_before_anything_is_seen(tmp_path):
    def alter(network):
        path = tmp_path / network.path.name
        path.write_bytes(network.path.read_bytes() + b"\0")
        return dataclasses.replace(network, path=path)

    eye = open_eye()
    with pytest.raises(EmbedderError, match="altered"):
        dataclasses.replace(eye, looks=alter(eye.looks)).look(draw_views(1))
    with pytest.raises(EmbedderError, match="altered"):
        dataclasses.replace(eye, concludes=alter(eye.concludes)).conclude(*draw_impressions(2))


def test_what_looks_and_what_concludes_are_one_version():
    eye = open_eye()
    other = dataclasses.replace(eye, concludes=dataclasses.replace(eye.concludes, sha256="0" * 64))
    assert other.sha256 != eye.sha256
