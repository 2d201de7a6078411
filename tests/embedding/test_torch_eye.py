"""PyTorch runs the eye of the ONNX file with its very weights, whatever its channels and impressions."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from epochsieve.embedding import torch_eye
from epochsieve.embedding.devices import place_eye
from epochsieve.embedding.onnx_eye import NetworkFile, open_eye
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.judging.weighing.views import CHANNELS
from epochsieve.vocabulary.errors import EmbedderError

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]


@pytest.fixture(autouse=True)
def torch():
    pytest.importorskip("onnx")
    return pytest.importorskip("torch")


@pytest.fixture
def eye():
    return TorchEye(open_eye(), "cpu")


def draw_views(count, height=23, width=31, channels=None):
    shape = count, channels or len(CHANNELS), height, width
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("shape", [(9, 51, 51), (2, 10, 11), (3, 40, 75)])
def test_it_sees_what_onnx_runtime_sees(eye, shape):
    views = draw_views(*shape)
    found, expected = eye.look(views), eye.eye.look(views)
    assert found.dtype == expected.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max(), rtol=0)


def test_half_precision_keeps_two_digits(eye):
    views = draw_views(4)
    expected = eye.eye.look(views)
    found = replace(eye, precision="float16").look(views)
    np.testing.assert_allclose(found, expected, atol=1e-2 * np.abs(expected).max())


def test_it_concludes_what_the_other_concludes(eye):
    views = draw_views(6)
    impressions = eye.look(views)
    told = impressions.mean(axis=0), impressions.std(axis=0), np.zeros((6, 2 * len(eye.scatter)), np.float32)
    np.testing.assert_array_equal(eye.conclude(impressions, *told), eye.eye.conclude(impressions, *told))


def test_what_it_sees_does_not_depend_on_the_batch(eye, monkeypatch):
    views = draw_views(7)
    whole = eye.look(views)
    monkeypatch.setitem(torch_eye._PIXELS_AT_ONCE, "cpu", 2000)
    np.testing.assert_allclose(eye.look(views), whole, atol=1e-5)


def test_no_view_gives_no_answer(eye):
    assert eye.look(draw_views(0)).shape == (0, eye.look(draw_views(1)).shape[1])


def test_it_travels_as_a_specification_and_says_what_it_is(eye):
    sent = pickle.dumps(eye)
    assert len(sent) < 2500
    np.testing.assert_array_equal(pickle.loads(sent).look(draw_views(2)), eye.look(draw_views(2)))
    assert eye.name == f"{open_eye().name} on cpu in float32"
    for part in ("sha256", "classes", "harmless", "scatter"):
        assert getattr(eye, part) == getattr(open_eye(), part)


def test_an_altered_file_is_refused(eye):
    with pytest.raises(EmbedderError, match="altered"):
        TorchEye(replace(eye.eye, looks=replace(eye.eye.looks, sha256="0" * 64)), "cpu").look(draw_views(1))


def write_other_eye(path, channels, numbers):
    """Write an eye of another size: two products of matrices, one the other way round, after one convolution."""
    import hashlib

    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(1)
    sizes = {"kernel": (8, channels, 3, 3), "first": (16, 5), "added": (5,), "second": (numbers, 5)}
    weights = [numpy_helper.from_array(rng.normal(size=size).astype(np.float32), name) for name, size in sizes.items()]
    nodes = [
        helper.make_node("Conv", ["views", "kernel"], ["map"], pads=[0, 0, 1, 1], strides=[2, 2]),
        helper.make_node("GlobalMaxPool", ["map"], ["most"]),
        helper.make_node("GlobalAveragePool", ["map"], ["mean"]),
        helper.make_node("Concat", ["most", "mean"], ["both"], axis=1),
        helper.make_node("Flatten", ["both"], ["flat"]),
        helper.make_node("Gemm", ["flat", "first", "added"], ["hidden"], alpha=0.1, beta=2.0),
        helper.make_node("Gemm", ["hidden", "second"], ["classes"], transB=1),
        helper.make_node("LogSoftmax", ["classes"], ["seen"]),
    ]
    ports = [
        helper.make_tensor_value_info("views", TensorProto.FLOAT, ["n", channels, "height", "width"]),
        helper.make_tensor_value_info("seen", TensorProto.FLOAT, ["n", numbers]),
    ]
    graph = helper.make_graph(nodes, "other", ports[:1], ports[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("channels", "numbers"), [(11, 40), (1, 2)])
def test_an_eye_of_other_channels_and_impressions_is_read_from_its_file(tmp_path, channels, numbers):
    path = tmp_path / "other.onnx"
    other = replace(open_eye(), looks=NetworkFile(path, write_other_eye(path, channels, numbers)))
    views = draw_views(5, 14, 15, channels)
    found = TorchEye(other, "cpu").look(views)
    assert found.shape == (5, numbers)
    np.testing.assert_allclose(found, other.look(views), atol=1e-4, rtol=0)


def test_a_graphics_card_sees_what_the_processor_sees(torch):
    if not torch.cuda.is_available():
        pytest.skip("PyTorch sees no graphics card")
    eye, views = open_eye(), draw_views(40, 51, 51)
    placed = place_eye(eye, "cuda")
    assert isinstance(placed, TorchEye)
    expected = eye.look(views)
    np.testing.assert_allclose(placed.look(views), expected, atol=1e-4 * np.abs(expected).max(), rtol=0)
