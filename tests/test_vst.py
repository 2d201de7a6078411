"""The default method on a real series: VST images of one object, of which one is crossed by a satellite."""

import pytest

from epochsieve.methods import open_method
from epochsieve.reading.folders import read_series
from epochsieve.vocabulary.findings import Findings


@pytest.fixture(scope="module")
def findings(shared_data) -> Findings:
    folder = shared_data / "vst" / "0070"
    if not folder.is_dir():
        pytest.skip("no real series: ../shared/data/vst is absent")
    return open_method("sieve").judge(read_series(folder))


def test_the_epoch_with_the_satellite_ranks_first_and_is_flagged(findings):
    first = findings.score.argmax()
    assert findings.file[first] == "0070_02.fits"
    assert findings.flagged[first]


def test_it_is_flagged_for_a_streak_at_the_right(findings):
    first = findings.score.argmax()
    assert set(findings.reasons[first].split(",")) & {"trail", "column", "edge"}
    assert findings.x[first] > 35


def test_few_others_are_flagged(findings):
    assert findings.flagged.sum() <= 6
    assert len(findings) > 50


def test_every_flag_has_a_reason(findings):
    assert (findings.flagged == (findings.reasons != "")).all()
