"""EfficientNet-B0 to B7 keep their PyTorch features on the way to ONNX, and the published method its results."""

import pickle

import numpy as np
import pytest

from epochsieve.embedding.cache import locate_checkpoint
from epochsieve.embedding.checkpoints import DIGESTS, address_checkpoint, name_checkpoint
from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.jobs.embedders import add_embedder
from epochsieve.methods import open_method
from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.vocabulary.series import CutoutSeries, Epoch

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]

B0 = "efficientnet-b0"
# In the user's own cache; tests write to another.
PUBLISHED = locate_checkpoint(name_checkpoint(B0))
LAYERS = ("stride4", "stride8", "stride16", "last")


@pytest.fixture(scope="module")
def torch():
    for package in ("efficientnet_pytorch", "onnx"):
        pytest.importorskip(package)
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def write_checkpoint(torch, tmp_path_factory):
    """Write checkpoints as they are published, of random weights, and of batch statistics that let signals through."""

    def write(name):
        from efficientnet_pytorch import EfficientNet

        torch.manual_seed(7)
        network = EfficientNet.from_name(name).eval()
        for part in network.modules():
            if isinstance(part, torch.nn.BatchNorm2d):
                part.train().momentum = None
                torch.nn.init.uniform_(part.weight, 0.5, 1.5)
                torch.nn.init.normal_(part.bias, 0, 0.2)
        with torch.no_grad():
            network.extract_features(torch.randn(8, 3, 8, 8).repeat_interleave(12, 2).repeat_interleave(12, 3))
        path = tmp_path_factory.mktemp("checkpoints") / "mine.pth"
        torch.save(network.state_dict(), path)
        return path

    return write


@pytest.fixture(scope="module")
def checkpoint(write_checkpoint):
    return write_checkpoint(B0)


@pytest.fixture(scope="module")
def network(torch, checkpoint):
    """Load the checkpoint as the published notebook does."""
    from efficientnet_pytorch import EfficientNet

    return EfficientNet.from_pretrained(B0, weights_path=str(checkpoint)).eval()


@pytest.fixture(scope="module", autouse=True)
def added(torch, checkpoint, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EPOCHSIEVE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield add_embedder(B0, checkpoint)


def extract(torch, network, images):
    with torch.inference_mode():
        return network.extract_features(torch.from_numpy(images)[:, None].expand(-1, 3, -1, -1)).mean((2, 3)).numpy()


@pytest.mark.parametrize("shape", [(3, 51, 51), (2, 64, 97), (1, 224, 224), (2, 33, 40)])
def test_features_are_those_that_extract_features_gives(torch, network, shape):
    images = np.random.default_rng(4).normal(size=shape).astype(np.float32)
    found = open_embedder(B0).embed(images)
    np.testing.assert_allclose(found, extract(torch, network, images), rtol=1e-4, atol=1e-4)
    assert np.ptp(found, axis=1).min() > 0.1
    # Features that hardly depend on the image would prove nothing.
    assert np.std(extract(torch, network, images * 3) - found) > 0.1


def test_its_layers_are_those_that_the_shipped_network_has(added):
    assert tuple(added.layers) == LAYERS
    images = np.random.default_rng(5).normal(size=(2, 64, 64)).astype(np.float32)
    for layer, stride in zip(LAYERS, (4, 8, 16, 32), strict=True):
        embedder = open_embedder(B0, layer)
        assert embedder.embed_maps(images).shape[2:] == (64 // stride, 64 // stride)
        assert embedder.embed(images).shape[1] == added.layers[layer].features


def test_torch_runs_the_converted_network_as_onnx_runtime_does():
    network = open_embedder(B0)
    images = np.random.default_rng(8).normal(size=(3, 61, 70)).astype(np.float32)
    found, expected = TorchEmbedder(network, "cpu").embed(images), network.embed(images)
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_checkpoint_gives_the_same_bytes_each_time(added, checkpoint):
    assert add_embedder(B0, checkpoint).layers == added.layers


def test_a_larger_network_keeps_its_features_too(torch, write_checkpoint):
    from efficientnet_pytorch import EfficientNet

    path = write_checkpoint("efficientnet-b2")
    made = add_embedder("efficientnet-b2", path)
    images = np.random.default_rng(6).normal(size=(1, 70, 60)).astype(np.float32)
    network = EfficientNet.from_pretrained("efficientnet-b2", weights_path=str(path)).eval()
    expected = extract(torch, network, images)
    np.testing.assert_allclose(open_embedder("efficientnet-b2").embed(images), expected, rtol=1e-4, atol=1e-4)
    assert made.layers["last"].features == expected.shape[1] == 1408


def run_notebook(torch, network, images):
    """Take the published notebook's steps: 8 bit, 224 pixels, features, each image's first neighbour."""
    from PIL import Image

    prepared = []
    for image in images:
        colours = Image.fromarray(image.astype("f4")).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
        scaled = (np.asarray(colours, np.float32) / 255 - 0.5) / 0.225
        prepared.append(torch.from_numpy(scaled.transpose(2, 0, 1).copy()))
    with torch.inference_mode():
        batches = (torch.stack(prepared[k : k + 16]) for k in range(0, len(prepared), 16))
        features = torch.cat([network.extract_features(batch).mean((2, 3)) for batch in batches]).numpy()
    distances = np.linalg.norm(features[:, None].astype(float) - features[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.min(axis=1)


def read_vst(shared_data):
    """Read the published series: the stack, then the epochs."""
    from astropy.io import fits

    return {file.name: fits.getdata(file).astype("f4") for file in sorted((shared_data / "vst/0070").glob("*.fits"))}


def make_series(images):
    (_, stack), *others = images.items()
    return CutoutSeries("0070", stack, tuple(Epoch(name, image) for name, image in others))


def test_the_published_method_gives_what_the_notebook_gives_with_that_checkpoint(torch, network, shared_data):
    images = dict(list(read_vst(shared_data).items())[:24])
    distances = dict(zip(images, run_notebook(torch, network, images.values()), strict=True))
    # Weights without sense find the stack the least odd of all: let a middling image stand for it.
    middling = sorted(distances, key=distances.get)[14]
    findings = open_method("paper", B0).judge(make_series({middling: images.pop(middling)} | images))
    own, expected = distances[middling], [distances[name] for name in findings.file]
    np.testing.assert_allclose(findings.distance, expected, rtol=1e-4)
    np.testing.assert_array_equal(findings.flagged, np.array(expected) >= own)
    assert 0 < findings.flagged.sum() < len(findings.flagged)
    assert findings.settings["embedder"]["name"] == "efficientnet-b0/last"


def test_the_published_checkpoint_gives_the_published_result(torch, shared_data, monkeypatch, tmp_path):
    if not PUBLISHED.is_file():
        pytest.skip(f"the published checkpoint is not in the cache: {address_checkpoint(B0)}")
    monkeypatch.setenv("EPOCHSIEVE_CACHE", str(tmp_path))
    add_embedder(B0, PUBLISHED)
    findings = open_method("paper", B0).judge(make_series(read_vst(shared_data)))
    assert list(findings.file[findings.flagged]) == ["0070_02.fits"]


def test_a_checkpoint_of_another_network_or_of_none_is_refused(checkpoint, tmp_path):
    with pytest.raises(EmbedderError, match=r"mine\.pth: the weights of another network than efficientnet-b1"):
        add_embedder("efficientnet-b1", checkpoint)
    (tmp_path / "text.pth").write_text("not a checkpoint")
    with pytest.raises(EmbedderError, match="no PyTorch checkpoint of weights alone"):
        add_embedder(B0, tmp_path / "text.pth")
    with pytest.raises(EmbedderError, match="can't read the checkpoint"):
        add_embedder(B0, tmp_path / "missing.pth")


class Trap:
    """Would run code when it is unpickled."""

    def __reduce__(self):
        return exec, ("raise RuntimeError('it ran')",)


def test_nothing_in_a_checkpoint_is_executed(tmp_path):
    (tmp_path / "trap.pth").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(EmbedderError, match="weights alone") as refusal:
        add_embedder(B0, tmp_path / "trap.pth")
    assert "it ran" not in str(refusal.value.__cause__)


def test_addresses_and_digests_are_those_of_the_notebooks_own_dependency(torch):
    from efficientnet_pytorch.utils import url_map

    assert {name: address_checkpoint(name) for name in DIGESTS} == url_map
