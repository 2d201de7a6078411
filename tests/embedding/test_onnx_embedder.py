"""Shipped networks: the same features as PyTorch's, whatever the batch; and any network of the user's."""

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochsieve.embedding import shipped
from epochsieve.embedding.onnx_embedder import OnnxEmbedder, open_embedder
from epochsieve.embedding.onnx_session import open_network
from epochsieve.vocabulary.errors import EmbedderError

GOLDEN = np.load(Path(__file__).parents[1] / "golden/efficientnet-lite0.npz")
LAYERS = ("stride4", "stride8", "stride16", "last")
COMPARED = [name for name in GOLDEN if not name.endswith("images")]


def normalise(images):
    return (images.astype(np.float32) / 255 - 0.5) / np.float32(0.225)


def noise(count, height, width, seed=0):
    return np.random.default_rng(seed).normal(size=(count, height, width)).astype(np.float32)


@pytest.mark.parametrize("name", COMPARED)
def test_features_equal_the_torch_networks(name):
    size, layer = name.split(".")
    found = open_embedder(output=layer).embed(normalise(GOLDEN[f"{size}.images"]))
    # Features near zero are differences of larger ones: they are held to a millionth of those.
    np.testing.assert_allclose(found, GOLDEN[name], rtol=1e-4, atol=3e-6 * np.abs(GOLDEN[name]).max())


def test_golden_features_cover_every_layer_and_the_published_size():
    assert {name.split(".")[1] for name in COMPARED} == set(LAYERS)
    assert "224x224.last" in COMPARED


@pytest.mark.parametrize("layer", LAYERS)
def test_features_are_the_maps_averaged_over_space(layer):
    embedder, images = open_embedder(output=layer), noise(2, 70, 90)
    maps = embedder.embed_maps(images)
    assert maps.shape[2:] != (1, 1)
    np.testing.assert_allclose(embedder.embed(images), maps.mean((2, 3)), rtol=1e-5, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(
    chosen=st.lists(st.integers(0, 29), min_size=1, max_size=40),
    height=st.integers(3, 60),
    width=st.integers(3, 60),
    layer=st.sampled_from(["stride4", "stride8", "stride16"]),
)
def test_features_do_not_depend_on_the_batch_or_its_other_images(chosen, height, width, layer):
    embedder, images = open_embedder(output=layer), noise(30, height, width)
    np.testing.assert_array_equal(embedder.embed(images[chosen]), embedder.embed(images)[chosen])


def test_published_features_do_not_depend_on_the_batch():
    embedder, images = open_embedder(), noise(5, 64, 64)
    one_by_one = [embedder.embed(image[None])[0] for image in images]
    np.testing.assert_array_equal(embedder.embed(images), one_by_one)


def test_features_do_not_depend_on_the_number_of_threads():
    images = noise(9, 70, 70)
    one, two = (open_embedder(output="stride16", threads=threads).embed(images) for threads in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_images_smaller_than_a_stride_are_padded_with_zeros():
    embedder, small = open_embedder(output="stride8"), noise(2, 5, 20)
    padded = np.pad(small, ((0, 0), (0, 3), (0, 0)))
    np.testing.assert_array_equal(embedder.embed(small), embedder.embed(padded))


@pytest.mark.parametrize("layer", LAYERS)
def test_no_images_give_no_features(layer):
    embedder = open_embedder(output=layer)
    width = embedder.embed(noise(1, 33, 33)).shape[1]
    assert embedder.embed(noise(0, 33, 33)).shape == (0, width)
    assert embedder.embed_maps(noise(0, 33, 33)).shape[:2] == (0, width)


def test_a_pickled_embedder_is_a_small_specification_that_works():
    embedder, images = open_embedder(output="stride8"), noise(2, 20, 20)
    expected = embedder.embed(images)
    sent = pickle.dumps(embedder)
    assert len(sent) < 1000
    np.testing.assert_array_equal(pickle.loads(sent).embed(images), expected)


def test_a_session_is_opened_once_per_process():
    first, second = open_embedder(output="stride8"), open_embedder(output="stride8")
    assert open_network(first.path, first.sha256) is open_network(second.path, second.sha256)


def test_an_embedder_names_network_and_layer():
    assert open_embedder(output="stride8").name == "efficientnet-lite0/stride8"


@pytest.fixture
def altered(tmp_path, monkeypatch):
    shutil.copytree(shipped._FOLDER, tmp_path / "networks")
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path / "networks")
    file = tmp_path / "networks/efficientnet-lite0/stride8.onnx"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_an_altered_shipped_network_is_refused_when_chosen(altered):
    with pytest.raises(EmbedderError, match="altered"):
        open_embedder(output="stride8")


def test_an_altered_shipped_network_is_refused_by_a_worker_too(altered):
    digest = shipped.shipped_networks()["efficientnet-lite0"]["outputs"]["stride8"]["sha256"]
    with pytest.raises(EmbedderError, match="altered"):
        OnnxEmbedder("efficientnet-lite0", "stride8", digest).embed(noise(1, 20, 20))


def test_unknown_networks_and_layers_are_named_in_the_error(tmp_path):
    with pytest.raises(EmbedderError, match=r"resnet.*efficientnet-lite0"):
        open_embedder("resnet")
    with pytest.raises(EmbedderError, match=r"absent\.onnx.*no such network"):
        open_embedder(tmp_path / "absent.onnx")
    with pytest.raises(EmbedderError, match=r"'stride3'.*stride8"):
        open_embedder(output="stride3")


def test_a_users_network_of_any_size_is_run_as_it_is(save):
    images = noise(5, 9, 14)
    np.testing.assert_allclose(open_embedder(save("mean")).embed(images)[:, 0], images.mean((1, 2)), atol=1e-6)


def test_a_users_network_of_three_channels_gets_three_equal_ones_of_its_size(save):
    images = np.full((4, 20, 30), [[[1]], [[2]], [[3]], [[4]]], np.float32)
    features = open_embedder(str(save("mean of colours at 8 x 6"))).embed(images)
    np.testing.assert_allclose(features, np.repeat([[1], [2], [3], [4]], 3, axis=1), rtol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_users_network_of_a_fixed_batch_takes_any_number_of_images(save, count):
    images = noise(count, 6, 6)
    features = open_embedder(save("mean by twos")).embed(images)
    np.testing.assert_allclose(features[:, 0], images.mean((1, 2)), atol=1e-6)


def test_a_users_maps_are_averaged_over_space(save):
    embedder, images = open_embedder(save("maps")), noise(3, 7, 9)
    assert embedder.embed_maps(images).shape == (3, 2, 6, 8)
    np.testing.assert_allclose(embedder.embed(images), embedder.embed_maps(images).mean((2, 3)))
    assert embedder.embed(images[:0]).shape == (0, 2)


def test_a_users_network_without_maps_says_so(save):
    with pytest.raises(EmbedderError, match="no feature maps"):
        open_embedder(save("mean")).embed_maps(noise(1, 6, 6))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("text", "not an ONNX network"),
        ("two inputs", "has 2 inputs"),
        ("of flat vectors", "must be images"),
        ("weights elsewhere", "in other files"),
    ],
)
def test_a_users_file_that_is_no_single_embedder_is_refused_in_one_line(save, name, complaint):
    with pytest.raises(EmbedderError, match=complaint) as raised:
        open_embedder(save(name))
    assert "\n" not in str(raised.value)


def test_a_users_network_with_several_outputs_needs_a_choice(tmp_path):
    source = open_embedder(output="stride4")
    path = tmp_path / "mine.onnx"
    path.write_bytes(source.path.read_bytes())
    with pytest.raises(EmbedderError, match="choose one of features, maps"):
        open_embedder(path)
    images = noise(2, 12, 12)
    np.testing.assert_array_equal(open_embedder(path, output="features").embed(images), source.embed(images))


def test_a_users_network_that_changes_after_it_was_chosen_is_refused(save):
    embedder = open_embedder(save("maps"))
    save("mean")
    # Another number of threads is another session, as in another process.
    changed = replace(embedder, threads=2)
    with pytest.raises(EmbedderError, match="altered"):
        changed.embed(noise(1, 6, 6))


def test_images_that_a_network_cannot_take_are_an_embedder_error(save):
    with pytest.raises(EmbedderError, match="1 x 1 pixels"):
        open_embedder(save("maps")).embed(noise(1, 1, 1))
