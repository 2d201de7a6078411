"""The shipped eye: what it is, and that it sees the same in every batch."""

import dataclasses
import pickle

import numpy as np
import pytest

from epochsieve.embedding import onnx_eye
from epochsieve.embedding.onnx_eye import FOLDER, open_eye
from epochsieve.judging.weighing.eyesight import MEANING
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


def test_it_gives_logarithms_of_probabilities():
    seen = open_eye().look(draw_views(4))
    assert seen.shape == (4, len(open_eye().classes))
    np.testing.assert_allclose(np.exp(seen).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(10, 11), (51, 51), (75, 40)])
def test_it_sees_the_same_whatever_stands_beside_an_epoch(height, width):
    views = draw_views(30, height, width)
    together = open_eye().look(views)
    one_by_one = np.concatenate([open_eye().look(view[None]) for view in views])
    np.testing.assert_array_equal(one_by_one, together)


def test_no_view_gives_no_answer():
    assert open_eye().look(draw_views(0)).shape == (0, len(open_eye().classes))


def test_it_travels_as_a_specification():
    eye = pickle.loads(pickle.dumps(open_eye()))
    np.testing.assert_array_equal(eye.look(draw_views(2)), open_eye().look(draw_views(2)))


def test_an_altered_file_is_refused_when_it_is_opened(monkeypatch, tmp_path):
    content = bytearray((FOLDER / "eye.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "eye.onnx").write_bytes(content)
    (tmp_path / "metadata.json").write_bytes((FOLDER / "metadata.json").read_bytes())
    monkeypatch.setattr(onnx_eye, "FOLDER", tmp_path)
    with pytest.raises(EmbedderError, match="altered"):
        open_eye()


def test_a_file_altered_later_is_refused_before_anything_is_seen(tmp_path):
    path = tmp_path / "eye.onnx"
    path.write_bytes((FOLDER / "eye.onnx").read_bytes() + b"\0")
    with pytest.raises(EmbedderError, match="altered"):
        dataclasses.replace(open_eye(), path=path).look(draw_views(1))
