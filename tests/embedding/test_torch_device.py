"""Networks run the same where PyTorch compiles them, and run as they are where it can't."""

from dataclasses import replace

import numpy as np
import pytest

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.judging.weighing.views import CHANNELS

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("default")]


@pytest.fixture(autouse=True)
def torch():
    pytest.importorskip("onnx")
    return pytest.importorskip("torch")


@pytest.fixture
def compile_with(torch, monkeypatch):
    """Compile networks on the processor in a way of one's own; nothing of it is kept."""
    from epochsieve.embedding import torch_device, torch_network

    def choose(backend):
        torch.compiler.reset()
        torch_network._open_once.cache_clear()
        monkeypatch.setitem(torch_device.COMPILERS, "cpu", backend)

    yield choose
    torch_network._open_once.cache_clear()
    torch.compiler.reset()


@pytest.fixture(params=["embedder", "eye"])
def look(request):
    """Run one of the default method's two networks on some images, compiled or not."""
    rng = np.random.default_rng(5)
    if request.param == "eye":
        views = rng.normal(size=(4, len(CHANNELS), 20, 21)).astype(np.float32)
        return lambda count, **how: TorchEye(open_eye(), "cpu", **how).look(views[:count])
    images = rng.normal(size=(4, 20, 21)).astype(np.float32)
    network = open_embedder(output="stride8")
    return lambda count, **how: TorchEmbedder(network, "cpu", **how).embed(images[:count])


def test_a_network_is_compiled_as_one_piece_and_gives_the_same(compile_with, look):
    pieces = []

    def note(graph, _inputs):
        pieces.append(graph)
        return graph.forward

    expected = look(4)
    compile_with(note)
    for _ in range(2):
        np.testing.assert_array_equal(look(4, compiled=True), expected)
    assert len(pieces) == 1
    np.testing.assert_allclose(look(3, compiled=True), expected[:3], atol=1e-5)


def test_half_precision_can_be_compiled(compile_with, look):
    expected = look(2, precision="float16")
    compile_with("eager")
    np.testing.assert_array_equal(look(2, precision="float16", compiled=True), expected)


def test_a_network_that_cannot_be_compiled_runs_as_it_is_and_that_is_said_once(compile_with, look, caplog):
    def refuse(_graph, _inputs):
        raise RuntimeError("no compiler here\nand more")

    compile_with(refuse)
    for _ in range(2):
        np.testing.assert_array_equal(look(2, compiled=True), look(2))
    (said,) = [record.getMessage() for record in caplog.records if record.name.startswith("epochsieve")]
    assert said.startswith("PyTorch can't compile a network, which runs as it is: ")
    assert "no compiler here" in said
    assert "\n" not in said


def test_what_fails_as_it_is_fails(torch):
    from epochsieve.embedding.torch_device import Compiled

    def fail(_images):
        raise ValueError("no such image")

    compiled = Compiled(fail, "eager")
    for _ in range(2):
        with pytest.raises(ValueError, match="no such image"):
            compiled(torch.zeros(1))


def test_the_processor_compiles_nothing_and_provenance_says_what_was():
    from epochsieve.embedding.torch_device import compile_for

    assert compile_for("cpu", len) is len
    embedder, eye = TorchEmbedder(open_embedder(output="stride8"), "cpu"), TorchEye(open_eye(), "cpu")
    for network in (embedder, eye):
        assert replace(network, compiled=True).name == f"{network.name}, compiled"


def test_batches_are_all_of_the_images_in_order(torch):
    from epochsieve.embedding.torch_device import upload

    images = np.arange(7 * 4, dtype=np.float32).reshape(7, 2, 2)
    batches = list(upload(images, torch.device("cpu"), 3))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    np.testing.assert_array_equal(torch.cat(batches).numpy(), images)


class Diary:
    """Stands for a card's streams, batches and events, and notes in which order what happens to them."""

    def __init__(self):
        self.lines = []

    def __call__(self, name):
        def note(*_given, **_how):
            self.lines.append(name)
            return self

        return note

    def __getattr__(self, name):
        return self(name)

    def __enter__(self):
        self.lines.append("on the other stream")

    def __exit__(self, *_error):
        self.lines.append("back")


def test_on_a_card_a_batch_is_waited_for_and_no_more_than_two_are_sent_ahead(torch, monkeypatch):
    from epochsieve.embedding import torch_device

    diary = Diary()
    for name in ("current_stream", "Stream", "stream"):
        monkeypatch.setattr(torch.cuda, name, lambda *_: diary)
    for _ in torch_device._send(iter([diary] * 4), None):
        diary("computed")()
    sent = [
        "pin_memory",
        "on the other stream",
        "to",
        "back",
        "wait_stream",
        "record_stream",
        "computed",
        "record_event",
    ]
    assert diary.lines == [*sent * 2, "synchronize", *sent, "synchronize", *sent]


def test_a_graphics_card_gets_all_of_the_images_in_order(torch):
    if not torch.cuda.is_available():
        pytest.skip("PyTorch sees no graphics card")
    from epochsieve.embedding.torch_device import upload

    images = np.random.default_rng(0).normal(size=(1000, 30, 30)).astype(np.float32)
    sums = [batch.double().sum((1, 2)) for batch in upload(images, torch.device("cuda"), 64)]
    np.testing.assert_allclose(torch.cat(sums).cpu().numpy(), images.sum((1, 2), dtype=float), atol=1e-9)


def test_a_graphics_card_gives_the_same_compiled(torch):
    if not torch.cuda.is_available():
        pytest.skip("PyTorch sees no graphics card")
    images = np.random.default_rng(0).normal(size=(100, 51, 51)).astype(np.float32)
    plain = TorchEmbedder(open_embedder(output="stride8"))
    np.testing.assert_allclose(replace(plain, compiled=True).embed(images), plain.embed(images), atol=1e-3)
