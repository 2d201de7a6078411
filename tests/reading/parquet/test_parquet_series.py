"""A series in a Parquet table is the rows of its object, wherever they are."""

import pickle

import numpy as np
import pyarrow as pa
import pytest

from epochsieve.reading.sources import find_source, find_sources
from epochsieve.vocabulary.errors import ImageError, InputError, NoSeriesError
from epochsieve.vocabulary.settings import ReadSettings


def read_all(place, **settings):
    sources = pickle.loads(pickle.dumps(find_sources(place, ReadSettings(**settings))))
    return {source.parts[-1]: source.read() for source in sources}


def to_image(row):
    return np.array(row["image"], np.float32).reshape(row["height"], row["width"])


def assert_is(series, rows):
    """Check a series against the rows that it should be of."""
    stack, *epochs = rows
    assert (series.stack_file, [epoch.file for epoch in series.epochs]) == (
        stack["file"],
        [row["file"] for row in epochs],
    )
    assert [epoch.mjd for epoch in series.epochs] == [row["mjd"] for row in epochs]
    assert {epoch.fwhm for epoch in series.epochs} == {3.0}
    np.testing.assert_array_equal(series.stack, to_image(stack))
    np.testing.assert_array_equal(series.cube, [to_image(row) for row in epochs])


def lay_out(rows, form):
    """Lay images out in another way than as lists of numbers with height and width beside them."""
    plain = [{key: row[key] for key in ("object", "file", "mjd", "fwhm", "is_stack")} for row in rows]
    images = [to_image(row) for row in rows]
    if form == "lists of lists":
        return pa.Table.from_pylist(
            [{**row, "image": image.tolist()} for row, image in zip(plain, images, strict=True)]
        )
    flat = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(images)), images[0].size)
    if form == "tensors":
        flat = pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.float32(), images[0].shape), flat)
        return pa.Table.from_pylist(plain).append_column("science", flat)
    if form == "tensors, columns first":
        kind = pa.fixed_shape_tensor(pa.float32(), images[0].T.shape, permutation=[1, 0])
        turned = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel([image.T for image in images])), images[0].size)
        return pa.Table.from_pylist(plain).append_column("image", pa.ExtensionArray.from_storage(kind, turned))
    shapes = {"ny": [row["height"] for row in rows], "nx": [row["width"] for row in rows], "Cutout": flat}
    return pa.Table.from_pydict({**pa.Table.from_pylist(plain).to_pydict(), **shapes})


@pytest.mark.parametrize("form", ["lists of lists", "tensors", "tensors, columns first", "lists of one length"])
def test_an_image_may_be_stored_in_every_way_that_arrow_has(rows, write_table, form):
    series = read_all(write_table("table.parquet", lay_out(rows, form), group=3))
    assert_is(series["a"], rows[:4])
    assert_is(series["b"], rows[4:])


@pytest.mark.parametrize("group", [1, 3, None])
def test_rows_are_put_together_over_row_groups_whatever_their_order(rows, write_table, group):
    mixed = [*rows[::2], *rows[1::2]]
    series = read_all(write_table("table.parquet", mixed, group=group))
    for name, expected in (("a", rows[:4]), ("b", rows[4:])):
        assert_is(series[name], expected)


def test_rows_are_put_together_over_the_files_of_a_folder(rows, write_table, tmp_path):
    for night in range(4):
        write_table(f"nights/{night}.parquet", rows[night::4])
    write_table("nights/_metadata", rows)
    series = read_all(tmp_path / "nights")
    assert list(series) == ["a", "b"]
    assert_is(series["a"], rows[:4])
    assert find_source(series["b"].origin, name="b").read().stack_file == "0.fits"


@pytest.mark.parametrize("root", ["catalogue", "catalogue/dataset"])
def test_folders_called_key_value_are_one_table_with_what_is_in_them(rows, write_table, tmp_path, root):
    for place in range(3):
        write_table(f"catalogue/dataset/Norder=1/Dir={place}/Npix={place}.parquet", rows[place::3])
    write_table("catalogue/dataset/data_thumbnail.parquet", rows)
    sources = find_sources(tmp_path / root)
    assert sorted(source.parts[-1] for source in sources) == ["a", "b"]
    for source in sources:
        assert_is(source.read(), rows[:4] if source.parts[-1] == "a" else rows[4:])
        assert find_source(source.origin, name=source.parts[-1]).list_images() == source.list_images()


def test_tables_of_different_folders_are_different_tables(rows, write_table, tmp_path):
    for field in ("north", "south"):
        write_table(f"{field}/1.parquet", rows[:2])
        write_table(f"{field}/2.parquet", rows[2:4])
    for root in (tmp_path, f"{tmp_path}/*/*.parquet"):
        sources = find_sources(root)
        assert [source.parts[-2:] for source in sources] == [("north", "a"), ("south", "a")]
        assert [len(source.read()) for source in sources] == [3, 3]


def test_objects_whose_names_have_an_equals_sign_stay_folders_of_images(write_image, tmp_path):
    write_image("field/z=0.5/1.fits")
    write_image("field/z=0.6/1.fits")
    assert [source.parts[-1] for source in find_sources(tmp_path / "field")] == ["z=0.5", "z=0.6"]


def test_objects_stand_in_the_order_of_their_rows_and_bands_apart(rows, write_table):
    banded = [{**row, "band": "g" if place % 2 else "r"} for place, row in enumerate(rows)]
    assert list(read_all(write_table("table.parquet", banded[::-1]))) == ["b_g", "b_r", "a_g", "a_r"]


def test_a_file_without_names_of_objects_is_one_object(rows, write_table):
    table = pa.Table.from_pylist(rows[:4]).drop_columns(["object"])
    (source,) = find_sources(write_table("star.parquet", table))
    assert (source.parts[-1], source.list_images()) == ("star", ["1.fits", "2.fits", "3.fits"])
    assert_is(source.read(), rows[:4])


@pytest.mark.parametrize("form", ["list of structs", "struct of lists", "lists side by side"])
def test_epochs_may_be_in_lists_an_object_a_row(rows, write_table, form):
    inside = ("file", "mjd", "fwhm", "is_stack", "image")
    images = {row["file"] + row["object"]: to_image(row).tolist() for row in rows}
    epochs = {
        name: [{**row, "image": images[row["file"] + name]} for row in rows if row["object"] == name] for name in "ab"
    }
    listed = {name: [{key: epoch[key] for key in inside} for epoch in each] for name, each in epochs.items()}
    columns = {name: {key: [epoch[key] for epoch in each] for key in inside} for name, each in epochs.items()}
    tables = {
        "list of structs": [{"objectId": name, "epochs": each} for name, each in listed.items()],
        "struct of lists": [{"objectId": name, "epochs": each} for name, each in columns.items()],
        "lists side by side": [{"objectId": name, **each} for name, each in columns.items()],
    }
    series = read_all(write_table("table.parquet", tables[form], group=1))
    assert_is(series["a"], rows[:4])
    assert_is(series["b"], rows[4:])


def test_the_stack_can_be_named_or_made(rows, write_table):
    path = write_table("table.parquet", [{**row, "is_stack": False} for row in rows])
    assert len(read_all(path)["a"]) == 4
    assert read_all(path, stack="2*")["a"].stack_file == "2.fits"
    marked = write_table("marked.parquet", rows)
    assert (read_all(marked, stack="median")["a"].stack_file, len(read_all(marked, stack="median")["a"])) == ("", 4)


def test_columns_can_be_named(rows, write_table):
    path = write_table(
        "table.parquet",
        [
            {
                **row,
                "diff": [-v for v in row["image"]],
                "when": row["mjd"] + 2400001.5,
                "bad": [v > 0 for v in row["image"]],
            }
            for row in rows
        ],
    )
    series = read_all(path, hdu="diff", time_key="when", mask_hdu="bad")["a"]
    expected = -to_image(rows[1])
    np.testing.assert_array_equal(series.cube[0], np.where(expected < 0, np.nan, expected))
    assert series.epochs[0].mjd == 60002.0


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (pa.array([1_700_000_000_000_000_000] * 4, pa.timestamp("ns")), 60262.925925925926),
        (["2023-11-14T22:13:20"] * 4, 60262.925925925926),
        ([2460263.425925926] * 4, 60262.925925925926),
        ([None, float("nan"), None, None], float("nan")),
        ([True] * 4, float("nan")),
    ],
)
def test_times_are_days_or_text_or_timestamps(rows, write_table, times, expected):
    table = (
        pa.Table.from_pylist(rows[:4])
        .drop_columns(["mjd"])
        .append_column("time", times if isinstance(times, pa.Array) else pa.array(times))
    )
    series = read_all(write_table("table.parquet", table))["a"]
    assert series.epochs[0].mjd == pytest.approx(expected, abs=1e-8, nan_ok=True)
    assert [epoch.file for epoch in series.epochs] == ["1.fits", "2.fits", "3.fits"]


def test_what_is_wrong_with_an_image_is_its_status(rows, write_table):
    rows[0]["image"] = [float("nan")] * 20
    rows[1]["image"] = None
    rows[2]["image"] = rows[2]["image"][:-1]
    rows[3] |= {"height": 2, "width": 10}
    rows[5] |= {"file": "2.fits"}
    rows[7] |= {"file": None, "mjd": None, "image": [None, *rows[7]["image"][1:]]}
    series = read_all(write_table("table.parquet", rows))
    said = {name: {epoch.file: epoch.status for epoch in each.epochs} for name, each in series.items()}
    assert said["a"] == {
        "0.fits": "unusable: the stack holds no data",
        "1.fits": "missing: no image in its row",
        "2.fits": "unreadable: not a 2-D image: 19 pixels are not 4x5",
        "3.fits": "ok",
    }
    assert said["b"] == {"2.fits": "ok", "2.fits (3)": "unreadable: its name comes twice", "epoch_4": "ok"}
    assert np.isnan(series["b"].cube[-1, 0, 0])


def test_ragged_images_are_refused(write_table):
    rows = [
        {"object": "a", "mjd": 1.0 + n, "image": image}
        for n, image in enumerate([[[1.0, 2.0], [3.0]], [], [[1.0], [2.0]]])
    ]
    series = read_all(write_table("table.parquet", rows))["a"]
    assert [epoch.status for epoch in series.epochs] == [
        "unreadable: not a 2-D image: its rows differ in length",
        "unreadable: not a 2-D image: it is empty",
        "ok",
    ]


def test_tables_without_images_are_left_out(rows, write_table, tmp_path, caplog):
    write_table("lightcurves/table.parquet", [{"object": "a", "mjd": 1.0, "flux": 3.0}])
    with pytest.raises(NoSeriesError):
        find_sources(tmp_path / "lightcurves")
    assert "no column of images" in caplog.text
    write_table("lightcurves/cutouts.parquet", rows)
    assert list(read_all(tmp_path / "lightcurves")) == ["a", "b"]


def test_a_table_in_no_order_is_refused_and_a_small_one_is_not(rng, write_table):
    def scatter(count):
        mixed = rng.permutation(np.repeat(np.arange(count), 30))
        return pa.table({"object": mixed, "image": pa.array([[1.0]] * len(mixed), pa.list_(pa.float32()))})

    with pytest.raises(InputError, match="sort its rows by object"):
        find_sources(write_table("mixed.parquet", scatter(400)))
    assert len(find_sources(write_table("small.parquet", scatter(20)))) == 20


def test_rows_that_name_no_object_are_not_lost(rows, write_table):
    rows[2]["object"] = None
    sources = find_sources(write_table("table.parquet", rows))
    assert [source.parts[-1] for source in sources] == ["a", "b", "table.parquet:row_group_0"]
    assert sources[-1].list_images() == ["2.fits"]
    with pytest.raises(ImageError, match="its rows name no object"):
        sources[-1].read()


def test_a_fingerprint_changes_when_an_epoch_comes_and_not_otherwise(rows, write_table):
    def take(name, rows, **options):
        return [source.take_fingerprint() for source in find_sources(write_table(name, rows, **options))]

    before = take("1.parquet", rows)
    assert take("2.parquet", rows, group=2, compression="zstd") == before
    after = take("3.parquet", [*rows, {**rows[-1], "file": "4.fits"}])
    assert (after[0], after[1] != before[1]) == (before[0], True)
