"""Light curves in lists: the three ways in which catalogues hold them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from epochsieve.tables.columns import NewColumn
from epochsieve.tables.files import read_table
from epochsieve.vocabulary.errors import InputError

TIMES = [[1.0, 2.0], [], None, [3.0, 4.0, 5.0]]
BANDS = [["g", "r"], [], None, ["g", "g", "r"]]


def struct_of_lists():
    fields = [pa.array(TIMES), pa.array(BANDS)]
    return pa.StructArray.from_arrays(fields, ["mjd", "band"], mask=pa.array([False, False, True, False]))


def list_of_structs():
    rows = [
        None if times is None else [{"mjd": t, "band": b} for t, b in zip(times, bands, strict=True)]
        for times, bands in zip(TIMES, BANDS, strict=True)
    ]
    return pa.array(rows)


SHAPES = {
    "struct of lists": lambda: {"lightcurve": struct_of_lists()},
    "list of structs": lambda: {"lightcurve": list_of_structs()},
    "lists side by side": lambda: {"mjd": pa.array(TIMES), "band": pa.array(BANDS)},
}


@pytest.fixture(params=SHAPES)
def nested(request, tmp_path):
    columns = {"id": pa.array(["a", "b", "c", "d"]), **SHAPES[request.param]()}
    pq.write_table(pa.table(columns), tmp_path / "nested.parquet")
    return tmp_path / "nested.parquet"


@pytest.fixture
def flags():
    return NewColumn("flags", np.array([0, 8, 0, 16, 1], np.int32), np.array([False] * 4 + [True]))


def test_points_are_laid_end_to_end_each_with_its_object(nested):
    table = read_table(nested)
    assert len(table) == 5
    assert table.get("mjd").tolist() == [1, 2, 3, 4, 5]
    assert table.get("band").tolist() == ["g", "r", "g", "g", "r"]
    assert table.get("id").tolist() == ["a", "a", "d", "d", "d"]


def test_columns_go_into_the_light_curves(nested, flags, tmp_path):
    read_table(nested).add([flags]).write(tmp_path / "out")
    before, after = pq.read_table(nested), pq.read_table(tmp_path / "out")
    assert after.num_rows == before.num_rows
    assert after["id"].equals(before["id"])
    again = read_table(tmp_path / "out")
    assert again.get("mjd").tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(again.get("flags"), [0, 8, 0, 16, np.nan])
    if "lightcurve" in after.column_names:
        assert after["lightcurve"].null_count == 1


def test_dropping_points_keeps_the_rows(nested, flags, tmp_path):
    kept = np.array([False, False, True, False, True])
    read_table(nested).select(kept).add([flags.select(kept)]).write(tmp_path / "out")
    after = read_table(tmp_path / "out")
    assert after.table.num_rows == 4
    assert after.get("mjd").tolist() == [3, 5]
    assert after.get("id").tolist() == ["d", "d"]


def test_a_nested_table_becomes_a_long_one_in_other_formats(nested):
    table = read_table(nested).to_table()
    assert table["id"].tolist() == ["a", "a", "d", "d", "d"]
    assert table["mjd"].tolist() == [1, 2, 3, 4, 5]


def test_a_column_that_holds_no_light_curves_is_an_input_error(nested):
    with pytest.raises(InputError, match="no column id of light curves"):
        read_table(nested, "id")


@pytest.mark.filterwarnings("ignore")  # of its own, about pandas
def test_nested_pandas_reads_what_was_added_to_its_own_file(flags, tmp_path):
    nested_pandas = pytest.importorskip("nested_pandas")
    flat = {"id": ["a", "a", "d", "d", "d"], "mjd": [1.0, 2, 3, 4, 5], "ra": [1.0, 1, 2, 2, 2]}
    frame = nested_pandas.NestedFrame.from_flat(
        nested_pandas.NestedFrame(flat), base_columns=["ra"], nested_columns=["mjd"], on="id", name="lightcurve"
    )
    frame.to_parquet(tmp_path / "in")
    read_table(tmp_path / "in").add([flags]).write(tmp_path / "out")
    after = nested_pandas.read_parquet(tmp_path / "out")
    assert after["lightcurve.mjd"].tolist() == [1, 2, 3, 4, 5]
    assert after["lightcurve.flags"].fillna(-1).tolist() == [0, 8, 0, 16, -1]
    assert after["ra"].tolist() == [1, 2]
