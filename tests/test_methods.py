import pytest

from epochsieve.methods import open_method
from epochsieve.vocabulary.errors import EmbedderError, SettingError
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


@pytest.mark.parametrize("rate", [0, 1, -0.1, float("nan")])
def test_a_false_alarm_rate_is_a_share(rate: float) -> None:
    with pytest.raises(SettingError, match="between 0 and 1"):
        open_method("sieve", false_alarm=rate)


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(EmbedderError, match="resnet"):
        open_method("paper", "resnet")
