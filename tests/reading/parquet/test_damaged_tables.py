"""Damaged tables: every epoch that can be read is, every other one has a status, and nothing is read silently wrong."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from epochsieve.reading.parquet.cursors import Cursor
from epochsieve.reading.parquet.files import look_at
from epochsieve.reading.parquet.sources import open_parquet
from epochsieve.reading.sources import find_sources
from epochsieve.vocabulary.errors import EpochsieveError, ImageError
from epochsieve.vocabulary.settings import ReadSettings


def find_pages(path, group, column):
    """Find where a column's pages are in a row group."""
    metadata = pq.read_metadata(path).row_group(group)
    stored = next(
        metadata.column(i) for i in range(metadata.num_columns) if metadata.column(i).path_in_schema == column
    )
    start = stored.dictionary_page_offset if stored.has_dictionary_page else stored.data_page_offset
    return start, start + stored.total_compressed_size


def flip(path, place, bit=0):
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


def test_a_flipped_bit_costs_the_images_of_its_row_group_and_no_epoch(rows, write_table):
    path = write_table("table.parquet", rows, group=2, use_dictionary=False)
    flip(path, find_pages(path, 1, "image.list.element")[1] - 5)
    a, b = (source.read() for source in find_sources(path))
    said = {epoch.file: epoch.status for epoch in a.epochs}
    assert said["1.fits"] == "ok"
    assert "CRC" in said["2.fits"]
    assert "CRC" in said["3.fits"]
    assert all(epoch.usable for epoch in b.epochs)


def test_rows_whose_object_can_t_be_read_are_a_source_that_says_so(rows, write_table):
    path = write_table("table.parquet", rows, group=2)
    flip(path, find_pages(path, 1, "object")[1] - 2)
    sources = find_sources(path)
    assert [source.parts[-1] for source in sources] == ["a", "b", "table.parquet:row_group_1"]
    assert sources[-1].list_images() == ["2.fits", "3.fits"]
    with pytest.raises(ImageError, match="CRC"):
        sources[-1].read()


def test_epochs_whose_names_can_t_be_read_are_called_by_their_numbers(rows, write_table):
    path = write_table("table.parquet", rows, group=4)
    flip(path, find_pages(path, 0, "file")[1] - 2)
    source = find_sources(path)[0]
    assert source.list_images() == ["epoch_1", "epoch_2", "epoch_3", "epoch_4"]
    assert all("CRC" in epoch.status for epoch in source.read().epochs)


def test_a_torn_table_is_a_source_that_says_so(rows, write_table, tmp_path):
    whole = write_table("tables/whole.parquet", rows)
    torn = tmp_path / "tables" / "torn.parquet"
    torn.write_bytes(whole.read_bytes()[:-9])
    sources = find_sources(tmp_path / "tables")
    assert [source.parts[-1] for source in sources] == ["a", "b", "torn.parquet"]
    assert sources[-1].list_images() == []
    with pytest.raises(ImageError, match="no Parquet file"):
        sources[-1].read()


def test_a_table_that_changes_is_not_read_as_if_it_had_not(rows, write_table):
    path = write_table("table.parquet", rows)
    source = find_sources(path)[0]
    write_table("table.parquet", rows[4:])
    os.utime(path, ns=(1, 1))
    statuses = {epoch.status for epoch in source.read().epochs}
    assert statuses == {"unreadable: the file has changed since its rows were counted"}
    path.unlink()
    assert {epoch.file for epoch in source.read().epochs} == {"epoch_1", "epoch_2", "epoch_3", "epoch_4"}


def test_flipped_bits_are_found_or_change_nothing(rows, write_table, tmp_path, rng, is_read_or_refused):
    path = write_table("whole.parquet", rows, group=3)
    whole = path.read_bytes()
    expected = {source.parts[-1]: source.read() for source in find_sources(path)}
    found = 0
    for number, place in enumerate(rng.integers(4, find_pages(path, 2, "image.list.element")[1], 60)):
        spoilt = tmp_path / f"{number}.parquet"  # files may change more often than a clock ticks
        spoilt.write_bytes(whole)
        flip(spoilt, place, rng.integers(8))
        for source in open_parquet([spoilt], ReadSettings()):
            if not is_read_or_refused(source):
                found += 1
                continue
            series = source.read()
            known = {epoch.file: epoch for epoch in expected[source.parts[-1]].epochs}
            found += not series.usable.all()
            for epoch in series.epochs:
                if epoch.usable:
                    np.testing.assert_array_equal(epoch.pixels, known[epoch.file].pixels)
                    assert epoch.mjd == known[epoch.file].mjd
    assert found > 30


def test_spoilt_tables_are_read_or_refused_and_never_crash(rows, write_table, tmp_path, spoil, is_read_or_refused):
    whole = write_table("whole.parquet", rows, group=3).read_bytes()
    for number in range(100):
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(spoil(whole[::-1], 1500)[::-1])  # its end is where it says what is where
        for source in open_parquet([path], ReadSettings()):
            is_read_or_refused(source)


def test_columns_of_odd_types_are_left_aside_or_refused(rows, write_table):
    odd = pa.Table.from_pylist([{**row, "fwhm": "good", "mjd": [1.0], "quality": 1.5} for row in rows])
    for source in find_sources(write_table("odd.parquet", odd)):
        with pytest.raises(EpochsieveError):
            source.read()
    lists = pa.Table.from_pylist([{**row, "object": [1]} for row in rows])
    (source,) = find_sources(write_table("lists.parquet", lists))
    with pytest.raises(ImageError):
        source.read()


def test_fits_files_in_a_column_are_read_as_such(write_image, write_table):
    path = write_image("a.fits", np.arange(20, dtype=">i2").reshape(4, 5), {"MJD-AVG": 60001.0, "BZERO": 0})
    contents = [path.read_bytes(), path.read_bytes()[:2900], None]
    table = write_table(
        "table.parquet", [{"name": "a", "visit": n, "cutoutScience": each} for n, each in enumerate(contents)]
    )
    series = find_sources(table)[0].read()
    assert series.epochs[0].mjd == 60001.0
    assert series.epochs[0].file == "0"
    np.testing.assert_array_equal(series.epochs[0].pixels, fits.getdata(path))
    assert [epoch.status.split(":")[0] for epoch in series.epochs] == ["ok", "unreadable", "missing"]


def test_memory_does_not_grow_with_a_row_group(tmp_path):
    count, side = 6000, 40
    path = tmp_path / "large.parquet"
    pixels = pa.array(np.random.default_rng(1).normal(size=count * side * side).astype(np.float32))
    images = pa.FixedSizeListArray.from_arrays(pixels, side * side)
    pq.write_table(pa.table({"object": ["a"] * count, "image": images}), path, use_dictionary=False)
    del pixels, images
    before = most = pa.total_allocated_bytes()
    cursor = Cursor(look_at(path, ReadSettings()), 0, ("image",))
    for start in range(0, count, 50):
        taken = cursor.take(start, start + 50)
        assert sum(batch.num_rows for batch in taken.batches) == 50
        most = max(most, pa.total_allocated_bytes())
    assert most - before < 10e6
    assert path.stat().st_size > 35e6


def test_an_absurd_row_is_refused_before_it_is_unpacked(rows, write_table, monkeypatch):
    monkeypatch.setattr("epochsieve.reading.parquet.files.LARGEST_BYTES", 79)  # an image here has 80 bytes
    source = find_sources(write_table("table.parquet", rows))[0]
    assert {epoch.status.split(":")[1] for epoch in source.read().epochs} == {" too large"}
