"""PyTorch runs the networks of ONNX files with their very weights: the same features, scores and flags."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from epochsieve.api import read_series
from epochsieve.embedding import torch_embedder
from epochsieve.embedding.devices import place_embedder
from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.judging.eight_bit import clip_to_eight_bits, prepare_images, weigh_as_pillow
from epochsieve.judging.paper import PaperMethod
from epochsieve.judging.sieve import SieveMethod
from epochsieve.vocabulary.contracts import ResizingEmbedder
from epochsieve.vocabulary.errors import EmbedderError

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]

LAYERS = ("stride4", "stride8", "stride16", "last")


@pytest.fixture(autouse=True)
def torch():
    pytest.importorskip("onnx")
    return pytest.importorskip("torch")


def make_noise(count, height, width):
    return np.random.default_rng(11).normal(size=(count, height, width)).astype(np.float32)


def assert_alike(found, expected, share=1e-3):
    assert found.dtype == expected.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=share * np.abs(expected).max())


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("shape", [(7, 51, 51), (2, 33, 80), (2, 5, 20)])
def test_features_are_onnx_runtimes(layer, shape):
    network, images = open_embedder(output=layer), make_noise(*shape)
    assert_alike(TorchEmbedder(network, "cpu").embed(images), network.embed(images))


@pytest.mark.parametrize("layer", ["stride4", "stride8"])
def test_half_precision_keeps_two_digits(layer):
    network, images = open_embedder(output=layer), make_noise(2, 40, 40)
    assert_alike(TorchEmbedder(network, "cpu", "float16").embed(images), network.embed(images), 1e-2)


def test_features_do_not_depend_on_the_batch(monkeypatch):
    embedder, images = TorchEmbedder(open_embedder(output="stride8"), "cpu"), make_noise(7, 30, 30)
    whole = embedder.embed(images)
    monkeypatch.setitem(torch_embedder._PIXELS_AT_ONCE, "cpu", 2000)
    assert_alike(embedder.embed(images), whole, 1e-6)


def test_no_images_give_no_features():
    network = open_embedder(output="stride8")
    assert TorchEmbedder(network, "cpu").embed(make_noise(0, 30, 30)).shape == (0, 40)


def test_an_embedder_pickles_small_and_says_how_it_computes():
    embedder, images = TorchEmbedder(open_embedder(output="stride8"), "cpu"), make_noise(2, 20, 20)
    expected = embedder.embed(images)
    sent = pickle.dumps(embedder)
    assert len(sent) < 1000
    np.testing.assert_array_equal(pickle.loads(sent).embed(images), expected)
    assert embedder.name == "efficientnet-lite0/stride8 on cpu in float32"
    assert embedder.sha256 == open_embedder(output="stride8").sha256


def test_images_are_resized_on_the_device_as_they_are_on_the_host():
    network = open_embedder(output="stride8")
    embedder, images = TorchEmbedder(network, "cpu"), 60 + 60 * make_noise(3, 41, 37)
    assert isinstance(embedder, ResizingEmbedder)
    assert not isinstance(network, ResizingEmbedder)
    found = embedder.embed_eight_bit(clip_to_eight_bits(images), *weigh_as_pillow(images.shape[1:]))
    np.testing.assert_array_equal(found, embedder.embed(prepare_images(images)))


LAST, STRIDE_8, EYE = open_embedder(output="last"), open_embedder(output="stride8"), open_eye()


@pytest.mark.parametrize(
    ("method", "placed"),
    [
        (PaperMethod(LAST), PaperMethod(TorchEmbedder(LAST, "cpu"))),
        (SieveMethod(STRIDE_8, EYE), SieveMethod(TorchEmbedder(STRIDE_8, "cpu"), TorchEye(EYE, "cpu"))),
    ],
)
def test_both_methods_find_the_same_on_a_real_series(shared_data, method, placed):
    series = read_series(shared_data / "vst/0070")
    series = replace(series, epochs=series.epochs[:24])
    expected, found = method.judge(series), placed.judge(series)
    np.testing.assert_array_equal(found.flagged, expected.flagged)
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-2)


def test_a_network_that_it_is_not_taught_is_refused_by_name(save):
    with pytest.raises(EmbedderError, match="any size"):
        TorchEmbedder(open_embedder(save("mean of colours at 8 x 6")), "cpu").embed(make_noise(1, 8, 6))
    with pytest.raises(EmbedderError, match="not taught to run this network's Tanh: use --device cpu"):
        TorchEmbedder(open_embedder(save("bounded")), "cpu").embed(make_noise(1, 8, 6))


def test_a_users_maps_are_averaged_over_space(save):
    network, images = open_embedder(save("maps")), make_noise(3, 9, 8)
    assert_alike(TorchEmbedder(network, "cpu").embed(images), network.embed(images))


def test_an_altered_file_is_refused(save):
    embedder = TorchEmbedder(replace(open_embedder(save("maps")), sha256="0" * 64), "cpu")
    with pytest.raises(EmbedderError, match="altered"):
        embedder.embed(make_noise(1, 9, 8))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_graphics_card_gives_the_processors_features(torch, layer):
    if not torch.cuda.is_available():
        pytest.skip("PyTorch sees no graphics card")
    network, images = open_embedder(output=layer), make_noise(40, 51, 51)
    placed = place_embedder(network, "cuda")
    assert isinstance(placed, TorchEmbedder)
    assert place_embedder(network, "auto") == placed
    assert_alike(placed.embed(images), network.embed(images))
    assert_alike(replace(placed, precision="float16").embed(images), network.embed(images), 5e-2)
