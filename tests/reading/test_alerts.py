"""Alert packets: those of one object in one band are a series."""

import gzip
import io
import pickle

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.reading.alerts import AlertSource, is_alert
from epochsieve.reading.heads import read_head
from epochsieve.reading.sources import find_source, find_sources
from epochsieve.vocabulary.errors import ImageError, InputError
from epochsieve.vocabulary.settings import ReadSettings

fastavro = pytest.importorskip("fastavro")

CUTOUT = {
    "type": "record",
    "name": "cutout",
    "fields": [{"name": "fileName", "type": "string"}, {"name": "stampData", "type": "bytes"}],
}
SCHEMA = {
    "type": "record",
    "name": "alert",
    "fields": [
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": "long"},
        {
            "name": "candidate",
            "type": {
                "type": "record",
                "name": "candidate",
                "fields": [
                    {"name": "jd", "type": "double"},
                    {"name": "fid", "type": "int"},
                    {"name": "fwhm", "type": ["float", "null"]},
                ],
            },
        },
        {"name": "cutoutScience", "type": ["null", CUTOUT]},
        {"name": "cutoutTemplate", "type": ["null", "cutout"]},
        {"name": "cutoutDifference", "type": ["null", "cutout"]},
    ],
}


def make_stamp(value):
    image = np.full((7, 7), value, np.float32)
    image[3, 3] += 5
    file = io.BytesIO()
    fits.PrimaryHDU(image).writeto(file)
    return {"fileName": "stamp.fits.gz", "stampData": gzip.compress(file.getvalue())}


def make_packet(number, name="ZTF18abc", band=2):
    stamps = {"Science": make_stamp(number), "Template": make_stamp(100 + number), "Difference": make_stamp(-number)}
    candidate = {"jd": 2460000.5 + number, "fid": band, "fwhm": 2.5}
    cutouts = {f"cutout{kind}": stamp for kind, stamp in stamps.items()}
    return {"objectId": name, "candid": number, "candidate": candidate, **cutouts}


def write(path, *packets, codec="null"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(SCHEMA), packets, codec=codec)
    return path


@pytest.fixture
def night(tmp_path):
    """Three packets of one object, the first in another band than the others, and one of another."""
    for number, (name, band) in enumerate([("a", 1), ("a", 2), ("a", 2), ("b", 2)], 1):
        write(tmp_path / f"{number}.avro", make_packet(number, name, band))
    return tmp_path


def test_packets_of_one_object_in_one_band_are_a_series(night):
    sources = find_sources(night)
    assert [source.parts[-1] for source in sources] == ["a_g", "a_r", "b_r"]
    series = pickle.loads(pickle.dumps(sources[1])).read()
    assert [epoch.file for epoch in series.epochs] == ["2.avro", "3.avro"]
    assert [epoch.mjd for epoch in series.epochs] == [60002.0, 60003.0]
    assert {epoch.fwhm for epoch in series.epochs} == {2.5}
    assert series.cube[:, 0, 0].tolist() == [2, 3]
    assert series.stack[0, 0] == 103  # the latest template
    assert find_source(sources[1].origin, name="a_r") == sources[1]


def test_difference_stamps_can_be_the_epochs(night):
    series = find_source(night, ReadSettings(hdu="difference"), "a_r").read()
    assert series.cube[:, 0, 0].tolist() == [-2, -3]
    with pytest.raises(InputError, match="no stamp SCI"):
        find_sources(night, ReadSettings(hdu="SCI"))


def test_a_new_packet_changes_the_fingerprint_of_its_object_alone(night):
    before = {source.parts[-1]: source.take_fingerprint() for source in find_sources(night)}
    write(night / "5.avro", make_packet(5, "a", 2))
    after = {source.parts[-1]: source.take_fingerprint() for source in find_sources(night)}
    assert {name for name in after if after[name] != before[name]} == {"a_r"}


def test_several_packets_in_a_file_are_told_apart(tmp_path):
    path = write(tmp_path / "all.avro", *(make_packet(number) for number in (2, 1)), codec="deflate")
    series = find_source(path).read()
    assert [epoch.file for epoch in series.epochs] == ["all.avro:1", "all.avro:2"]


def test_what_a_packet_lacks_is_its_status_and_a_broken_packet_a_row_of_its_own(night):
    write(night / "2.avro", {**make_packet(2, "a", 2), "cutoutScience": None})
    (night / "4.avro").write_bytes((night / "4.avro").read_bytes()[:-60])
    (night / "6.avro").touch()
    sources = {source.parts[-1]: source for source in find_sources(night)}
    assert sorted(sources) == ["4.avro", "6.avro", "a_g", "a_r"]
    assert sources["a_r"].read().epochs[0].status == "unreadable: the packet has no science stamp"
    assert sources["4.avro"].list_images() == ["4.avro"]
    for name, what in (("4.avro", "no alert packet"), ("6.avro", "the file is empty")):
        with pytest.raises(ImageError, match=what):
            sources[name].read()


def test_an_avro_file_of_something_else_is_none(tmp_path):
    with (tmp_path / "a.avro").open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema({"type": "record", "name": "x", "fields": []}), [{}])
    assert not is_alert(read_head(tmp_path / "a.avro"))


def test_spoilt_packets_are_refused_or_read_and_never_crash(tmp_path, spoil, is_read_or_refused):
    contents = write(tmp_path / "a.avro", make_packet(1)).read_bytes()
    path = tmp_path / "spoilt.avro"
    read = 0
    for _ in range(60):
        path.write_bytes(spoil(contents, 20_000))
        read += is_read_or_refused(AlertSource((path,), "ZTF18abc_r", ReadSettings()))
    assert 5 < read <= 60


def test_a_real_packet_of_ztf_is_read(shared_data):
    if not (shared_data / "alerts").is_dir():
        pytest.skip("no alert packet: ../shared/data/alerts is absent")
    series = find_source(shared_data / "alerts").read()
    assert (series.name, series.stack.shape, len(series)) == ("ZTF17aaajnnn_r", (63, 63), 1)
    assert series.epochs[0].mjd == pytest.approx(58226.2635764)
    assert np.isfinite(series.cube).mean() > 0.9
