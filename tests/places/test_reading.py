"""Series are the same wherever they lie; a store is asked no more than it takes; its faults are an epoch's status."""

import importlib
import pickle
import shutil
import tarfile
import zipfile

import numpy as np
import pytest
from astropy.io import fits
from objects import Look, Nobody, assert_same, look
from typer.testing import CliRunner

from epochsieve.api import read_series, sieve
from epochsieve.cli import app
from epochsieve.jobs.packing import list_series, pack_series
from epochsieve.jobs.runs import SieveRequest, sieve_to_disk
from epochsieve.places import stores
from epochsieve.places.near import bring_near
from epochsieve.places.place import find_place
from epochsieve.places.remote import RemotePath
from epochsieve.reading.parquet.cursors import _find_cursor
from epochsieve.reading.sources import find_sources
from epochsieve.running.in_process import InProcess
from epochsieve.running.processes import Processes
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.settings import ReadSettings
from epochsieve.writing.store import read_findings


def test_findings_are_the_same_wherever_the_images_lie(put, images):
    assert_same(sieve(put(images)), sieve(images))


@pytest.mark.parametrize("inside", ["", "/001", "/00[12]", "/*"])
def test_a_root_may_be_a_survey_one_object_or_a_pattern(put, images, inside):
    assert_same(look(put(images) + inside), look(f"{images}{inside}"))


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_archives_are_read(put, images, tmp_path, kind):
    (tmp_path / "given").mkdir()
    archive = tmp_path / "given" / f"shard.{kind}"
    if kind == "tar":
        with tarfile.open(archive, "w") as file:
            file.add(images, "objects")
    else:
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(images.rglob("*.fits")):
                file.write(path, path.relative_to(images))
    assert_same(look(put(archive.parent)), look(str(images)))


def test_parquet_tables_are_read(put, images, tmp_path):
    (tmp_path / "given").mkdir()
    pack_series(list_series([str(images)], ReadSettings()), tmp_path / "given" / "field.parquet", lambda _: None)
    assert_same(look(put(tmp_path / "given")), look(str(images)))


def test_parquet_tables_are_read_where_they_are_and_not_when_they_have_changed(s3, images, tmp_path):
    (tmp_path / "given").mkdir()
    packed = tmp_path / "given" / "field.parquet"
    pack_series(list_series([str(images)], ReadSettings()), packed, lambda _: None)
    sources = find_sources(s3.put(packed.parent))
    assert_same(look(sources), look(str(images)))
    s3.files.pipe("survey/in/field.parquet", packed.read_bytes() + b"longer")
    _find_cursor.cache_clear()
    assert set(look(sources[:1])["status"]) == {"unreadable: the file has changed since its rows were counted"}


def test_parts_of_a_file_are_the_same_everywhere(put, tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "a.bin").write_bytes(bytes(range(100)))
    folder = find_place(put(tmp_path / "given"))
    if isinstance(folder, RemotePath):
        (file,) = folder.iterdir()
        assert (file.measure(), file.read_bytes()) == (100, bytes(range(100)))
        for begin, end in ((0, 10), (0, 100), (0, 1000), (90, 100), (95, 1000), (1, 100)):
            assert file.read_range(begin, end) == bytes(range(begin, min(end, 100))), (begin, end)
        assert bring_near(file).read() == bytes(range(100))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_cubes_are_read(put, tmp_path, ending):
    (tmp_path / "given").mkdir()
    cube = tmp_path / "given" / f"a.fits{ending}"
    fits.PrimaryHDU(np.random.default_rng(1).normal(size=(5, 9, 9))).writeto(cube)
    findings = look(put(cube.parent))
    assert len(findings) == 5
    assert_same(findings, look(str(cube)))


def test_alert_packets_are_read(put, shared_data, tmp_path):
    pytest.importorskip("fastavro")
    shutil.copytree(shared_data / "alerts", tmp_path / "given")
    assert_same(look(put(tmp_path / "given")), look(str(shared_data / "alerts")))


def test_sources_travel(put, images):
    for source in find_sources(put(images)):
        again = pickle.loads(pickle.dumps(source))
        assert (again, again.parts, again.take_fingerprint()) == (source, source.parts, source.take_fingerprint())
        assert [epoch.file for epoch in again.read().epochs] == [epoch.file for epoch in source.read().epochs]


def test_each_folder_is_listed_once_and_each_image_fetched_once(s3, images):
    sources = find_sources(s3.put(images))
    assert s3.count("GET", ".fits?") == 4  # the beginning of each folder's first image, to see what it is
    assert s3.count("GET", "list-type=2") == 2 + 4  # the top, whether it is there and what is in it; each folder
    s3.requests.clear()
    look(sources[:1])
    assert s3.count("GET", "list-type=2") == 1
    assert s3.count("GET", ".fits?") == len(s3.requests) - 1 == 6


def test_a_file_with_a_series_is_fetched_once(s3, tmp_path):
    fits.PrimaryHDU(np.random.default_rng(1).normal(size=(5, 9, 9))).writeto(tmp_path / "a.fits")
    sources = find_sources(s3.put(tmp_path))
    s3.requests.clear()
    assert len(look(sources)) == 5
    assert s3.requests == [("GET", "/survey/in/a.fits?")]


def test_an_image_that_has_grown_since_it_was_listed_is_read_whole(s3, images):
    sources = find_sources(s3.put(images))
    grown = (images / "001" / "001_1.fits").read_bytes()
    s3.after = lambda target: "prefix=in%2F001%2F" in target and s3.files.pipe("survey/in/001/001_3.fits", grown)
    assert (look(sources)["status"] == "ok").all()


def test_an_archive_is_fetched_once_by_each_process(s3, images, tmp_path):
    with tarfile.open(tmp_path / "shard.tar", "w") as file:
        file.add(images, "objects")
    assert len(look(s3.put(tmp_path))) == 20
    assert s3.count("GET", "shard.tar?") == 2  # its beginning, to see what it is; and all of it


def test_workers_read_from_a_store(s3, images, tmp_path):
    found = {}
    for root, runner in ((str(images), InProcess()), (s3.put(images), Processes(2))):
        out = tmp_path / type(runner).__name__
        record = sieve_to_disk(SieveRequest([root], out, Look(), runner=runner), Nobody())
        assert record.inputs == [root]
        found[root] = read_findings(out)
    far, near = found["s3://survey/in"], found[str(images)]
    assert_same(far, near)
    assert far.origins["000"] == "s3://survey/in/000"
    assert len(read_series(far.origins["000"])) == 5


@pytest.mark.usefixtures("no_waits")
def test_a_web_archive_that_hangs_up_is_asked_again(web, images):
    root = web(images)
    web.cut.update({"/000/000_1.fits": 2, "/000/000_2.fits": 3})
    findings, expected = look(root), look(str(images))
    assert set(findings["status"][findings["file"] == "000_2.fits"]) - {"ok"}
    assert (findings["status"] != expected["status"]).sum() == 1
    assert not +web.cut


def test_a_connection_that_drops_is_tried_again(s3, images):
    rng, sources = np.random.default_rng(20240719), find_sources(s3.put(images))
    s3.cut.update({f"/survey/in/{path.relative_to(images)}": rng.integers(0, 4) for path in images.rglob("*.fits")})
    assert_same(look(sources), look(str(images)))
    assert not +s3.cut


def test_an_image_that_can_not_be_fetched_is_a_row_with_a_status(s3, images, monkeypatch):
    monkeypatch.setattr(stores, "WAITS", ())
    sources = find_sources(s3.put(images))
    s3.denied.add("/survey/in/000/000_1.fits")
    s3.cut["/survey/in/001/001_1.fits"] = 1000
    s3.after = lambda target: "prefix=in%2F002%2F" in target and s3.files.rm("survey/in/002/002_2.fits")
    findings = look(sources)
    status = dict(zip(findings["file"], findings["status"], strict=True))
    assert status["000_1.fits"] == "unreadable: Access Denied"
    assert status["001_1.fits"].startswith("unreadable: ")
    assert status["002_2.fits"] == "unreadable: The specified key does not exist"
    assert (len(status), sum(said == "ok" for said in status.values())) == (20, 16)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://nobucket/in", "The specified bucket does not exist"),
        ("s3://survey/none", "No such file or directory"),
        ("s3://survey/none*", "no folder matches"),
        ("s3://denied/in", "Access Denied"),
        ("nosuch://survey/in", "Protocol not known: nosuch"),
        ("zip://*::s3://survey/in.zip", "addresses in addresses are not supported"),
    ],
)
def test_what_a_store_refuses_is_one_line(s3, address, words):
    s3.denied |= {"/denied", "/denied/in"}
    with pytest.raises(InputError) as caught:
        find_sources(address)
    assert str(caught.value) == f"{address}: {words}"


def test_a_store_is_opened_as_fsspec_is_configured(s3, images, monkeypatch):
    root = s3.put(images)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    config, said = importlib.import_module("fsspec.config"), {}
    config.set_conf_env(said, {"FSSPEC_S3": '{"anon": true}'})
    monkeypatch.setitem(config.conf, "s3", said["s3"])
    s3.signed = 0
    assert len(find_sources(root)) == 4
    assert s3.signed == 0


def test_a_store_that_wants_credentials_says_so_in_one_line(s3, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    config = importlib.import_module("fsspec.config")
    monkeypatch.setitem(config.conf, "s3", {"use_ssl": False})  # another instance than that of other tests
    with pytest.raises(InputError, match=r"^s3://survey/in: .*credentials"):
        find_sources("s3://survey/in")


def test_without_fsspec_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(InputError, match=r"s3://survey/in: addresses need fsspec: .*'epochsieve\[remote\]'"):
        find_sources("s3://survey/in")


@pytest.mark.parametrize(
    ("words", "what"), [(["cut", "s3://survey/in", "--catalogue", "c.csv", "--size", "5", "--out", "o"], "frames")]
)
def test_what_needs_files_of_this_machine_says_so(words, what):
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"s3://survey/in: {what} must be on this machine" in result.stderr
