"""Tables written by astropy, pandas and pyarrow gain columns, and nothing else about them changes."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits, votable
from astropy.table import Table

from epochsieve.tables.columns import NO_INTEGER, NewColumn
from epochsieve.tables.files import convert_table, make_table, read_table
from epochsieve.tables.formats import Format, change_suffix, choose_format, sniff_format
from epochsieve.vocabulary.errors import InputError, SettingError

ASTROPY = {
    Format.CSV: "ascii.csv",
    Format.ECSV: "ascii.ecsv",
    Format.FITS: "fits",
    Format.VOTABLE: "votable",
    Format.PARQUET: "parquet",
}


def write_with_astropy(table, path, kind):
    plain = table
    if kind is Format.PARQUET:  # astropy has no null integers there
        plain = table.copy()
        plain["n"] = plain["n"].filled(2)
    plain.write(path, format=ASTROPY[kind])
    return path


def read_with_astropy(path, kind):
    if kind is Format.CSV:
        return Table.read(path, format="ascii.csv", converters={"id": str})
    return Table.read(path, format=ASTROPY[kind])


def as_floats(column):
    return np.ma.filled(np.ma.MaskedArray(column, dtype=float), np.nan)


@pytest.mark.parametrize("kind", [kind for kind in Format if kind is not Format.PARQUET])
def test_a_table_of_astropys_gains_columns_and_keeps_all_else(table, columns, tmp_path, kind):
    path = write_with_astropy(table, tmp_path / "in", kind)
    before = read_with_astropy(path, kind)
    assert sniff_format(path) is kind
    read_table(path).add(columns).write(tmp_path / "out")
    after = read_with_astropy(tmp_path / "out", kind)
    assert after.colnames == [*before.colnames, "epochsieve_flags", "epochsieve_score"]
    for name in before.colnames:
        assert after[name].dtype == before[name].dtype
        assert after[name].unit == before[name].unit
        assert after[name].description == before[name].description
        np.testing.assert_array_equal(np.ma.getmaskarray(after[name]), np.ma.getmaskarray(before[name]))
        np.testing.assert_array_equal(np.ma.getdata(after[name]), np.ma.getdata(before[name]))
    assert {key: after.meta[key] for key in before.meta if key in after.meta} == dict(before.meta)
    np.testing.assert_array_equal(as_floats(after["epochsieve_flags"]), [0, 8, np.nan, 24, 1])
    np.testing.assert_array_equal(as_floats(after["epochsieve_score"]), [0.5, 7.25, np.nan, 3, 1])


def test_an_astropy_parquet_table_keeps_its_units_and_metadata(table, columns, tmp_path):
    path = write_with_astropy(table, tmp_path / "in", Format.PARQUET)
    there = columns[0].select(np.ones(5, bool))
    there.missing[:] = False
    read_table(path).add([there]).write(tmp_path / "out")
    after = Table.read(tmp_path / "out", format="parquet")
    assert str(after["flux"].unit) == "Jy"
    assert after.meta["OBSERVER"] == "nobody"
    assert after["epochsieve_flags"].tolist() == [0, 8, 0, 24, 1]
    assert after["epochsieve_flags"].description == "why"


def test_a_csv_table_of_pandas_is_the_same_text_with_two_more_cells_a_row(table, columns, tmp_path):
    path = tmp_path / "in.csv"
    frame = pd.DataFrame({"id": ["0070"] * 5, "mjd": [1.50] * 5, "note": ["", "a,b", "c", "d", "e"]})
    frame.to_csv(path, index=False, float_format="%.3f")
    read_table(path).add(columns).write(tmp_path / "out.csv")
    before, after = (name.read_text().splitlines() for name in (path, tmp_path / "out.csv"))
    added = ["epochsieve_flags,epochsieve_score", "0,0.5", "8,7.25", ",", "24,3.0", "1,1.0"]
    assert after == [f"{line},{more}" for line, more in zip(before, added, strict=True)]


def test_comments_and_cells_of_several_lines_stay_in_a_csv_file(tmp_path):
    text = '# made by hand\n\na;b\n1;"x\ny;z"\n2;w\n'
    (tmp_path / "in.csv").write_text(text)
    table = read_table(tmp_path / "in.csv")
    assert table.get("b").tolist() == ["x\ny;z", "w"]
    table.write(tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == text


def test_a_parquet_table_of_pandas_keeps_its_types_and_its_index(columns, tmp_path):
    frame = pd.DataFrame({"flux": np.float32([1, 2, 3, 4, 5]), "band": pd.Categorical(list("ggrrr"))})
    frame.index = pd.Index(list("abcde"), name="name")
    frame.to_parquet(tmp_path / "in")
    read_table(tmp_path / "in").add(columns).write(tmp_path / "out")
    after = pd.read_parquet(tmp_path / "out")
    pd.testing.assert_frame_equal(after[["flux", "band"]], frame)
    assert after["epochsieve_flags"].fillna(-1).tolist() == [0, 8, -1, 24, 1]


def test_a_parquet_table_of_pyarrow_keeps_its_metadata(columns, tmp_path):
    field = pa.field("flux", pa.float64(), metadata={"unit": "Jy"})
    table = pa.table([[1.0, 2.0, None, 4.0, 5.0]], pa.schema([field], metadata={"survey": "x"}))
    pq.write_table(table, tmp_path / "in")
    read_table(tmp_path / "in").add(columns).write(tmp_path / "out")
    after = pq.read_table(tmp_path / "out")
    assert after.select(["flux"]).equals(table)
    assert after.schema.field("flux").metadata == {b"unit": b"Jy"}
    assert after.schema.metadata[b"survey"] == b"x"
    assert after["epochsieve_flags"].to_pylist() == [0, 8, None, 24, 1]
    assert after["epochsieve_score"].to_pylist() == [0.5, 7.25, None, 3.0, 1.0]


def test_a_fits_file_keeps_its_other_hdus_and_its_cards(table, columns, tmp_path):
    rows = fits.BinTableHDU(np.rec.array([(1, 2.0)] * 5, names=["CADENCENO", "FLUX"]), name="LIGHTCURVE")
    rows.header["BJDREFI"] = (2454833, "what times count from")
    image = fits.ImageHDU(np.arange(6, dtype="i2").reshape(2, 3), name="APERTURE")
    fits.HDUList([fits.PrimaryHDU(), rows, image]).writeto(tmp_path / "in", checksum=True)
    read_table(tmp_path / "in").add(columns).write(tmp_path / "out")
    with fits.open(tmp_path / "out", checksum=True) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "LIGHTCURVE", "APERTURE"]
        assert hdus[1].header.cards["BJDREFI"].comment == "what times count from"
        assert hdus[1].header["TUCD3"] == "meta.code.qual"
        assert hdus[1].columns["epochsieve_flags"].null == NO_INTEGER
        np.testing.assert_array_equal(hdus["APERTURE"].data, image.data)


def test_a_votable_keeps_what_else_is_in_the_document(columns, tmp_path):
    text = """<?xml version="1.0"?>
    <VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">
    <TIMESYS ID="ts" timeorigin="MJD-origin" timescale="TCB" refposition="BARYCENTER"/>
    <TABLE name="0070"><PARAM name="survey" datatype="char" arraysize="*" value="x"/>
    <FIELD name="obs time" ID="c1" datatype="double" unit="d" ref="ts" ucd="time.epoch"/>
    <DATA><TABLEDATA>{}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""
    rows = "".join(f"<TR><TD>{time}</TD></TR>" for time in (1, 2, 3, 4, 5))
    (tmp_path / "in").write_text(text.format(rows))
    read = read_table(tmp_path / "in")
    read.add(columns).write(tmp_path / "out")
    document = votable.parse(tmp_path / "out", verify="exception")
    assert (document.resources[0].time_systems[0].timescale, read.facts["SURVEY"]) == ("TCB", "x")
    fields = {field.name: field for field in document.get_first_table().fields}
    assert (fields["obs time"].ref, fields["obs time"].ucd) == ("ts", "time.epoch")
    assert fields["epochsieve_flags"].ucd == "meta.code.qual"
    assert document.get_first_table().array["c1"].tolist() == [1, 2, 3, 4, 5]
    assert len(read.document.get_first_table().fields) == 1


@pytest.mark.parametrize("kind", Format)
def test_adding_twice_replaces(table, columns, tmp_path, kind):
    make_table(table, kind).add(columns).write(tmp_path / "once")
    flags = np.array([0, 16, 0, 24, 1], np.int32)
    again = [NewColumn("epochsieve_flags", flags, columns[0].missing), columns[1]]
    read_table(tmp_path / "once").add(again).write(tmp_path / "twice")
    once, twice = (read_table(tmp_path / name) for name in ("once", "twice"))
    assert sorted(once.names) == sorted(twice.names)
    np.testing.assert_array_equal(twice.get("epochsieve_flags"), [0, 16, np.nan, 24, 1])
    np.testing.assert_array_equal(twice.get("flux"), once.get("flux"))


@pytest.mark.parametrize("source", Format)
@pytest.mark.parametrize("target", Format)
def test_every_format_converts_to_every_other(table, columns, tmp_path, source, target):
    make_table(table, source).write(tmp_path / "in")
    rows = np.array([True, True, False, True, True])
    converted = convert_table(read_table(tmp_path / "in").select(rows), target)
    converted.add([column.select(rows) for column in columns]).write(tmp_path / "out")
    after = read_table(tmp_path / "out")
    assert after.format is target
    np.testing.assert_array_equal(after.get("mjd"), table["mjd"][rows])
    np.testing.assert_array_equal(after.get("flux"), table["flux"][rows])
    np.testing.assert_array_equal(after.get("n"), [1, np.nan, 4, 5])
    assert after.get("id").tolist() == ["0070", "0070", "0071", "0071"]
    assert after.get("note").tolist() == ["a b", "c,d", 'f"g', "h"]
    assert after.get("good").tolist() == [True, False, True, False]
    assert after.get("epochsieve_flags").tolist() == [0, 8, 24, 1]
    if Format.CSV not in {source, target}:
        assert (after.get_unit("mjd"), after.get_unit("flux")) == ("d", "Jy")


def test_a_parquet_table_of_ours_says_the_same_to_astropy_topcat_and_arrow(table, tmp_path):
    del table["n"]
    make_table(table, Format.PARQUET).write(tmp_path / "t.parquet")
    read = Table.read(tmp_path / "t.parquet", format="parquet")
    assert (str(read["flux"].unit), read["flux"].description, read.meta["OBSERVER"]) == ("Jy", "flux density", "nobody")
    metadata = pq.read_schema(tmp_path / "t.parquet").metadata
    assert metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    document = votable.parse(io.BytesIO(metadata[b"IVOA.VOTable-Parquet.content"]))
    assert [field.name for field in document.get_first_table().fields] == table.colnames
    assert pq.read_schema(tmp_path / "t.parquet").field("flux").metadata[b"unit"] == b"Jy"


@pytest.mark.parametrize("contents", [b"", b"\0\0\0", b"SIMPLE  = T", b"PAR1 broken", b"<?xml broken", b"a,b\n1\n"])
def test_a_broken_file_is_an_error_of_one_line_that_names_it(tmp_path, contents):
    (tmp_path / "broken").write_bytes(contents)
    with pytest.raises(InputError, match="broken") as caught:
        read_table(tmp_path / "broken")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path):
    with pytest.raises(InputError, match="No such file"):
        read_table(tmp_path / "nowhere.csv")


def test_formats_are_named_as_users_name_them():
    assert [choose_format(name) for name in ("vot", "VOTable", ".fits")] == [
        Format.VOTABLE,
        Format.VOTABLE,
        Format.FITS,
    ]
    with pytest.raises(SettingError, match="xlsx"):
        choose_format("xlsx")
    assert change_suffix("a.b.fits.gz", Format.CSV) == "a.b.csv"
    assert change_suffix("a.fit", Format.FITS) == "a.fit"
