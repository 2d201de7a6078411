import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from epochsieve.writing.provenance import Provenance, RunRecord, write_record
from epochsieve.writing.tally import Tally


@pytest.fixture
def record(provenance: Provenance) -> RunRecord:
    started = datetime(2024, 5, 1, 12, tzinfo=UTC)
    return RunRecord(
        provenance,
        inputs=["/data"],
        started=started,
        ended=started + timedelta(seconds=4),
        images=200,
        kept=3,
        tally=Tally(5, 250, 7, 1, {"trail": 7}),
        warnings={"FITSWarning": 12},
    )


def test_the_fingerprint_does_not_depend_on_the_order_of_settings() -> None:
    assert Provenance("1", {"a": 1, "b": 2}).fingerprint == Provenance("1", {"b": 2, "a": 1}).fingerprint


@pytest.mark.parametrize("other", [Provenance("2", {"a": 1}), Provenance("1", {"a": 2}), Provenance("1", {})])
def test_the_fingerprint_depends_on_version_and_settings(other: Provenance) -> None:
    assert other.fingerprint != Provenance("1", {"a": 1}).fingerprint


def test_the_record_tells_what_was_done_with_what(tmp_path: Path, record: RunRecord) -> None:
    write_record(tmp_path, record)
    told = json.loads((tmp_path / "run.json").read_text())
    assert told["epochsieve"] == "1.2.3"
    assert told["settings"] == record.provenance.settings
    assert told["counts"] == {"objects": 5, "epochs": 250, "flagged": 7, "not_judged": 1, "reasons": {"trail": 7}}
    assert told["started"] == "2024-05-01T12:00:00.000+00:00"
    assert (told["seconds"], told["images_per_second"]) == (4, 50)
    assert told["warnings"] == {"FITSWarning": 12}
    assert told["software"].keys() >= {"python", "numpy"}


def test_a_run_that_took_no_time_has_no_rate(record: RunRecord) -> None:
    assert RunRecord(**{**vars(record), "ended": record.started}).images_per_second == 0
