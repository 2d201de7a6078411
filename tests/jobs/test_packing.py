"""What is packed is read as what it was packed from, and judged alike to the last bit."""

import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from typer.testing import CliRunner, Result

from epochsieve.cli import app
from epochsieve.jobs import packing
from epochsieve.jobs.packing import pack_series
from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.methods import open_method
from epochsieve.reading.sources import find_sources
from epochsieve.reading.stacks import make_median
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.tasks import SeriesTask
from epochsieve.vocabulary.contracts import Runner
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.writing.store import read_findings

Pack = Callable[[Path, Path], Path]


class Given:
    """A source of a series that is in memory already; of none, where that is an error."""

    def __init__(self, series: CutoutSeries | NoSeriesError) -> None:
        self.series = series

    def list_images(self) -> list[str]:
        return ["1.fits", "2.fits"]

    def read(self) -> CutoutSeries:
        if isinstance(self.series, NoSeriesError):
            raise self.series
        return self.series


class Silent:
    """Takes progress in."""

    def start(self, objects: int) -> None:
        """Do nothing."""

    def advance(self, images: int, objects: int = 1) -> None:
        """Do nothing."""


def pack(path: Path, *series: CutoutSeries | NoSeriesError) -> packing.Packed:
    tasks = [SeriesTask(f"object {place}", Given(each), place) for place, each in enumerate(series)]
    return pack_series(tasks, path, lambda _: None)


def assert_same(found: CutoutSeries, expected: CutoutSeries) -> None:
    assert found.stack_file == expected.stack_file
    np.testing.assert_array_equal(found.stack, expected.stack)
    assert len(found) == len(expected)
    for one, other in zip(found.epochs, expected.epochs, strict=True):
        for name in ("file", "mjd", "fwhm", "status", "quality", "pixels", "noise"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("stack_file", ["", "stack.fits"])
def test_all_that_is_known_of_a_series_is_packed(make_series, tmp_path, rng, stack_file) -> None:
    series = make_series(8, (9, 11), {2: lambda _: None, 4: lambda image: np.where(image > 50, np.nan, image)})
    first, second, *others = series.epochs
    noisy = replace(first, noise=rng.random((9, 11), np.float32), fwhm=2.625, quality=1152, mjd=float("nan"))
    epochs = (noisy, second, *others, Epoch("odd", np.ones((3, 3), np.float32), 60000.5))
    images = [epoch.pixels for epoch in epochs if epoch.pixels is not None and epoch.file != "odd"]
    stack = series.stack if stack_file else make_median(images)
    known = replace(series, epochs=epochs, stack_file=stack_file, stack=stack)
    packed = pack(tmp_path / "a.parquet", known, known)
    assert (packed.objects, packed.epochs, packed.unusable) == (2, 18, 4)
    for source in find_sources(tmp_path / "a.parquet"):
        assert_same(source.read(), known)


def test_an_object_that_can_t_be_read_is_packed_as_rows_that_say_so(make_series, tmp_path) -> None:
    packed = pack(tmp_path / "a.parquet", make_series(3), NoSeriesError("nothing there"))
    assert (packed.objects, packed.epochs, packed.unusable) == (2, 5, 2)
    lost = find_sources(tmp_path / "a.parquet")[1].read()
    assert [(epoch.file, epoch.status) for epoch in lost.epochs] == [
        ("1.fits", "unreadable: nothing there"),
        ("2.fits", "unreadable: nothing there"),
    ]


def test_row_groups_hold_whole_objects_unless_one_is_too_large(make_series, tmp_path, monkeypatch) -> None:
    series = make_series(5, (10, 10))
    monkeypatch.setattr(packing, "_ROW_GROUP_BYTES", 3000)
    pack(tmp_path / "a.parquet", *[series] * 4)
    metadata = pq.read_metadata(tmp_path / "a.parquet")
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [10, 10]
    monkeypatch.setattr(packing, "_ROW_GROUP_BYTES", 500)
    pack(tmp_path / "b.parquet", *[series] * 2)
    assert pq.read_metadata(tmp_path / "b.parquet").num_row_groups == 6
    for source in find_sources(tmp_path / "b.parquet"):
        np.testing.assert_array_equal(source.read().cube, series.cube)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three objects; one image is none, and one of another shape."""
    root = tmp_path_factory.mktemp("field")
    a, b, _ = write_survey(SURVEYS["sparse"], 3, 3, root / "field")
    next(a.glob("*_003.fits")).write_text("no image")
    fits.writeto(next(b.glob("*_004.fits")), np.ones((5, 5)), overwrite=True)
    return root / "field"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--quiet"])


def make_parquet(folder: Path, place: Path) -> Path:
    path = place / "field.parquet"
    result = run("pack", folder, "--out", path)
    assert result.exit_code == 3, result.output
    assert "2 without a usable image" in result.output
    return path


def make_dataset(folder: Path, place: Path) -> Path:
    """Deal the rows out to two files, some epochs of every object in each."""
    table = pq.read_table(make_parquet(folder, place))
    (place / "dataset").mkdir()
    for number in range(2):
        pq.write_table(
            table.take(np.arange(number, len(table), 2)), place / "dataset" / f"{number}.parquet", row_group_size=7
        )
    return place / "dataset"


def make_tar(folder: Path, place: Path) -> Path:
    with tarfile.open(place / "field.tar", "w") as archive:
        archive.add(folder, "field")
    return place / "field.tar"


def make_zip(folder: Path, place: Path) -> Path:
    with zipfile.ZipFile(place / "field.zip", "w") as archive:
        for path in sorted(folder.rglob("*.fits")):
            archive.write(path, path.relative_to(folder.parent))
    return place / "field.zip"


def sieve(root: Path, results: Path, runner: Runner) -> Findings:
    request = SieveRequest([str(root)], results, open_method("sieve"), runner=runner)
    sieve_to_disk(request, Silent())
    return read_findings(results)


@pytest.fixture(scope="module")
def expected(field: Path) -> Findings:
    """What is found in the folder."""
    return sieve(field, field.parent / "results", InProcess())


@pytest.mark.parametrize(
    ("make", "runner"),
    [(make_parquet, InProcess()), (make_dataset, Processes(2)), (make_tar, InProcess()), (make_zip, InProcess())],
    ids=["Parquet", "Parquet dataset and workers", "tar", "zip"],
)
def test_findings_are_the_same_to_the_last_bit_whatever_images_are_stored_in(
    field: Path, expected: Findings, make: Pack, runner: Runner, tmp_path: Path
) -> None:
    found = sieve(make(field, tmp_path), tmp_path / "results", runner)
    assert list(found.columns) == list(expected.columns)
    for name in found.columns:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
    assert sum(found.status != "ok") == 2
