"""The speed benchmark: what it measures and how; nothing here depends on how fast this machine is."""

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from epochsieve.cli import app
from epochsieve.jobs import speed
from epochsieve.jobs.measuring import Timing, time_command
from epochsieve.jobs.speed import SpeedRequest, make_objects, measure_speed
from epochsieve.jobs.speed_report import MANY, PAPER, PUBLISHED, WHOLE, Rate, SpeedReport
from epochsieve.jobs.stages import STAGES
from epochsieve.vocabulary.errors import EpochsieveError, SettingError

MEGABYTE = 10**6


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def make_report(*rates: Rate, workers: int = 2) -> SpeedReport:
    return SpeedReport({"workers": workers}, (51, 51), rates, {}, None, ())


def test_a_command_is_measured_with_what_its_processes_need():
    timing, said = time_command(python("x = b'1' * 150_000_000; print('done')"))
    small, _ = time_command(python("pass"))
    assert said == "done\n"
    assert timing.seconds > 0
    assert timing.core_seconds > 0
    assert timing.peak_bytes - small.peak_bytes == pytest.approx(150 * MEGABYTE, rel=0.1)


def test_a_command_may_use_as_many_threads_as_it_likes(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    _, said = time_command(python("import os; print(os.environ.get('OMP_NUM_THREADS'))"))
    assert said == "None\n"


def test_a_command_that_fails_is_an_error_with_its_last_line():
    with pytest.raises(EpochsieveError, match="failed: ValueError: no such thing"):
        time_command(python("raise ValueError('no such thing')"))


def test_objects_beyond_the_simulated_ones_are_copies(tmp_path, monkeypatch):
    monkeypatch.setattr(speed, "DIFFERENT", 1)
    folders = make_objects("sparse", 3, 5, tmp_path)
    contents = [[path.read_bytes() for path in sorted(folder.iterdir())] for folder in folders]
    assert len(set(folders)) == 3
    assert contents[0] == contents[1] == contents[2]


def test_ratios_are_of_images_a_second_and_of_memory():
    report = make_report(
        Rate(WHOLE, 1, 10, 100, 2.0, 2.0, 100),
        Rate(WHOLE, 2, 10, 100, 1.0, 2.0, 100),
        Rate(MANY, 2, 20, 200, 2.5, 4.0, 110),
        Rate("read", 1, 10, 100, 0.1),
        Rate("fit", 1, 10, 100, 1.0),
        Rate(PAPER, 2, 10, 100, 10.0),
        Rate(PUBLISHED, 1, 1, 10, 10.0),
    )
    assert report.compare() == pytest.approx(
        {
            "whole command, 2 workers, against the published algorithm": 100,
            "whole command against its slowest stage (fit)": 0.5,
            "2 workers against one": 2,
            "--method paper, 2 workers, against the published algorithm": 10,
            "objects a second, more objects against fewer": 0.8,
            "peak memory, more objects against fewer": 1.1,
        }
    )


def test_what_was_not_measured_is_not_compared():
    assert make_report(Rate(WHOLE, 1, 10, 100, 2.0, 2.0, 100), workers=1).compare() == {}


def test_an_unknown_survey_is_refused():
    with pytest.raises(SettingError, match="no survey 'sky'"):
        measure_speed(SpeedRequest(survey="sky"))


def test_the_command_shows_a_table_and_writes_json(tmp_path: Path, monkeypatch):
    def time_whole(roots, out, workers, method="sieve"):
        assert all(path.is_dir() for path in roots)
        return Timing(2.0 / workers, 2.0, 200 * MEGABYTE)

    monkeypatch.setattr(speed, "time_whole", time_whole)
    monkeypatch.setattr(speed, "time_starts", lambda _: {"python": 0.01})
    monkeypatch.setattr(speed, "list_absent", lambda: ["torch"])
    monkeypatch.setattr(speed, "NETWORK_IMAGES", 3)
    file = tmp_path / "new" / "speed.json"
    options = ["--survey", "sparse", "--objects", "2", "--more", "1", "--few", "1", "--repeats", "1"]
    result = CliRunner().invoke(app, ["benchmark", "speed", *options, "--out", str(file)])
    assert result.exit_code == 0, result.output
    assert "published algorithm: not measured, for want of torch" in result.output
    found = json.loads(file.read_text())
    rates = {(rate["name"], rate["workers"]): rate for rate in found["rates"]}
    assert rates[WHOLE, 2]["images"] == 22
    assert rates[MANY, 2]["images"] == 33
    assert all(rates[stage, 1]["seconds"] > 0 for stage in STAGES)
    assert found["ratios"]["2 workers against one"] == 2
    assert found["shape"] == [45, 45]
    assert found["machine"]["cores"] <= os.cpu_count()
