from pathlib import Path

import pytest

from epochsieve.writing.atomic import find_leftovers, write_atomically


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    seen = []

    def write(name: Path) -> None:
        name.write_text("half")
        seen.append((path.exists(), name.name))
        name.write_text("whole")

    write_atomically(path, write)
    assert seen == [(False, ".part.parquet.tmp")]
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("old")

    def write(name: Path) -> None:
        name.write_text("new, but")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, write)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_of_a_killed_run_are_found_and_nothing_else(tmp_path: Path) -> None:
    for name in (".part-00003.parquet.tmp", "part-00003.parquet", ".mine.tmp", "part-1.parquet.tmp"):
        (tmp_path / name).touch()
    assert [path.name for path in find_leftovers(tmp_path, "part-*.parquet")] == [".part-00003.parquet.tmp"]
