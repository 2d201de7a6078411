from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.catalogue import list_findings, read_catalogue
from epochsieve.writing.store import read_findings


def test_a_catalogue_knows_every_epoch_of_the_findings_and_reads_the_rest_when_asked(results: Path) -> None:
    catalogue, findings = read_catalogue(results), read_findings(results)
    assert catalogue.names.tolist() == ["alpha", "beta", "gamma"]
    for name in ("mjd", "score", "flags", "flagged"):
        np.testing.assert_array_equal(getattr(catalogue, name), findings[name])
    for number, name in enumerate(catalogue.names):
        rows = catalogue.read(number)
        assert rows.file.tolist() == findings.file[findings.object == name].tolist()
        assert rows.origins[name] == findings.origins[name]
        assert rows.settings == findings.settings


def test_every_row_is_found_in_its_object(results: Path) -> None:
    catalogue, findings = read_catalogue(results), read_findings(results)
    rows = np.arange(len(catalogue))
    assert catalogue.names[catalogue.find_objects(rows)].tolist() == findings.object.tolist()
    assert [catalogue.find_object(row) for row in rows] == catalogue.find_objects(rows).tolist()


def test_findings_in_memory_are_laid_out_the_same_even_when_objects_are_mixed(results: Path) -> None:
    findings = read_findings(results)
    mixed = findings.select(np.argsort(findings.epoch, kind="stable"))
    from_disk, from_memory = read_catalogue(results), list_findings(mixed)
    assert from_memory.names.tolist() == from_disk.names.tolist()
    np.testing.assert_array_equal(from_memory.score, from_disk.score)
    assert from_memory.read(1).file.tolist() == from_disk.read(1).file.tolist()


def test_no_findings_at_all_make_an_empty_catalogue_in_memory_and_an_error_on_disk(tmp_path: Path) -> None:
    assert len(list_findings(Findings({}))) == 0
    with pytest.raises(ResultsError, match="no findings"):
        read_catalogue(tmp_path)


def test_a_damaged_part_is_a_clear_error(results: Path) -> None:
    next((results / "findings").glob("*.parquet")).write_bytes(b"PAR1 this is none")
    with pytest.raises(ResultsError, match="damaged or not epochsieve's"):
        read_catalogue(results)


def test_a_survey_of_many_parts_keeps_its_order(tmp_path: Path, write_survey: Callable[..., Path]) -> None:
    catalogue = read_catalogue(write_survey(tmp_path / "out", 10_000, 2))
    assert len(catalogue) == 20_000
    assert catalogue.names[[0, 5000, 9999]].tolist() == ["obj000000", "obj005000", "obj009999"]
    assert catalogue.read(7777).object.tolist() == ["obj007777"] * 2
    np.testing.assert_allclose(catalogue.read(7777).score, catalogue.score[2 * 7777 : 2 * 7777 + 2])
