from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epochsieve.vocabulary import findings
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.parts import Part, Source, read_part, seal_part, write_part
from epochsieve.writing.provenance import Provenance


@pytest.fixture
def part(make_findings: Callable[..., Findings], provenance: Provenance) -> Part:
    return Part(make_findings(), {"0070": Source("/data/0070", "abc")}, provenance)


def test_a_part_comes_back_as_it_was_written(tmp_path: Path, part: Part) -> None:
    write_part(tmp_path / "part.parquet", seal_part(part))
    back = read_part(tmp_path / "part.parquet")
    assert list(back.findings.columns) == list(part.findings.columns)
    for name, column in part.findings.columns.items():
        np.testing.assert_array_equal(back.findings[name], column)
        assert back.findings[name].dtype == column.dtype
    assert back.findings.settings == part.findings.settings
    assert back.findings.origins == {"0070": "/data/0070"}
    assert (back.sources, back.provenance) == (part.sources, part.provenance)


def test_missing_floats_are_nulls_on_disk(tmp_path: Path, part: Part) -> None:
    write_part(tmp_path / "part.parquet", seal_part(part))
    table = pq.read_table(tmp_path / "part.parquet")
    assert table["x"].to_pylist() == [3.5, None, None, 3.5]
    assert table["mjd"].null_count == len(table)


def test_columns_on_disk_carry_units_and_descriptions(tmp_path: Path, part: Part) -> None:
    write_part(tmp_path / "part.parquet", seal_part(part))
    schema = pq.read_schema(tmp_path / "part.parquet")
    assert schema.field("mjd").metadata[b"unit"] == b"d"
    assert all(field.metadata[b"description"] for field in schema)
    assert schema.metadata[b"epochsieve.version"] == b"1.2.3"


def test_a_half_written_file_is_passed_over_by_dataset_readers(tmp_path: Path, part: Part) -> None:
    write_part(tmp_path / "part-00000.parquet", seal_part(part))
    whole = (tmp_path / "part-00000.parquet").read_bytes()
    (tmp_path / ".part-00001.parquet.tmp").write_bytes(whole[:50])
    assert ds.dataset(tmp_path, format="parquet").count_rows() == len(part.findings)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_torn_part_is_never_read(tmp_path: Path, part: Part, cut: float) -> None:
    path = tmp_path / "part.parquet"
    write_part(path, seal_part(part))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(cut * len(whole))])
    with pytest.raises(ResultsError, match="damaged"):
        read_part(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_never_changes_a_row_silently(tmp_path: Path, part: Part, where: float, bit: int) -> None:
    path = tmp_path / "part.parquet"
    write_part(path, seal_part(part))
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 1 << bit
    path.write_bytes(content)
    try:
        back = read_part(path)
    except ResultsError:
        return
    for name, column in part.findings.columns.items():
        np.testing.assert_array_equal(back.findings[name], column)


def test_another_programs_parquet_file_is_no_part(tmp_path: Path, part: Part) -> None:
    pq.write_table(part.findings.to_arrow(), tmp_path / "part.parquet")
    with pytest.raises(ResultsError, match=r"part\.parquet is damaged or not epochsieve's"):
        read_part(tmp_path / "part.parquet")


def test_a_part_from_before_a_column_was_thought_of_is_still_read(
    tmp_path: Path, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tuple(column for column in findings.SCHEMA if column.name != "quality")
    with monkeypatch.context() as patch:
        patch.setattr(findings, "SCHEMA", older)
        patch.setattr(findings, "_NAMES", tuple(column.name for column in older))
        rows = Findings({name: part.findings[name] for name in part.findings.columns if name != "quality"})
        write_part(tmp_path / "part.parquet", seal_part(Part(rows, part.sources, part.provenance)))
    back = read_part(tmp_path / "part.parquet").findings
    assert "quality" not in pq.read_schema(tmp_path / "part.parquet").names
    assert (back["quality"] == 0).all()
    np.testing.assert_array_equal(back["score"], part.findings["score"])
