from dataclasses import replace
from pathlib import Path

import pytest

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.judging.weighing.calibration_text import load_default
from epochsieve.methods import open_method
from epochsieve.vocabulary.errors import EmbedderError, InputError, SettingError
from epochsieve.vocabulary.settings import PaperSettings


def test_the_published_method_comes_with_the_shipped_network_and_its_settings() -> None:
    method = open_method("paper", size=21)
    assert method.name == "paper"
    stated = method.describe()
    assert stated["settings"] == vars(PaperSettings(size=21))
    assert stated["embedder"]["name"].startswith("efficientnet-lite0")


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="no method 'magic': choose sieve or paper"):
        open_method("magic")


def test_a_setting_of_another_method_is_refused_with_the_methods_own() -> None:
    with pytest.raises(SettingError, match=r"paper has no setting false_alarm \(it has size, rescale\)"):
        open_method("paper", false_alarm=0.5)


@pytest.mark.parametrize("rate", [1, -0.1, float("nan"), "often", "nan", None, [0.1]])
def test_a_false_alarm_rate_is_a_share(rate: object) -> None:
    with pytest.raises(SettingError, match="a number between 0 and 1, or none, default, hard; not "):
        open_method("sieve", false_alarm=rate)


@pytest.mark.parametrize(("given", "rate"), [("none", 0), ("default", 0.01), ("hard", 0.05), ("1e-3", 1e-3), (0, 0)])
def test_a_false_alarm_rate_is_a_number_or_a_name(given: object, rate: float) -> None:
    assert open_method("sieve", false_alarm=given).describe()["settings"]["false_alarm"] == rate


def test_the_default_rate_is_the_one_of_that_name() -> None:
    assert open_method("sieve") == open_method("sieve", false_alarm="default")


def test_a_calibration_is_read_from_a_file_and_described(tmp_path: Path) -> None:
    own = replace(load_default(), name="my own", median=1.5)
    (tmp_path / "own.json").write_text(own.to_json())
    method = open_method("sieve", calibration=tmp_path / "own.json")
    assert method.describe()["calibration"] == {"name": "my own", "sha256": own.sha256}
    assert open_method("sieve").describe()["calibration"]["sha256"] == load_default().sha256 != own.sha256


def test_a_calibration_that_is_none_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"name": "old"}')
    (tmp_path / "image.fits").write_bytes(b"\xff\xfe")
    for name, complaint in (
        ("old.json", "old.json: no calibration of this version: it lacks chances"),
        ("image.fits", "image.fits: no calibration: not a text file"),
        ("missing.json", "can't read .*missing.json: No such file"),
        ("", "can't read .*: Is a directory"),
    ):
        with pytest.raises(InputError, match=complaint):
            open_method("sieve", calibration=str(tmp_path / name))


def test_the_published_method_has_no_calibration() -> None:
    with pytest.raises(SettingError, match="paper has no setting calibration"):
        open_method("paper", calibration="own.json")


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(EmbedderError, match="resnet"):
        open_method("paper", "resnet")


def test_a_calibration_made_for_another_network_is_refused_in_one_line() -> None:
    refused = r"not made for the network efficientnet-lite0/stride4, .*--calibration"
    with pytest.raises(SettingError, match=refused) as refusal:
        open_method("sieve", "efficientnet-lite0/stride4")
    assert "\n" not in str(refusal.value)
    assert open_method("sieve", "efficientnet-lite0/stride8") == open_method("sieve")


def test_a_calibration_made_for_the_network_is_taken(tmp_path: Path) -> None:
    network = open_embedder("efficientnet-lite0/stride4")
    (tmp_path / "own.json").write_text(replace(load_default(), embedder=network.sha256).to_json())
    stated = open_method("sieve", "efficientnet-lite0/stride4", calibration=tmp_path / "own.json").describe()
    assert stated["embedder"] == {"name": "efficientnet-lite0/stride4", "sha256": network.sha256}
    with pytest.raises(SettingError, match="not made for the network efficientnet-lite0/stride8"):
        open_method("sieve", calibration=tmp_path / "own.json")


def test_the_shipped_calibration_is_for_the_shipped_network() -> None:
    assert load_default().embedder == open_embedder(output="stride8").sha256
