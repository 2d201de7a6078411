"""Where networks run is what was asked for, and what is missing is said."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from epochsieve.embedding import devices, onnx_eye, onnx_session
from epochsieve.embedding.devices import place_embedder, place_eye
from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.embedding.onnx_session import CUDA_PROVIDER
from epochsieve.judging.weighing.views import CHANNELS
from epochsieve.methods import PIXELS_AT_ONCE, open_method
from epochsieve.vocabulary.errors import EmbedderError, SettingError


@pytest.fixture
def network():
    return open_embedder(output="stride4")


@pytest.fixture
def _without_torch(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda _: None)


@pytest.fixture
def _with_torch_that_sees_no_card(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda _: True)
    fake = SimpleNamespace(__version__="2.13.0", cuda=SimpleNamespace(is_available=lambda: False))
    monkeypatch.setitem(sys.modules, "torch", fake)


def offer_providers(monkeypatch, *providers):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: list(providers))


def offer_sessions(monkeypatch, granted):
    """Let ONNX Runtime say that it has a card, and its sessions that they use what is granted."""
    import onnxruntime

    asked, usual = [], onnxruntime.InferenceSession

    def open_session(content, options, providers):
        asked.append(providers)
        session = usual(content, options, ["CPUExecutionProvider"])
        monkeypatch.setattr(session, "get_providers", lambda: granted)
        return session

    offer_providers(monkeypatch, CUDA_PROVIDER, "CPUExecutionProvider")
    monkeypatch.setattr(onnxruntime, "InferenceSession", open_session)
    onnx_session._open_once.cache_clear()
    return asked


def test_the_processor_is_the_default_and_needs_nothing(network):
    assert place_embedder(network, "cpu") is network
    assert open_method("paper") == open_method("paper", device="cpu")


@pytest.mark.usefixtures("_without_torch")
def test_a_card_that_is_asked_for_and_absent_is_one_clear_line(network, monkeypatch):
    offer_providers(monkeypatch, "CPUExecutionProvider")
    with pytest.raises(EmbedderError, match=r"no graphics card can be used: torch and onnx not installed") as refusal:
        place_embedder(network, "cuda")
    assert "pip install 'epochsieve[gpu]'" in str(refusal.value)
    assert "onnxruntime-gpu" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    with pytest.raises(EmbedderError, match="no graphics card can be used: torch and onnx not installed"):
        place_eye(open_eye(), "cuda")
    with pytest.raises(EmbedderError, match="no graphics card"):
        open_method("sieve", device="cuda")


@pytest.mark.usefixtures("_with_torch_that_sees_no_card")
def test_where_pytorch_sees_no_card_that_is_said(network, monkeypatch):
    offer_providers(monkeypatch, "CPUExecutionProvider")
    with pytest.raises(EmbedderError, match=r"PyTorch 2\.13\.0 sees none"):
        place_embedder(network, "cuda")


@pytest.mark.usefixtures("_without_torch")
def test_auto_takes_the_processor_where_there_is_no_card(network, monkeypatch):
    offer_providers(monkeypatch, "CPUExecutionProvider")
    assert place_embedder(network, "auto") is network
    assert open_method("sieve", device="auto") == open_method("sieve")


@pytest.mark.usefixtures("_without_torch")
def test_onnx_runtimes_own_build_for_cards_is_taken_where_pytorch_cannot_be(network, monkeypatch):
    asked = offer_sessions(monkeypatch, [CUDA_PROVIDER, "CPUExecutionProvider"])
    for device in ("cuda", "auto"):
        placed = place_embedder(network, device)
        assert (placed.device, placed.sha256) == ("cuda", network.sha256)
        assert placed.name == "efficientnet-lite0/stride4 on cuda"
    images = np.zeros((1, 9, 9), np.float32)
    np.testing.assert_array_equal(placed.embed(images), network.embed(images))
    (card, options), processor = asked[0]
    assert (card, processor) == (CUDA_PROVIDER, "CPUExecutionProvider")
    assert options == {"use_tf32": "0"}


@pytest.mark.usefixtures("_without_torch")
def test_the_default_methods_eye_goes_where_its_embedder_goes(monkeypatch):
    asked = offer_sessions(monkeypatch, [CUDA_PROVIDER, "CPUExecutionProvider"])
    onnx_eye._open_once.cache_clear()
    method, usual = open_method("sieve", device="cuda"), open_method("sieve")
    assert method.describe()["eye"] == {"name": "eye on cuda", "sha256": usual.eye.sha256}
    assert method.describe()["embedder"]["name"].endswith(" on cuda")
    assert (method.pixels_at_once, usual.pixels_at_once) == (PIXELS_AT_ONCE, 0)
    assert [providers[0][0] for providers in asked] == [CUDA_PROVIDER, CUDA_PROVIDER]
    views = np.zeros((1, len(CHANNELS), 9, 9), np.float32)
    np.testing.assert_array_equal(method.eye.look(views), usual.eye.look(views))
    assert len(asked) == 3, "the card's session is kept, and is not the processor's"


@pytest.mark.usefixtures("_without_torch")
def test_where_the_runtime_would_silently_take_the_processor_the_card_is_refused(network, monkeypatch):
    offer_sessions(monkeypatch, ["CPUExecutionProvider"])
    with pytest.raises(EmbedderError, match="finds no card, or not its libraries"):
        place_embedder(network, "cuda")
    assert place_embedder(network, "auto") is network


def test_another_device_is_refused_with_those_that_there_are(network):
    with pytest.raises(SettingError, match="no device 'gpu': choose one of cpu, cuda, auto"):
        place_embedder(network, "gpu")
