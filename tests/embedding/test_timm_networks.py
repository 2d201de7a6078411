"""Any network of timm becomes an embedder, with its features averaged over space and its own normalisation."""

import numpy as np
import pytest

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.jobs.embedders import add_embedder
from epochsieve.vocabulary.errors import EmbedderError

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def torch():
    for package in ("onnx", "onnxscript"):
        pytest.importorskip(package)
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def timm(torch):
    """Import timm, also where torchvision comes from another build than PyTorch, for none of its operators is used."""
    usual = torch.library.register_fake

    def register(operator, *arguments, **options):
        foreign = isinstance(operator, str) and operator.startswith("torchvision::")
        return (lambda function: function) if foreign else usual(operator, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.library, "register_fake", register)
        pytest.importorskip("torchvision")
        return pytest.importorskip("timm")


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EPOCHSIEVE_CACHE", str(tmp_path))


def save_weights(torch, network, path):
    torch.save(network.state_dict(), path)
    return path


# One whose last maps have channels first, and one of tokens, one of which stands for no place.
@pytest.mark.parametrize("plain", ["test_efficientnet", "test_vit"])
def test_features_are_its_own_maps_averaged_over_space(torch, timm, tmp_path, plain):
    torch.manual_seed(8)
    network = timm.create_model(plain, pretrained=False).eval()
    made = add_embedder(f"timm:{plain}", save_weights(torch, network, tmp_path / "mine.pth"))
    stated = network.pretrained_cfg
    photographs = np.random.default_rng(9).uniform(0, 1, (3, *stated["input_size"][1:])).astype(np.float32)
    mean, deviation = (np.array(stated[name], np.float32).reshape(1, 3, 1, 1) for name in ("mean", "std"))
    with torch.inference_mode():
        maps = network.forward_features(torch.from_numpy((photographs[:, None] - mean) / deviation))
        expected = maps.mean((2, 3)) if maps.ndim == 4 else network.fc_norm(maps[:, 1:].mean(1))
    embedder = open_embedder(f"timm:{plain}")
    found = embedder.embed((photographs - np.float32(0.5)) / np.float32(0.225))
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-4)
    assert embedder.name == f"timm:{plain}/last"
    assert found.shape[1] == made.layers["last"].features
    assert b"/tests/" not in embedder.path.read_bytes()


def test_what_timm_does_not_have_is_a_line(timm, tmp_path):
    with pytest.raises(EmbedderError, match=r"timm:nothing: timm .* has no such network"):
        add_embedder("timm:nothing")
    (tmp_path / "text.pth").write_text("not a checkpoint")
    with pytest.raises(EmbedderError, match=r"text\.pth: no weights of timm:test_vit"):
        add_embedder("timm:test_vit", tmp_path / "text.pth")


def test_without_network_it_is_said_what_to_fetch_and_where_from(timm, monkeypatch):
    def fail(*_, **__):
        raise OSError("no network here")

    monkeypatch.setattr(timm, "create_model", fail)
    with pytest.raises(EmbedderError, match=r"\(no network here\): .* repository timm/test_vit\S+ .* --file FILE"):
        add_embedder("timm:test_vit")
