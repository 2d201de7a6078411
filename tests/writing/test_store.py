import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from epochsieve.vocabulary.errors import ResultsError
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.parts import Part, Source, seal_part
from epochsieve.writing.provenance import Provenance, RunRecord, write_record
from epochsieve.writing.shard import Shard
from epochsieve.writing.store import Existing, open_store, read_findings
from epochsieve.writing.tally import Tally

Maker = Callable[..., Findings]
NAMES = ("a", "b", "c", "d", "e")


def find_source(name: str) -> Source:
    return Source(f"/data/{name}", "listing")


@pytest.fixture
def sieve(tmp_path: Path, make_findings: Maker, provenance: Provenance) -> Callable[..., list[str]]:
    """Write findings of the objects that are missing, two to a part; give back which those were."""

    def run(
        names: Iterable[str] = NAMES,
        existing: Existing = Existing.REFUSE,
        stated: Provenance = provenance,
        source: Callable[[str], Source] = find_source,
    ) -> list[str]:
        with open_store(tmp_path / "out", stated, existing) as store:
            missing = store.find_missing(names, partial(map, source))
            for begin in range(0, len(missing), 2):
                pair = missing[begin : begin + 2]
                findings = concatenate_findings(map(make_findings, pair))
                store.add(list(names).index(pair[0]), seal_part(Part(findings, {n: source(n) for n in pair}, stated)))
        return missing

    return run


def read_objects(results: Path) -> list[str]:
    return list(dict.fromkeys(read_findings(results)["object"]))


def test_findings_are_read_back_by_the_names_of_objects(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    sieve()
    assert [path.name for path in find_parts(tmp_path / "out")] == [f"part-{n:07d}.parquet" for n in (0, 2, 4)]
    assert read_objects(tmp_path / "out") == list(NAMES)
    assert read_findings(tmp_path / "out").origins["c"] == "/data/c"


def test_pandas_reads_the_folder_as_it_stands(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    sieve()
    frame = pd.read_parquet(tmp_path / "out" / "findings")
    pd.testing.assert_frame_equal(frame, read_findings(tmp_path / "out").to_pandas(), check_dtype=False)


def test_counts_add_up_over_parts_and_runs(
    tmp_path: Path, sieve: Callable[..., list[str]], provenance: Provenance
) -> None:
    sieve()
    with open_store(tmp_path / "out", provenance, Existing.RESUME) as store:
        assert store.find_missing(NAMES, partial(map, find_source)) == []
    tally = store.tally
    assert (tally.objects, tally.epochs, tally.flagged, tally.not_judged) == (5, 20, 10, 0)
    assert tally.reasons == {"trail": 10}


def test_existing_findings_are_neither_touched_nor_mixed_without_being_asked(
    tmp_path: Path, sieve: Callable[..., list[str]]
) -> None:
    sieve()
    before = {path: path.read_bytes() for path in find_parts(tmp_path / "out")}
    with pytest.raises(ResultsError, match=r"--resume .*--overwrite"):
        sieve()
    assert {path: path.read_bytes() for path in find_parts(tmp_path / "out")} == before


def test_resume_judges_only_what_is_missing(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    sieve(NAMES[:3])
    assert sieve(NAMES, Existing.RESUME) == ["d", "e"]
    assert read_objects(tmp_path / "out") == list(NAMES)


def test_resume_on_nothing_is_a_first_run(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    assert sieve(NAMES, Existing.RESUME) == list(NAMES)


def test_resume_keeps_findings_of_objects_that_are_not_asked_for(
    tmp_path: Path, sieve: Callable[..., list[str]]
) -> None:
    sieve(("a", "b"))
    assert sieve(("c",), Existing.RESUME) == ["c"]
    assert read_objects(tmp_path / "out") == ["a", "b", "c"]


def test_a_damaged_part_is_judged_again(
    tmp_path: Path, sieve: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    sieve()
    whole = read_findings(tmp_path / "out")
    part = find_parts(tmp_path / "out")[1]
    part.write_bytes(part.read_bytes()[:-30])
    assert sieve(NAMES, Existing.RESUME) == ["c", "d"]
    assert "part-0000002.parquet is damaged" in caplog.text
    np.testing.assert_array_equal(read_findings(tmp_path / "out")["score"], whole["score"])


def test_findings_of_other_settings_are_judged_again(
    sieve: Callable[..., list[str]], provenance: Provenance, caplog: pytest.LogCaptureFixture
) -> None:
    sieve()
    other = replace(provenance, settings={**provenance.settings, "false_alarm": 0.1})
    assert sieve(NAMES, Existing.RESUME, stated=other) == list(NAMES)
    assert "other settings" in caplog.text


def test_findings_of_another_version_are_judged_again(sieve: Callable[..., list[str]], provenance: Provenance) -> None:
    sieve()
    assert sieve(NAMES, Existing.RESUME, stated=replace(provenance, version="9")) == list(NAMES)


def test_an_object_with_new_epochs_is_judged_again_and_no_other(
    tmp_path: Path, sieve: Callable[..., list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    sieve()

    def grown(name: str) -> Source:
        return Source(f"/data/{name}", "longer" if name in "ce" else "listing")

    assert sieve(NAMES, Existing.RESUME, source=grown) == ["c", "e"]
    assert sorted(read_objects(tmp_path / "out")) == list(NAMES)
    assert len(read_findings(tmp_path / "out")) == 20
    assert "other images" in caplog.text


def test_overwrite_leaves_nothing_of_the_old_findings_and_all_that_is_not_ours(
    tmp_path: Path, sieve: Callable[..., list[str]]
) -> None:
    sieve()
    out = tmp_path / "out"
    mine = [out / "notes.txt", out / "findings" / "mine.parquet", out / "findings" / "part-1.parquet"]
    ours = [out / "run.json", out / "findings" / ".part-00007.parquet.tmp"]
    for path in mine + ours:
        path.write_text("x")
    assert sieve(("z",), Existing.OVERWRITE) == ["z"]
    assert read_objects(out) == ["z"]
    assert all(path.exists() for path in mine)
    assert not any(path.exists() for path in ours)


def test_a_part_whose_number_is_taken_gets_a_name_of_its_own(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    sieve(("a", "b", "c"))
    sieve(("d", "e"), Existing.RESUME)
    names = [path.name for path in find_parts(tmp_path / "out")]
    assert names == ["part-0000000-1.parquet", "part-0000000.parquet", "part-0000002.parquet"]
    assert read_objects(tmp_path / "out") == list(NAMES)


def test_an_object_that_two_parts_have_is_kept_once(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    sieve()
    folder = tmp_path / "out" / "findings"
    shutil.copy(folder / "part-0000002.parquet", folder / "part-0000003.parquet")
    assert sieve(NAMES, Existing.RESUME) == []
    assert len(read_findings(tmp_path / "out")) == 20


def test_a_part_that_a_finished_run_listed_and_is_gone_is_missed(
    tmp_path: Path, sieve: Callable[..., list[str]], provenance: Provenance
) -> None:
    sieve()
    names = {path.name: Tally() for path in find_parts(tmp_path / "out")}
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    write_record(tmp_path / "out", RunRecord(provenance, [], moment, moment, 0, 0, Tally(), parts=names))
    read_findings(tmp_path / "out")
    find_parts(tmp_path / "out")[1].unlink()
    with pytest.raises(ResultsError, match=r"part-0000002\.parquet is missing; --resume"):
        read_findings(tmp_path / "out")
    assert sieve(NAMES, Existing.RESUME) == ["c", "d"]
    assert len(read_findings(tmp_path / "out")) == 20


@pytest.mark.parametrize("existing", [Existing.RESUME, Existing.OVERWRITE])
def test_a_share_stands_beside_no_findings_but_those_of_its_fellows(
    tmp_path: Path, sieve: Callable[..., list[str]], provenance: Provenance, existing: Existing
) -> None:
    sieve()
    with pytest.raises(ResultsError, match="other shares than those of 3"):
        open_store(tmp_path / "out", provenance, existing, Shard(1, 3))


def test_reading_where_there_are_no_findings_says_so(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="no findings in"):
        read_findings(tmp_path)


def test_reading_a_damaged_part_names_it(tmp_path: Path, sieve: Callable[..., list[str]]) -> None:
    sieve()
    find_parts(tmp_path / "out")[2].write_bytes(b"PAR1")
    with pytest.raises(ResultsError, match=r"part-0000004\.parquet is damaged"):
        read_findings(tmp_path / "out")


def test_results_that_are_a_file_are_refused_in_one_line(tmp_path: Path, provenance: Provenance) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(ResultsError, match=r"^can't write to .*out: (File exists|Not a directory)$"):
        open_store(tmp_path / "out", provenance)


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that this process may not write to, even where the tests run as root."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield root
    os.seteuid(user)
    shutil.rmtree(root)


@pytest.mark.skipif(os.name == "nt", reason="Windows folders are not read-only in this way")
@pytest.mark.parametrize("name", [".", "out"])
def test_a_read_only_results_folder_is_refused_at_once(read_only: Path, provenance: Provenance, name: str) -> None:
    with pytest.raises(ResultsError, match=r"^can't write to .*: Permission denied$"):
        open_store(read_only / name, provenance)


def test_the_temporary_probe_of_writing_is_gone(tmp_path: Path, provenance: Provenance) -> None:
    open_store(tmp_path, provenance)
    assert list((tmp_path / "findings").iterdir()) == []


def test_provenance_travels_with_every_part(
    tmp_path: Path, sieve: Callable[..., list[str]], provenance: Provenance
) -> None:
    sieve()
    assert read_findings(tmp_path / "out").settings == json.loads(json.dumps(dict(provenance.settings)))
