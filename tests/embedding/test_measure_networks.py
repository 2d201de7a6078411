"""The script that measures networks names each that it was asked for, with a size and rates that are numbers."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/measure_networks.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("measure_networks", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_network_is_a_line_with_its_size_and_a_rate_for_each_side(script, monkeypatch, capsys):
    asked = ["efficientnet-lite0/stride4", "efficientnet-lite0/stride8"]
    monkeypatch.setattr(sys, "argv", ["measure_networks.py", *asked, "--sides", "16", "24", "--seconds", "0"])
    monkeypatch.setattr(script, "PIXELS", {"cpu": 2000, "cuda": 2000})
    script.main()
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == asked
    assert [float(line.split()[1]) for line in lines] == [0.06, 0.22]
    assert all(float(rate) > 0 for line in lines for rate in line.split()[2:])


def test_a_rate_is_images_over_the_time_of_the_best_round(script):
    ticks = iter([0.0, 4.0, 10.0, 12.0, 20.0, 25.0])

    class Still:
        def embed(self, images):
            return images

    assert script.measure_rate(Still(), [None] * 8, 0.0, lambda: next(ticks)) == 4.0


def test_all_shipped_layers_are_listed(script):
    shipped = [f"efficientnet-lite0/{layer}" for layer in ("stride4", "stride8", "stride16", "last")]
    assert script.list_layers()[:4] == shipped
