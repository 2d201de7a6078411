"""What the command line may ask of benchmarks, and what that means."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.jobs.benchmarks import (
    STRESS_NAMES,
    QualityRequest,
    choose_plan,
    list_enough,
    open_judges,
    plan_folders,
    tell_tuning_from_reporting,
)
from epochsieve.judging.weighing.calibration_text import load_default
from epochsieve.simulating.baselines.network_alone import NetworkAlone
from epochsieve.simulating.baselines.pixels import score_pixels
from epochsieve.simulating.baselines.ranked import Ranked
from epochsieve.simulating.conditions import REPORT_SURVEYS, STRESSES, USUAL
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.errors import SettingError

PIXELS = {"pixels": Ranked("pixels", score_pixels)}


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Two objects of five epochs and a stack."""
    rng = np.random.default_rng(2)
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
        for epoch in range(6):
            fits.writeto(tmp_path / name / f"{epoch}.fits", rng.normal(size=(15, 15)).astype(np.float32))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("all", tuple(SURVEYS)),
        ("report", REPORT_SURVEYS),
        ("vst, tiny,vst,", ("vst", "tiny")),
    ],
)
def test_surveys_are_named_one_by_one_or_as_a_group(text: str, names: tuple[str, ...]) -> None:
    plan = choose_plan(text, "none", 2, 7)
    assert plan is not None
    assert (plan.surveys, plan.conditions, plan.objects, plan.seed) == (names, (USUAL,), 2, 7)


def test_no_survey_is_no_plan() -> None:
    assert choose_plan("none", "all", 1, 1) is None


def test_every_stress_has_a_name_and_the_usual_condition_is_always_measured() -> None:
    every, some = choose_plan("vst", "all", 1, 1), choose_plan("vst", "nostack,epochs24", 1, 1)
    assert every is not None
    assert some is not None
    assert every.conditions == (USUAL, *STRESSES)
    assert [condition.name for condition in some.conditions] == ["usual", "no stack", "24 epochs"]
    assert STRESS_NAMES["bad30"].bad_fraction == 0.3


def test_real_objects_are_taken_equally_often_and_never_less_than_asked_for(real: Path) -> None:
    for wanted, found in ((1, 2), (2, 2), (3, 4)):
        names = [specimen.folder.name for specimen in list_enough(str(real), 1, wanted)]
        assert names == ["north", "south"] * (found // 2)


def test_specimens_are_simulated_ones_then_injected_ones(real: Path) -> None:
    request = QualityRequest(PIXELS, choose_plan("coarse", "none", 2, 1), inject_into=[str(real)])
    groups = [specimen.group for specimen in request.list_specimens()]
    assert groups == [("coarse", "usual")] * 2 + [(real.name, "injected")] * 2


def test_judges_stand_in_the_order_asked_for() -> None:
    assert list(open_judges("pixels,paper")) == ["pixels", "paper"]


def test_the_networks_detector_alone_takes_any_network_and_all_leaves_it_out() -> None:
    judges = open_judges("network", "efficientnet-lite0/stride4")
    assert judges["network"] == NetworkAlone(open_embedder(output="stride4"))
    assert "network" not in open_judges("all")


def test_the_default_method_is_measured_with_a_calibration_for_the_network(tmp_path: Path) -> None:
    network = open_embedder(output="stride4")
    own = tmp_path / "own.json"
    own.write_text(replace(load_default(), embedder=network.sha256).to_json())
    with pytest.raises(SettingError, match="not made for the network efficientnet-lite0/stride4"):
        open_judges("sieve", "efficientnet-lite0/stride4")
    judge = open_judges("sieve", "efficientnet-lite0/stride4", own)["sieve"]
    assert QualityRequest({"sieve": judge}).describe()["methods"]["sieve"]["embedder"]["sha256"] == network.sha256


def test_a_run_without_simulated_surveys_tells_of_its_seed_alone() -> None:
    said = tell_tuning_from_reporting(QualityRequest(PIXELS, seed=1500)).splitlines()
    assert said[1] == "Measured here: seed 1500, for reporting."


def test_the_request_is_described_as_plain_values(real: Path) -> None:
    described = QualityRequest(open_judges("paper,pixels"), None, [str(real)], seed=4).describe()
    assert described["methods"]["paper"]["method"] == "paper"
    assert described["methods"]["pixels"] == {}
    assert (described["plan"], described["inject_into"], described["seed"]) == (None, [str(real)], 4)


def test_planning_a_folder_writes_nothing_yet(real: Path, tmp_path: Path) -> None:
    folders, total = plan_folders(tmp_path / "out", "", str(real), None, 1)
    assert total == 2
    assert not (tmp_path / "out").exists()
    assert [folder.name for folder in folders] == ["north.0", "south.0"]


def test_as_many_real_series_are_spoilt_as_are_asked_for(real: Path, tmp_path: Path) -> None:
    assert [plan_folders(tmp_path / "out", "", str(real), n, 1)[1] for n in (1, 3)] == [1, 3]
    with pytest.raises(SettingError):
        plan_folders(tmp_path / "out", "vst", str(real), 1, 1)
