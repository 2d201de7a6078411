"""What the package ships is what its metadata says, with the licence that it needs."""

import hashlib

import numpy as np
import pytest

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.shipped import locate, shipped_networks

FILES = [(network, layer) for network, facts in shipped_networks().items() for layer in facts["outputs"]]


def test_the_default_network_is_shipped_with_its_four_layers():
    assert list(shipped_networks()["efficientnet-lite0"]["outputs"]) == ["stride4", "stride8", "stride16", "last"]


@pytest.mark.parametrize(("network", "layer"), FILES)
def test_each_file_has_the_digest_and_the_features_of_its_metadata(network, layer):
    stated = shipped_networks()[network]["outputs"][layer]
    embedder = open_embedder(network, layer)
    assert hashlib.sha256(locate(network, stated["file"]).read_bytes()).hexdigest() == stated["sha256"]
    assert embedder.sha256 == stated["sha256"]
    side = 2 * stated["stride"]
    assert embedder.embed_maps(np.zeros((1, side, side), np.float32)).shape == (1, stated["features"], 2, 2)


@pytest.mark.parametrize("network", shipped_networks())
def test_licence_and_attribution_travel_with_the_weights(network):
    assert shipped_networks()[network]["licence"] == "Apache-2.0"
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in locate(network, "LICENSE").read_text()
    assert "Changed from the source" in locate(network, "README.md").read_text()
