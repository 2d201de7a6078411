"""Cubes: a plane per epoch, with times from a table, from the axis of time, or from keys."""

from collections import Counter

import numpy as np
import pytest
from astropy.io import fits
from astropy.time import Time

from epochsieve.reading.cubes import READER, is_cube
from epochsieve.reading.heads import read_head
from epochsieve.reading.sources import find_source, find_sources
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.settings import ReadSettings

CUBE = np.random.default_rng(5).normal(size=(6, 5, 4)).astype(np.float32)
MJD = 60000 + np.array([0, 1, 2, 3.5, 5, 9])


def write_cube(path, *others, cube=CUBE, header=None, kind=fits.PrimaryHDU, **options):
    """Write a cube, with other HDUs behind it."""
    hdu = kind(cube, **options)
    hdu.header.update(header or {})
    hdus = [hdu] if kind is fits.PrimaryHDU else [fits.PrimaryHDU(), hdu]
    fits.HDUList([*hdus, *others]).writeto(path, overwrite=True)
    return path


def make_table(**columns):
    formats = {"f": "D", "i": "J", "U": "24A"}
    made = [fits.Column(name, formats[np.asarray(v).dtype.kind], array=v) for name, v in columns.items()]
    return fits.BinTableHDU.from_columns(made)


def times_of(path, **settings):
    return np.array([epoch.mjd for epoch in find_source(path, ReadSettings(**settings)).read().epochs])


@pytest.mark.parametrize("name", ["a.fits", "a.fits.gz", "b.fit"])
@pytest.mark.parametrize("kind", [fits.PrimaryHDU, fits.ImageHDU])
def test_every_plane_is_an_epoch(tmp_path, name, kind):
    series = find_source(write_cube(tmp_path / name, kind=kind)).read()
    np.testing.assert_array_equal(series.cube, CUBE)
    assert [epoch.file for epoch in series.epochs] == [f"plane_{n}" for n in range(1, 7)]
    assert series.name == name[0]
    np.testing.assert_allclose(series.stack, np.median(CUBE, axis=0), rtol=1e-6)


@pytest.mark.parametrize("compression", ["RICE_1", "HCOMPRESS_1"])
def test_scaled_integers_and_compressed_cubes_are_read(tmp_path, compression):
    numbers = np.round(100 * np.abs(CUBE)).astype(np.uint16)
    series = find_source(write_cube(tmp_path / "a.fits", cube=numbers)).read()
    np.testing.assert_array_equal(series.cube, numbers)
    options = {"compression_type": compression, "tile_shape": (1, 5, 4)}
    packed = write_cube(tmp_path / "a.fits.fz", cube=numbers.astype(np.int32), kind=fits.CompImageHDU, **options)
    assert is_cube(read_head(packed))
    np.testing.assert_array_equal(find_source(packed).read().cube, numbers)


@pytest.mark.parametrize(
    ("column", "values"),
    [("MJD", MJD), ("time", MJD + 2400000.5), ("BJD", MJD + 2400000.5), ("DATE-OBS", Time(MJD, format="mjd").isot)],
)
def test_times_come_from_a_table_beside_the_cube(tmp_path, column, values):
    other = make_table(MJD=[1.0, 2.0])  # of something else: it has another number of rows
    path = write_cube(tmp_path / "a.fits", other, make_table(**{column: values}))
    np.testing.assert_allclose(times_of(path), MJD, rtol=0, atol=1e-8)


def test_times_may_count_from_a_reference_in_seconds(tmp_path):
    table = make_table(TIME=(MJD - 59000) * 86400)
    table.header.update({"MJDREFI": 58999, "MJDREFF": 1.0, "TUNIT1": "s"})
    np.testing.assert_allclose(times_of(write_cube(tmp_path / "a.fits", table)), MJD, rtol=0, atol=1e-8)


def test_times_come_from_the_axis_of_time(tmp_path):
    axis = {"CTYPE3": "UTC", "CRVAL3": 43200.0, "CRPIX3": 1.0, "CDELT3": 86400.0, "CUNIT3": "s", "MJDREF": 60000.0}
    np.testing.assert_allclose(times_of(write_cube(tmp_path / "a.fits", header=axis)), 60000.5 + np.arange(6))
    axis = {"CTYPE3": "TIME", "CRVAL3": 60000.0, "CRPIX3": 3.0, "CD3_3": 0.5, "CUNIT3": "d"}
    np.testing.assert_allclose(times_of(write_cube(tmp_path / "b.fits", header=axis)), 59999 + np.arange(6) / 2)


def test_times_come_from_numbered_keys(tmp_path):
    path = write_cube(tmp_path / "a.fits", header={f"MJD{n:02d}": mjd for n, mjd in enumerate(MJD, 1)})
    np.testing.assert_array_equal(times_of(path), MJD)
    path = write_cube(tmp_path / "b.fits", header={f"EPOCH_{n}": mjd for n, mjd in enumerate(MJD, 1)})
    np.testing.assert_array_equal(times_of(path, time_key="EPOCH"), MJD)


def test_without_any_time_planes_stand_in_their_order(tmp_path):
    assert np.isnan(times_of(write_cube(tmp_path / "a.fits", cube=np.repeat(CUBE, 2, axis=0)))).all()
    series = find_source(tmp_path / "a.fits").read()
    assert [series.epochs[k].file for k in (0, 9, 11)] == ["plane_01", "plane_10", "plane_12"]


def test_a_table_may_name_and_flag_the_planes(tmp_path):
    names = [f"night{n}.fits" for n in range(6)]
    table = make_table(MJD=MJD, FILE=names, QUALITY=np.arange(6))
    path = write_cube(tmp_path / "a.fits", table)
    series = find_source(path).read()
    assert [(epoch.file, epoch.quality) for epoch in series.epochs] == list(zip(names, range(6), strict=True))
    assert find_source(path).list_images() == names


def test_masks_weights_and_a_stack_are_taken_along(tmp_path):
    mask, weight = np.zeros(CUBE.shape[1:], np.uint8), np.full(CUBE.shape, 4, np.float32)
    mask[0, 0], weight[3, 2, 2] = 1, 0
    others = (fits.ImageHDU(mask, name="MASK"), fits.ImageHDU(weight, name="IVAR"), fits.ImageHDU(mask, name="STACK"))
    path = write_cube(tmp_path / "a.fits", *others)
    complaints: Counter[str] = Counter()
    series = find_source(path, ReadSettings(mask_hdu="MASK", weight_hdu="IVAR")).read(complaints)
    assert np.isnan(series.cube).sum() == 7
    assert np.nanmax(np.abs(series.noise - 0.5)) == 0
    np.testing.assert_array_equal(series.stack, mask)
    find_source(path, ReadSettings(mask_hdu="BAD")).read(complaints)
    assert complaints == {"no HDU BAD": 1}
    with pytest.raises(ImageError, match="6 epochs"):
        find_source(write_cube(path, fits.ImageHDU(CUBE[:3], name="M")), ReadSettings(mask_hdu="M")).read()


def test_a_spectrum_is_no_series(tmp_path):
    source = find_source(write_cube(tmp_path / "a.fits", header={"CTYPE3": "FREQ"}))
    with pytest.raises(ImageError, match="its third axis is FREQ"):
        source.read()


def test_a_cube_is_found_among_folders_of_images(tmp_path, write_image):
    write_image("survey/b/1.fits")
    (tmp_path / "survey" / "a").mkdir()
    write_cube(tmp_path / "survey" / "a" / "cube.fits")
    (tmp_path / "survey" / "notes.txt").write_text("none")
    sources = find_sources(tmp_path / "survey")
    assert [source.parts[-2:] for source in sources] == [("a", "cube"), ("survey", "b")]


def test_sizes_beyond_reason_are_refused_before_memory_is_spent(tmp_path):
    path = write_cube(tmp_path / "a.fits")
    contents = path.read_bytes().replace(b"NAXIS3  =                    6", b"NAXIS3  =            600000000")
    path.write_bytes(contents)
    with pytest.raises(ImageError, match="too large"):
        find_source(path).read()


def test_spoilt_files_are_refused_or_read_and_never_crash(tmp_path, spoil, is_read_or_refused):
    table = make_table(MJD=MJD, QUALITY=np.arange(6))
    contents = write_cube(tmp_path / "a.fits", table).read_bytes()
    path = tmp_path / "spoilt.fits"
    read = 0
    for _ in range(60):
        path.write_bytes(spoil(contents, 9000))
        read += is_read_or_refused(READER.open([path], ReadSettings())[0])
    assert 5 < read < 60
