"""Files that are broken, huge, strange or gone are rows with a status, and cost neither memory nor the run."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from faults import Nobody, flip, tear, times, write_objects

from epochsieve.jobs.packing import list_series, pack_series
from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.methods import open_method
from epochsieve.reading.parquet.sources import open_parquet
from epochsieve.vocabulary.errors import EpochsieveError
from epochsieve.vocabulary.settings import ReadSettings
from epochsieve.writing.store import read_findings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names and measures as POSIX does")


def test_spoilt_files_are_read_or_refused_in_a_line_within_bounds_of_memory(tmp_path, note):
    many = times(96, 3600)
    folder = write_objects(tmp_path / "in", 1) / "000"
    script = Path(__file__).with_name("spoil.py")
    ended = subprocess.run(
        [sys.executable, str(script), str(folder), str(many)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["grown_mb"] < 200
    assert report["slowest_seconds"] < 60
    said = report["said"]
    assert sum(said.values()) == many
    for way in (
        "flip_data",
        "cut",
        "ask_for_terabytes",
        "ask_for_an_odd_type",
        "pack_and_cut",
        "pack_and_flip",
        "make_a_bomb",
    ):
        assert said.get(f"{way}: refused", 0) > 0, way
    assert "flip_data: read" not in said  # its DATASUM says so
    note(many, sum(said.values()))


def test_strange_files_of_an_object_are_rows_with_a_status(tmp_path, note):
    images = write_objects(tmp_path / "in", 2)
    folder = images / "001"
    good = (folder / "001_0.fits").read_bytes()
    os.mkfifo(folder / "a_fifo.fits")
    (folder / "a_folder.fits").mkdir()
    (folder / "a_loop.fits").symlink_to("a_loop.fits")
    (folder / "a_link_to_nothing.fits").symlink_to("nowhere.fits")
    (folder / "up").symlink_to(images)
    (folder / "an_empty_file.fits").touch()
    odd = ["of two\nlines.fits", "mit Umlaut \u00e4\u4e2d.fits", "with 'quotes' and, commas.fits"]
    for name in odd:
        (folder / name).write_bytes(good)
    os.link(folder / "001_0.fits", os.fsencode(folder) + b"/no \xff utf-8.fits")
    sieve_to_disk(SieveRequest([str(images)], tmp_path / "out", open_method("sieve")), Nobody())
    findings = read_findings(tmp_path / "out")
    mine = findings.select(findings["object"] == "001")
    said = dict(zip(mine["file"], mine["status"], strict=True))
    assert said["a_fifo.fits"] == "unreadable: not a regular file"
    assert said["a_folder.fits"] == "unreadable: not a file, but a folder"
    assert said["a_loop.fits"].startswith("unreadable: Too many levels of symbolic links")
    assert said["a_link_to_nothing.fits"] == "unreadable: No such file or directory"
    assert said["an_empty_file.fits"] == "unreadable: the file is empty"
    assert {said[name] for name in odd} == {"ok"}
    assert len(mine) == 5 + 5 + 3 + 1  # its epochs, what is no image, and copies
    assert len(findings) == len(mine) + 5
    note(9, 9)


@pytest.mark.parametrize("change", ["vanish", "shrink", "swap"])
def test_files_that_vanish_or_change_during_a_run_are_rows_with_a_status(tmp_path, note, change, monkeypatch):
    images = write_objects(tmp_path / "in", 1)
    victim = images / "000" / "000_3.fits"
    read_bytes = Path.read_bytes

    def meddle(path):
        if path.name == "000_2.fits":
            if change == "vanish":
                victim.unlink()
            else:
                victim.write_bytes(read_bytes(victim)[:3000] if change == "shrink" else b"something else altogether")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", meddle)
    sieve_to_disk(SieveRequest([str(images)], tmp_path / "out", open_method("sieve")), Nobody())
    monkeypatch.undo()
    findings = read_findings(tmp_path / "out")
    said = dict(zip(findings["file"], findings["status"], strict=True))
    assert len(said) == 5
    assert said.pop("000_3.fits").startswith("unreadable: ")
    assert set(said.values()) == {"ok"}
    assert np.isfinite(findings["score"][findings["status"] == "ok"]).all()
    note(1, 1)


@pytest.mark.parametrize("damage", [flip, tear])
def test_damaged_tables_of_cutouts_are_read_as_they_were_or_refused(tmp_path, note, damage):
    rng = random.Random(20240719)
    packed = tmp_path / "whole.parquet"
    tasks = list_series([str(write_objects(tmp_path / "in", 4))], ReadSettings())
    pack_series(tasks, packed, lambda _: None)
    whole, known = packed.read_bytes(), {epoch.file: epoch for task in tasks for epoch in task.source.read().epochs}
    survived = found = 0
    for attempt in range(times(30, 300)):
        altered = tmp_path / f"{attempt}.parquet"
        altered.write_bytes(whole)
        damage(altered, rng)
        is_whole = True
        for source in open_parquet([altered], ReadSettings()):
            try:
                epochs = source.read().epochs
            except EpochsieveError:
                is_whole = False
                continue
            is_whole &= all(epoch.usable for epoch in epochs)
            for epoch in epochs:
                if epoch.usable:
                    np.testing.assert_array_equal(epoch.pixels, known[epoch.file].pixels)
                    assert epoch.mjd == known[epoch.file].mjd
        found += not is_whole
        survived += 1
        altered.unlink()
    assert found > times(30, 300) // 2
    note(times(30, 300), survived)
