"""Folders in a tar or zip archive are read as the same folders on disk."""

import gzip
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from epochsieve.reading.sources import find_source, find_sources
from epochsieve.vocabulary.errors import NoSeriesError


@pytest.fixture
def field(write_image, tmp_path, rng):
    """Two objects of three images each, one of them packed, and a file that is none."""
    for name in ("0070", "0071"):
        for place in range(3):
            write_image(f"field/{name}/{place}.fits", rng.normal(size=(5, 6)).astype(np.float32))
    (tmp_path / "field" / "0070" / "notes.txt").write_text("cloudy")
    whole = tmp_path / "field" / "0071" / "2.fits"
    whole.with_name("2.fits.gz").write_bytes(gzip.compress(whole.read_bytes()))
    whole.unlink()
    return tmp_path / "field"


def pack(folder, path):
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if path.suffix == ".tar":
        with tarfile.open(path, "w") as archive:
            for file in files:
                archive.add(file, file.relative_to(folder.parent))
    else:
        with zipfile.ZipFile(
            path, "w", zipfile.ZIP_DEFLATED if "packed" in path.name else zipfile.ZIP_STORED
        ) as archive:
            for file in files:
                archive.write(file, file.relative_to(folder.parent))
    return path


@pytest.mark.parametrize("name", ["shard.tar", "shard.zip", "packed.zip"])
def test_a_series_in_an_archive_is_that_of_its_folder(field, tmp_path, name):
    folder = tmp_path / "archives"
    folder.mkdir()
    pack(field, folder / name)
    sources = pickle.loads(pickle.dumps(find_sources(folder)))
    on_disk = find_sources(field)
    assert [source.parts[-1] for source in sources] == ["0070", "0071"]
    for source, expected in zip(sources, on_disk, strict=True):
        assert list(source.list_images()) == list(expected.list_images())
        series, whole = source.read(), expected.read()
        assert (series.name, series.stack_file) == (whole.name, whole.stack_file)
        assert [epoch.file for epoch in series.epochs] == [epoch.file for epoch in whole.epochs]
        np.testing.assert_array_equal(series.cube, whole.cube)
        np.testing.assert_array_equal(series.stack, whole.stack)


def test_folders_of_one_name_in_different_places_of_an_archive_are_different_objects(field, tmp_path):
    for place in ("north", "south"):
        (tmp_path / "sky" / place).mkdir(parents=True)
        (tmp_path / "sky" / place / "0070").symlink_to(field / "0070")
    with tarfile.open(tmp_path / "sky.tar", "w", dereference=True) as archive:
        archive.add(tmp_path / "sky", "sky")
    assert [source.parts[-1] for source in find_sources(tmp_path / "sky.tar")] == ["north/0070", "south/0070"]
    assert find_source(tmp_path / "sky.tar", name="sky/south/0070").parts[-1] == "south/0070"


def test_images_at_the_top_of_an_archive_are_one_object_named_as_that_is(field, tmp_path):
    with zipfile.ZipFile(tmp_path / "0070.zip", "w") as archive:
        for file in sorted((field / "0070").glob("*.fits")):
            archive.write(file, file.name)
    (source,) = find_sources(tmp_path / "0070.zip")
    assert (source.parts[-1], len(source.read())) == ("0070", 2)


def test_a_fingerprint_changes_when_an_image_comes_and_not_otherwise(field, tmp_path):
    before = [source.take_fingerprint() for source in find_sources(pack(field, tmp_path / "a.tar"))]
    assert [source.take_fingerprint() for source in find_sources(pack(field, tmp_path / "b.zip"))] == before
    (field / "0071" / "3.fits").write_bytes((field / "0070" / "0.fits").read_bytes())
    after = [source.take_fingerprint() for source in find_sources(pack(field, tmp_path / "c.tar"))]
    assert (after[0], after[1] != before[1]) == (before[0], True)


def test_an_image_that_is_damaged_in_its_archive_is_an_epoch_with_a_status(field, tmp_path):
    path = pack(field, tmp_path / "packed.zip")
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("field/0070/1.fits").header_offset
    content[place + 60] ^= 255
    path.write_bytes(content)
    series = find_sources(path)[0].read()
    said = {epoch.file: epoch.status for epoch in series.epochs}
    assert said["1.fits"].startswith("unreadable: ")
    assert [status for file, status in said.items() if file != "1.fits"] == ["ok"] * (len(said) - 1)


def test_a_torn_archive_is_a_source_that_says_so(field, tmp_path):
    path = pack(field, tmp_path / "torn.tar")
    path.write_bytes(path.read_bytes()[:3000])
    for source in find_sources(path):
        try:
            statuses = {epoch.status for epoch in source.read().epochs}
        except NoSeriesError:
            statuses = {"unreadable: the archive ends early"}
        assert statuses == {"unreadable: the archive ends early"}


def test_an_archive_without_images_says_so(tmp_path):
    Path(tmp_path / "notes.txt").write_text("cloudy")
    with tarfile.open(tmp_path / "notes.tar", "w") as archive:
        archive.add(tmp_path / "notes.txt", "notes.txt")
    (source,) = find_sources(tmp_path / "notes.tar")
    assert source.list_images() == []
    with pytest.raises(NoSeriesError, match="no images in it"):
        source.read()
