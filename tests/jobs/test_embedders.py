"""Networks are listed and added; what is missing is said in a line with what to do about it."""

import json
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from epochsieve.cli import app
from epochsieve.embedding import checkpoints, conversion
from epochsieve.embedding.checkpoints import DIGESTS, check_stated_digest, fetch_checkpoint
from epochsieve.embedding.conversion import Conversion, Layer, check_against
from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.jobs import embedders
from epochsieve.jobs.embedders import add_embedder, list_embedders
from epochsieve.vocabulary.errors import EmbedderError

B0 = "efficientnet-b0"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EPOCHSIEVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def _converter_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedders, "require_packages", lambda *_: None)


def convert(layer: str) -> Conversion:
    """Take a shipped layer for a converted network's only one."""
    shipped = open_embedder(output=layer)
    return Conversion(B0, "a network", {}, "any", {"last": Layer(shipped.path.read_bytes(), 24, shipped.smallest)})


@pytest.mark.parametrize("arguments", [["embedders"], ["embedders", "list"]])
def test_the_list_shows_shipped_networks_and_those_that_can_be_added(arguments: list[str], cache: Path) -> None:
    said = call(*arguments)
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    shipped = "efficientnet-lite0 shipped stride4, stride8, stride16, last 16.5 MB Apache-2.0"
    assert " ".join(lines[1].split()) == shipped
    for name in (*DIGESTS, "timm:NAME"):
        assert any(line.split() == [name, "can", "be", "added"] for line in lines), name
    assert lines[-1] == f"cache  {cache}"
    assert not cache.exists()


def test_a_stored_network_is_listed_runs_and_gives_way_to_a_newer_one(cache: Path) -> None:
    images = np.random.default_rng(3).normal(size=(2, 30, 30)).astype(np.float32)
    for layer in ("stride4", "stride8"):
        embedders._store(convert(layer))
        np.testing.assert_array_equal(open_embedder(B0).embed(images), open_embedder(output=layer).embed(images))
    assert [(one.state, one.layers) for one in list_embedders() if one.name == B0] == [("added", "last")]
    digest = open_embedder(output="stride8").sha256
    assert {path.name for path in (cache / "networks" / B0).iterdir()} == {f"last-{digest[:8]}.onnx", "metadata.json"}
    stated = json.loads((cache / "networks" / B0 / "metadata.json").read_text())
    assert stated["outputs"]["last"]["sha256"] == digest


def test_a_cache_that_cannot_be_written_is_a_line(cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(EmbedderError, match="can't write to the cache"):
        embedders._store(convert("stride4"))


def test_a_network_that_cannot_be_added_is_refused_with_those_that_can() -> None:
    said = call("embedders", "add", "resnet")
    assert said.exit_code == 2
    assert "choose one of efficientnet-b0, " in said.stderr
    assert "timm:NAME" in said.stderr
    assert "efficientnet-lite0 is shipped" in call("embedders", "add", "efficientnet-lite0").stderr


@pytest.mark.parametrize("name", [B0, "timm:resnet18"])
def test_missing_packages_are_named_with_what_installs_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "find_spec", lambda _: None)
    said = call("embedders", "add", name)
    assert said.exit_code == 2
    assert "pip install 'epochsieve[torch]' (missing: torch, " in said.stderr
    assert said.stderr.count("\n") == 1


@pytest.mark.usefixtures("_converter_installed")
def test_without_network_it_is_said_what_to_fetch_where_from_and_where_to_put_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(address: str, timeout: float) -> None:
        raise URLError("no network here")

    monkeypatch.setattr(checkpoints, "urlopen", fail)
    said = call("embedders", "add", B0)
    assert said.exit_code == 2
    assert said.stderr.splitlines()[0].startswith("fetching https://github.com/")
    assert call("embedders", "add", B0, "--quiet").stderr.count("\n") == 1
    assert "(no network here): download https://github.com/" in said.stderr
    assert f"/efficientnet-b0-355c32eb.pth on a machine with network and put it into {cache}" in said.stderr
    assert "add efficientnet-b0 --file efficientnet-b0-355c32eb.pth" in said.stderr
    assert list((cache / "checkpoints").iterdir()) == []


@pytest.mark.usefixtures("_converter_installed")
def test_what_comes_from_the_release_must_have_the_digest_of_its_name(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sent").write_bytes(b"an error page")
    monkeypatch.setattr(checkpoints, "urlopen", lambda _, **__: (tmp_path / "sent").open("rb"))
    with pytest.raises(EmbedderError, match=r"355c32eb\.pth: damaged or another file: .* not 355c32eb"):
        add_embedder(B0)
    assert list((cache / "checkpoints").iterdir()) == []


def test_a_fetched_checkpoint_with_the_right_digest_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sent").write_bytes(b"abc")
    monkeypatch.setattr(checkpoints, "urlopen", lambda _, **__: (tmp_path / "sent").open("rb"))
    monkeypatch.setattr(checkpoints, "DIGESTS", {B0: "ba7816bf"})
    fetch_checkpoint(B0, tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"abc"


@pytest.mark.usefixtures("_converter_installed")
def test_a_damaged_checkpoint_in_the_cache_is_refused(cache: Path) -> None:
    (cache / "checkpoints").mkdir(parents=True)
    (cache / "checkpoints" / "efficientnet-b0-355c32eb.pth").write_bytes(b"half of it")
    with pytest.raises(EmbedderError, match="damaged or another file"):
        add_embedder(B0)


def test_a_digest_in_a_files_name_is_checked_and_a_name_without_one_is_not(tmp_path: Path) -> None:
    for name in ("mine-ba7816bf.pth", "mine.pth", "mine-notadigest.pth"):
        (tmp_path / name).write_bytes(b"abc")
        assert check_stated_digest(tmp_path / name).startswith("ba7816bf")
    (tmp_path / "mine-ba7816be.pth").write_bytes(b"abc")
    with pytest.raises(EmbedderError, match="its sha256 starts with ba7816bf, not ba7816be"):
        check_stated_digest(tmp_path / "mine-ba7816be.pth")
    with pytest.raises(EmbedderError, match="can't read the checkpoint"):
        check_stated_digest(tmp_path / "missing.pth")


def test_a_conversion_that_changes_the_features_is_refused() -> None:
    embedder = open_embedder(output="stride4")
    content = embedder.path.read_bytes()
    check_against(content, "mine", (20, 30), embedder.embed)
    with pytest.raises(EmbedderError, match="changes the features by"):
        check_against(content, "mine", (20, 30), lambda images: embedder.embed(images) * 1.001)
    with pytest.raises(EmbedderError, match="changes the features by nan"):
        check_against(content, "mine", (20, 30), lambda images: embedder.embed(images) * np.float32(np.nan))
