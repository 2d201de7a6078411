import logging
import pickle
from collections import Counter

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.reading import folders
from epochsieve.reading.assembling import sum_up_complaints
from epochsieve.reading.folders import FolderSource, find_series, read_series
from epochsieve.vocabulary.errors import ImageError, NoSeriesError
from epochsieve.vocabulary.settings import ReadSettings

PIXELS = np.arange(20, dtype=np.float32).reshape(4, 5)


@pytest.fixture
def field(write_image, tmp_path):
    """A folder of an object with a stack and four epochs."""
    write_image("field/obj_stack.fits", PIXELS, {"MJD-OBS": 60002.0})
    for number in range(1, 5):
        write_image(f"field/obj_{number}.fits", PIXELS + number, {"MJD-OBS": 60000.0 - number})
    return tmp_path / "field"


def files_of(series):
    return [epoch.file for epoch in series.epochs]


def statuses_of(series):
    return {epoch.file: epoch.status for epoch in series.epochs}


@pytest.mark.parametrize(
    "name", ["a.fits", "a.fit", "a.fts", "a.fits.gz", "a.fits.fz", "A.FITS", "a.FtS", "a.Fits.GZ", "A.FITS.FZ"]
)
def test_images_are_known_by_their_names_in_either_case(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert find_series(tmp_path) == [tmp_path]


@pytest.mark.parametrize("name", ["a.txt", "fits", "a.fits.bak", "a.png", "._a.fits", ".a.fits"])
def test_other_files_are_not_images(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(NoSeriesError, match="no FITS images"):
        find_series(tmp_path)
    with pytest.raises(NoSeriesError, match="no FITS images"):
        read_series(tmp_path)


def test_root_may_be_a_folder_of_objects_one_object_or_a_pattern(write_image, tmp_path):
    for name in ("survey/b/1.fits", "survey/a/1.fits", "other/c/1.fits", "survey/empty/notes.fits/none.txt"):
        if name.endswith("txt"):
            (tmp_path / name).parent.mkdir(parents=True)
        else:
            write_image(name)
    a, b, c = (tmp_path / name for name in ("survey/a", "survey/b", "other/c"))
    assert find_series(tmp_path / "survey") == [a, b]
    assert find_series(str(a)) == [a]
    assert find_series(tmp_path / "survey" / "[ab]") == [a, b]
    assert find_series(f"{tmp_path}/*") == [c, a, b]
    assert find_series(f"{tmp_path}/*/*") == [c, a, b]


def test_a_folder_whose_own_name_looks_like_a_pattern_is_itself(write_image, tmp_path):
    write_image("field [r]/1.fits")
    assert find_series(tmp_path / "field [r]") == [tmp_path / "field [r]"]


def test_images_beside_object_folders_hide_none_of_them(write_image, tmp_path):
    write_image("finder.fits")
    write_image("object/1.fits")
    assert find_series(tmp_path) == [tmp_path, tmp_path / "object"]


@pytest.mark.parametrize("root", ["missing", "missing*", "file.fits", "empty", "empty/*"])
def test_a_root_without_series_gets_one_clear_line(write_image, tmp_path, root):
    write_image("file.fits")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoSeriesError) as caught:
        find_series(tmp_path / root)
    assert str(caught.value).startswith(str(tmp_path / root))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("root", "what"), [("obj_1.fits", "a file"), ("obj_[12].fits", "2 files"), ("nothing*", "no folder matches")]
)
def test_images_in_the_place_of_their_folder_are_told_so(field, root, what):
    with pytest.raises(NoSeriesError) as caught:
        find_series(field / root)
    assert str(caught.value).startswith(f"{field / root}: {what}")
    assert ("give the folder that holds them" in str(caught.value)) == ("file" in what)


def test_a_pattern_finds_the_folders_among_files(field):
    (field.parent / "field.txt").write_text("notes")
    assert find_series(f"{field}*") == [field]


def test_loops_of_links_are_no_trap(field):
    (field / "again").symlink_to(field)
    (field / "self").symlink_to("self")
    (field / "loop.fits").symlink_to("loop.fits")
    assert find_series(field) == [field, field / "again"]
    assert "symbolic link" in statuses_of(read_series(field))["loop.fits"]


def test_a_folder_that_cannot_be_listed_is_left_out_with_a_warning(field, monkeypatch, caplog):
    locked = field.parent / "locked"
    locked.mkdir()
    listed = folders._list_folder

    def refuse(folder):
        if folder == locked:
            raise NoSeriesError(f"{folder}: Permission denied")
        return listed(folder)

    monkeypatch.setattr(folders, "_list_folder", refuse)
    assert find_series(field.parent) == [field]
    assert "left out" in caplog.text


def test_every_image_but_the_stack_is_an_epoch_in_time_order(field):
    series = read_series(field)
    assert series.name == "field"
    assert series.origin == str(field)
    assert series.stack_file == "obj_stack.fits"
    np.testing.assert_array_equal(series.stack, PIXELS)
    assert files_of(series) == ["obj_4.fits", "obj_3.fits", "obj_2.fits", "obj_1.fits"]
    assert [epoch.mjd for epoch in series.epochs] == [59996.0, 59997.0, 59998.0, 59999.0]


def test_the_choice_of_the_stack_is_logged_with_its_reason(field, caplog):
    caplog.set_level(logging.INFO)
    read_series(field)
    assert "the stack is obj_stack.fits: its name says so" in caplog.text


@pytest.mark.parametrize(
    ("wanted", "file"), [("first", "obj_1.fits"), ("*_3*", "obj_3.fits"), ("auto", "obj_stack.fits")]
)
def test_the_stack_may_be_chosen(field, wanted, file):
    series = read_series(field, ReadSettings(stack=wanted))
    assert series.stack_file == file
    assert file not in files_of(series)
    assert len(series) == 4


@pytest.mark.parametrize("wanted", ["median", "nothing*"])
def test_without_a_stack_all_are_epochs_and_their_median_is_the_stack(field, wanted):
    series = read_series(field, ReadSettings(stack=wanted))
    assert len(series) == 5
    assert series.stack_file == ""
    np.testing.assert_array_equal(series.stack, PIXELS + 2)


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda path: path.write_text("no"), "unreadable: "),
        (lambda path: fits.writeto(path, PIXELS * np.nan), "unusable: the stack holds no data"),
    ],
)
def test_an_unusable_stack_is_kept_as_an_epoch_and_the_median_stands_in_for_it(field, caplog, spoil, status):
    (field / "obj_stack.fits").unlink()
    spoil(field / "obj_stack.fits")
    series = read_series(field)
    assert series.stack_file == ""
    np.testing.assert_array_equal(series.stack, PIXELS + 2.5)
    assert statuses_of(series).pop("obj_stack.fits").startswith(status)
    assert series.usable.sum() == 4
    assert len(series) == 5
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "obj_stack.fits is unusable" in caplog.text


def test_a_single_image_is_kept_as_an_epoch_and_the_log_says_so(write_image, caplog):
    caplog.set_level(logging.INFO)
    series = read_series(write_image("lone/stack.fits").parent)
    assert files_of(series) == ["stack.fits"]
    np.testing.assert_array_equal(series.stack, series.cube[0])
    assert "one image only" in caplog.text


def test_bad_files_are_epochs_with_a_status(field, write_image):
    (field / "text.fits").write_text("no image\n" * 1000)
    (field / "empty.fits").write_bytes(b"")
    (field / "folder.fits").mkdir()
    (field / "cut.fits").write_bytes((field / "obj_1.fits").read_bytes()[:2900])
    (field / "broken.fits.gz").write_bytes(b"\x1f\x8b broken")
    write_image("field/other.fits", np.ones((7, 7), np.float32))
    write_image("field/cube.fits", np.ones((2, 4, 5), np.float32))
    write_image("field/nan.fits", PIXELS * np.nan)
    write_image("field/flat.fits", PIXELS * 0)
    statuses = statuses_of(read_series(field))
    bad = {"text.fits", "empty.fits", "folder.fits", "cut.fits", "broken.fits.gz", "cube.fits"}
    assert {file for file, status in statuses.items() if status.startswith("unreadable: ")} == bad
    assert statuses["other.fits"] == "shape 7x7 differs from the stack's 4x5"
    assert statuses["nan.fits"] == statuses["flat.fits"] == "ok"
    assert len(statuses) == 4 + 9
    assert not any("\n" in status for status in statuses.values())


def test_a_folder_of_nothing_but_bad_files_is_still_a_series(tmp_path):
    for name in ("a.fits", "b.fits", "c.fits"):
        (tmp_path / name).write_bytes(b"")
    series = read_series(tmp_path)
    assert not series.usable.any()
    assert files_of(series) == ["a.fits", "b.fits", "c.fits"]
    assert np.isnan(series.stack).all()


def test_a_file_that_vanishes_while_reading_is_an_epoch_with_a_status(field, monkeypatch):
    listed = folders._list_folder
    monkeypatch.setattr(folders, "_list_folder", lambda folder: [*listed(folder), folder / "gone.fits"])
    assert statuses_of(read_series(field))["gone.fits"].startswith("unreadable: No such file")


def test_a_missing_folder_is_no_series(tmp_path):
    with pytest.raises(NoSeriesError, match="No such file"):
        read_series(tmp_path / "missing")


def test_the_name_is_the_folders_even_where_the_path_hides_it(field, monkeypatch):
    monkeypatch.chdir(field)
    assert read_series(".").name == "field"
    (field.parent / "alias").symlink_to(field)
    assert read_series(field.parent / "alias").name == "alias"


def test_complaints_are_counted_for_the_whole_run(field, caplog):
    caplog.set_level(logging.INFO)
    for file in ("obj_1.fits", "obj_2.fits"):
        path = field / file
        path.write_bytes(path.read_bytes().replace(b"EXTEND  =", b"exte\xe9d  ="))
    complaints = Counter()
    read_series(field, complaints=complaints)
    assert "warnings" not in caplog.text
    once = complaints.total()
    read_series(field, complaints=complaints)
    assert complaints.total() == 2 * once > 0
    read_series(field)
    assert caplog.text.count("astropy's header warnings: ") == 1
    assert sum_up_complaints(Counter(B=1, A=5)) == "astropy's header warnings: A 5 times, B 1 times"


def test_a_time_key_that_no_header_has_is_said(field, caplog):
    caplog.set_level(logging.INFO)
    series = read_series(field, ReadSettings(time_key="BKJD"))
    assert files_of(series) == ["obj_1.fits", "obj_2.fits", "obj_3.fits", "obj_4.fits"]
    assert "no header has a time under BKJD" in caplog.text


def test_an_hdu_that_a_file_lacks_makes_it_unreadable(field):
    series = read_series(field, ReadSettings(hdu="SCI"))
    assert set(statuses_of(series).values()) == {"unreadable: there is no HDU SCI"}


def test_an_image_error_of_any_file_never_leaves_the_series(field, monkeypatch):
    def refuse(*arguments):
        raise ImageError("broken")

    monkeypatch.setattr(folders, "parse_image", refuse)
    assert set(statuses_of(read_series(field)).values()) == {"unreadable: broken"}


def test_the_vst_series_is_read_as_its_headers_say(shared_data, caplog):
    caplog.set_level(logging.INFO)
    series = read_series(shared_data / "vst" / "0070")
    assert "the stack is 0070_00.fits: its header spans 150.7 days" in caplog.text
    assert series.usable.all()
    assert series.cube.shape == (54, 51, 51)
    assert files_of(series) == [f"0070_{number:02d}.fits" for number in range(1, 55)]
    assert series.epochs[0].mjd == pytest.approx((55913.293935155 + 55913.312498766) / 2)
    assert series.epochs[33].fwhm == pytest.approx(1.2819566235 / 0.21, rel=1e-4)


def test_the_k2_series_takes_its_own_time_key(shared_data):
    series = read_series(shared_data / "k2" / "K91S01", ReadSettings(time_key="BKJD"))
    assert series.stack_file == "K91S01_000_stack.fits"
    assert 2600 < series.epochs[0].mjd < series.epochs[-1].mjd < 2800


def test_a_source_travels_and_reads_what_the_folder_holds(field):
    source = pickle.loads(pickle.dumps(FolderSource(field)))
    files = sorted(path.name for path in field.iterdir())
    assert list(source.list_images()) == files
    assert source.parts[-1] == field.name
    assert {epoch.file for epoch in source.read().epochs} <= set(files)


def test_a_source_s_fingerprint_changes_when_an_image_comes_and_not_otherwise(field):
    source = FolderSource(field)
    before = source.take_fingerprint()
    (field / "notes.txt").write_text("seen")
    assert source.take_fingerprint() == before
    (field / "zz.fits").touch()
    assert source.take_fingerprint() != before


def test_a_source_of_a_folder_that_is_gone_lists_nothing_and_raises_only_when_read(tmp_path):
    source = FolderSource(tmp_path / "gone")
    assert source.list_images() == []
    assert source.take_fingerprint()
    with pytest.raises(NoSeriesError):
        source.read()
