"""The benchmark of a device: what it measures and how; nothing here depends on how fast this machine is."""

import json
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from epochsieve.cli import app
from epochsieve.embedding import devices
from epochsieve.jobs import device_networks, device_speed
from epochsieve.jobs.device_report import NOTEBOOK, PAPER, PROCESSOR, SIEVE, DeviceRate, DeviceReport, Floor
from epochsieve.jobs.device_speed import STEPS, DeviceRequest, measure_device
from epochsieve.simulating.surveys import simulate_series
from epochsieve.vocabulary.errors import SettingError


def run(*options):
    return CliRunner().invoke(app, ["benchmark", "device", *options])


@pytest.fixture
def torch():
    pytest.importorskip("onnx")
    return pytest.importorskip("torch")


def test_the_floor_is_what_runs_out_first():
    assert Floor(by_operations=200.0, by_memory=300.0).per_second == 200
    assert Floor(by_operations=200.0, by_memory=100.0).per_second == 100


def test_methods_are_compared_with_the_notebook_and_networks_with_their_floor():
    rates = [
        DeviceRate("eye", "float32", 50.0, 80.0, Floor(100.0, 200.0)),
        DeviceRate(SIEVE, "float32", 30.0),
        DeviceRate(PAPER, "float32", 20.0),
        DeviceRate(NOTEBOOK, "float32", 10.0),
    ]
    report = DeviceReport({}, "card", {"float32": 6e13}, 3e12, rates)
    assert list(report.compare().values()) == [3, 2]
    assert report.list_rates()[0] == ("eye", "float32", "50", "80", "100", "200", "50.0%")
    assert report.list_rates()[1][3:] == ("", "", "", "")
    assert report.describe_device() == "card: 60 Top/s in float32, 3000 GB/s"
    assert DeviceReport({}, "card", {}, 1.0, rates[:-1]).compare() == {}


@pytest.mark.parametrize("how", [{"survey": "sky"}, {"device": "gpu"}])
def test_what_is_not_known_is_refused(how):
    ((kind, name),) = how.items()
    with pytest.raises(SettingError, match=f"no {kind} '{name}': choose one of "):
        measure_device(DeviceRequest(**how))


def test_without_pytorch_it_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda _: None)
    said = run()
    assert said.exit_code == 2
    assert "torch and onnx not installed (pip install 'epochsieve[gpu]')" in said.output
    assert "Traceback" not in said.output


@pytest.mark.torch
@pytest.mark.filterwarnings("default")
def test_a_card_that_is_not_there_is_refused_in_one_line(torch):
    if torch.cuda.is_available():
        pytest.skip("PyTorch sees a graphics card")
    said = run()
    assert said.exit_code == 2
    assert f"PyTorch {torch.__version__} sees none" in said.output


@pytest.mark.torch
@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("torch")
def test_everything_is_measured_and_written(tmp_path, monkeypatch):
    from epochsieve.embedding import torch_costs

    monkeypatch.setitem(device_networks.PIXELS, "cpu", 1)
    monkeypatch.setattr(device_networks, "PRECISIONS", ("float32",))
    monkeypatch.setattr(device_networks, "_PHOTOGRAPH", 32)
    monkeypatch.setattr(device_speed, "DIFFERENT", 1)
    monkeypatch.setattr(device_speed, "simulate_series", partial(simulate_series, epochs=5))
    monkeypatch.setattr(torch_costs, "LEAST_ROUNDS", 1)
    monkeypatch.setattr(device_speed, "list_absent", list)
    asked = []

    def compute_features(images, device):
        asked.append((len(images), device))
        return np.stack([image.mean(axis=0) for image in images])

    monkeypatch.setattr(device_speed, "compute_features", compute_features)
    monkeypatch.setattr(device_speed, "measure_distances", lambda features: features[:, 0])
    file = tmp_path / "new" / "device.json"
    given = ["--rate", "1", "--half-rate", "2", "--bandwidth", "3", "--seconds", "0", "--survey", "tiny"]
    said = run("--device", "cpu", *given, "--objects", "2", "--few", "1", "--out", str(file))
    assert said.exit_code == 0, said.output
    found = json.loads(file.read_text())
    assert (found["operations"], found["bandwidth"]) == ({"float32": 1e12, "float16": 2e12}, 3e9)
    names = [rate["name"] for rate in found["rates"]]
    assert len(set(names[:3])) == 3
    assert names[3:] == [SIEVE, *(f"- {step}" for step in STEPS), PROCESSOR, PAPER, NOTEBOOK]
    assert all(rate["per_second"] > 0 for rate in found["rates"])
    assert all(rate["there"] > 0 and rate["floor"]["by_memory"] > 0 for rate in found["rates"][:3])
    assert len(found["ratios"]) == 2
    assert {device for _, device in asked} == {"cpu"}
    assert NOTEBOOK in said.output


@pytest.mark.torch
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("precision", "width"), [("float32", 4), ("float16", 2)])
def test_costs_of_an_image_are_those_of_its_convolutions_and_products(torch, precision, width):
    from onnx import TensorProto, helper, numpy_helper

    from epochsieve.embedding.torch_costs import count_costs

    sizes = {"kernel": (8, 3, 3, 3), "dense": (8, 5)}
    weights = [numpy_helper.from_array(np.zeros(size, np.float32), name) for name, size in sizes.items()]
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["map"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["map"], ["bent"]),
        helper.make_node("GlobalAveragePool", ["bent"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Gemm", ["flat", "dense"], ["values"]),
    ]
    ports = [
        helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, "height", "width"]),
        helper.make_tensor_value_info("values", TensorProto.FLOAT, ["n", 5]),
    ]
    model = helper.make_model(helper.make_graph(nodes, "small", ports[:1], ports[1:], weights))
    costs = count_costs(model.SerializeToString(), (3, 6, 7), "values", precision)
    assert costs.operations == 2 * (8 * 27 * 42 + 40)
    assert costs.bytes == width * ((3 + 8) * 42 + 8 + 5)
    assert count_costs(model.SerializeToString(), (3, 6, 7), "map", precision).operations == 2 * 8 * 27 * 42


@pytest.mark.torch
@pytest.mark.filterwarnings("default")
def test_a_step_is_timed_by_its_best_round_and_the_first_does_not_count(torch, monkeypatch):
    from epochsieve.embedding import torch_costs

    ticks = iter([0.0, 4.0, 10.0, 12.0, 20.0, 25.0])
    monkeypatch.setattr(torch_costs.time, "perf_counter", lambda: next(ticks))
    done = []
    assert torch_costs.time_best(lambda: done.append(1), "cpu", 0.0) == 2.0
    assert len(done) == 4
