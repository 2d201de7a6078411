"""The cache is where the platform keeps such things, or where the user says; what is damaged in it is passed over."""

import json
from pathlib import Path

import numpy as np
import pytest

from epochsieve.embedding.cache import added_networks, find_cache, locate_added
from epochsieve.embedding.catalogue import known_networks
from epochsieve.embedding.onnx_embedder import OnnxEmbedder, open_embedder
from epochsieve.embedding.shipped import shipped_networks
from epochsieve.vocabulary.errors import EmbedderError

IMAGES = np.random.default_rng(2).normal(size=(3, 20, 24)).astype(np.float32)


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", ".cache/epochsieve"),
        ({"XDG_CACHE_HOME": "not/absolute"}, "linux", ".cache/epochsieve"),
        ({}, "darwin", "Library/Caches/epochsieve"),
        ({}, "win32", "AppData/Local/epochsieve/Cache"),
    ],
)
def test_the_cache_is_where_the_platform_keeps_such_things(environment, platform, expected):
    assert find_cache(environment, platform) == Path.home() / expected


def test_the_user_may_choose_the_cache(tmp_path):
    stated = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    assert find_cache(stated, "linux") == tmp_path / "epochsieve"
    assert find_cache(stated, "win32") == tmp_path / "epochsieve" / "Cache"
    for platform in ("linux", "darwin", "win32"):
        assert find_cache(stated | {"EPOCHSIEVE_CACHE": str(tmp_path / "own")}, platform) == tmp_path / "own"


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Put a copy of two shipped layers into a cache, under two names."""
    monkeypatch.setenv("EPOCHSIEVE_CACHE", str(tmp_path))
    outputs = shipped_networks()["efficientnet-lite0"]["outputs"]
    for name, layers in (("two", ("stride4", "stride8")), ("timm:one", ("stride8",))):
        for layer in layers:
            file = locate_added(name, outputs[layer]["file"])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(open_embedder(output=layer).path.read_bytes())
        stated = {"name": name, "outputs": {layer: outputs[layer] for layer in layers}, "licence": "any"}
        locate_added(name, "metadata.json").write_text(json.dumps(stated))


@pytest.mark.usefixtures("added")
def test_an_added_network_runs_by_its_name_and_layer():
    expected = open_embedder(output="stride8").embed(IMAGES)
    for embedder in (open_embedder("two", "stride8"), open_embedder("two/stride8"), open_embedder("timm:one")):
        np.testing.assert_array_equal(embedder.embed(IMAGES), expected)
    assert open_embedder("two/stride4", "stride8").name == "two/stride4"
    assert open_embedder("timm:one").name == "timm:one/stride8"


@pytest.mark.usefixtures("added")
def test_an_added_network_that_was_altered_is_refused_whenever_it_is_opened():
    embedder = open_embedder("two", "stride4")
    embedder.path.write_bytes(b"another")
    with pytest.raises(EmbedderError, match="altered; epochsieve embedders add two"):
        open_embedder("two", "stride4")
    with pytest.raises(EmbedderError, match="altered"):
        OnnxEmbedder("two", "stride4", embedder.sha256, threads=3).embed(IMAGES)


@pytest.mark.usefixtures("added")
def test_where_a_network_is_not_added_the_error_says_how_to_add_it(tmp_path, monkeypatch):
    embedder = open_embedder("two", "stride4")
    monkeypatch.setenv("EPOCHSIEVE_CACHE", str(tmp_path / "on another machine"))
    with pytest.raises(EmbedderError, match=r"no network two .* here: epochsieve embedders add two"):
        embedder.embed(IMAGES)


@pytest.mark.usefixtures("added")
def test_damaged_metadata_is_passed_over_and_logged(caplog):
    locate_added("two", "metadata.json").write_text("{")
    assert list(added_networks()) == ["timm:one"]
    assert "add the network again" in caplog.text


@pytest.mark.usefixtures("added")
def test_no_added_network_takes_a_shipped_ones_place():
    path = locate_added("two", "metadata.json")
    path.write_text(path.read_text().replace('"two"', '"efficientnet-lite0"'))
    assert known_networks() == shipped_networks() | {"timm:one": added_networks()["timm:one"]}
