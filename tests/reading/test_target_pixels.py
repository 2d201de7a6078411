"""Target pixel files of Kepler, K2 and TESS: every cadence is an epoch."""

import pickle

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.reading.heads import read_head
from epochsieve.reading.sources import find_source, find_sources
from epochsieve.reading.target_pixels import READER, is_target_pixel_file
from epochsieve.vocabulary.errors import ImageError
from epochsieve.vocabulary.settings import ReadSettings

FLUX = np.arange(5 * 4 * 3, dtype=np.float32).reshape(5, 4, 3)
QUALITY = np.array([0, 128, 0, 32768, 0], np.int32)


def write_tpf(path, *, drop=(), bjdrefi=2454833, flux=FLUX, quality=QUALITY):
    """Write one with five cadences, the third without time and data."""
    flux = flux.copy()
    flux[2] = np.nan
    columns = [
        fits.Column("TIME", "D", array=[2668.0, 2668.5, np.nan, 2669.5, 2670.0]),
        fits.Column("CADENCENO", "J", array=np.arange(98, 103)),
        fits.Column("FLUX", "12E", dim="(3,4)", array=flux),
        fits.Column("FLUX_ERR", "12E", dim="(3,4)", array=np.where(flux > 7, 2, 1)),
        fits.Column("QUALITY", "J", array=quality),
    ]
    table = fits.BinTableHDU.from_columns([column for column in columns if column.name not in drop])
    table.header.update({"BJDREFI": bjdrefi, "BJDREFF": 0.25})
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([fits.PrimaryHDU(), table, fits.ImageHDU(np.ones((4, 3), np.int32))]).writeto(path)
    return path


def test_every_cadence_is_an_epoch_with_its_time_noise_and_flags(tmp_path):
    series = find_source(write_tpf(tmp_path / "ktwo1_lpd-targ.fits.gz")).read()
    assert series.name == "ktwo1_lpd-targ"
    assert [epoch.file for epoch in series.epochs] == [f"cadence_{n:07d}" for n in range(98, 103)]
    assert [epoch.quality for epoch in series.epochs] == QUALITY.tolist()
    np.testing.assert_array_equal(np.delete(series.cube, 2, axis=0), np.delete(FLUX, 2, axis=0))
    assert np.isnan(series.cube[2]).all()
    mjd = np.array([epoch.mjd for epoch in series.epochs])
    np.testing.assert_allclose(mjd, np.array([2668, 2668.5, np.nan, 2669.5, 2670]) + 54833.25 - 0.5, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(series.noise[1], np.where(FLUX[1] > 7, 2, 1))
    assert series.stack_file == ""


def test_a_cadence_can_be_the_stack(tmp_path):
    series = find_source(write_tpf(tmp_path / "a.fits"), ReadSettings(stack="*98")).read()
    assert series.stack_file == "cadence_0000098"
    np.testing.assert_array_equal(series.stack, FLUX[0])
    assert len(series) == 4


def test_columns_beyond_time_and_flux_may_be_absent(tmp_path):
    path = write_tpf(tmp_path / "a.fits", drop=("FLUX_ERR", "QUALITY", "CADENCENO"), bjdrefi=2457000)
    series = find_source(path).read()
    assert series.noise is None
    assert {epoch.quality for epoch in series.epochs} == {0}
    assert series.epochs[4].file == "cadence_0000004"


def test_flags_beyond_31_bits_lose_the_last(tmp_path):
    series = find_source(write_tpf(tmp_path / "a.fits", quality=QUALITY - 1)).read()
    assert series.epochs[0].quality == 2**31 - 1


def test_it_is_found_by_its_content_wherever_it_lies_and_a_broken_one_beside_it_is_a_row(tmp_path):
    write_tpf(tmp_path / "targets" / "b.fits")
    write_tpf(tmp_path / "targets" / "a.fits")
    (tmp_path / "targets" / "c.fits").write_text("gone")
    sources = find_sources(tmp_path)
    assert [source.parts[-1] for source in sources] == ["a", "b", "c"]
    assert [source.parts[-1] for source in find_sources(f"{tmp_path}/targets/[ab].fits")] == ["a", "b"]
    assert pickle.loads(pickle.dumps(sources[1])) == sources[1]
    assert sources[2].list_images() == []
    with pytest.raises(ImageError):
        sources[2].read()


def test_an_image_and_a_table_of_other_things_are_none(write_image, tmp_path):
    assert not is_target_pixel_file(read_head(write_image("a.fits")))
    table = fits.BinTableHDU.from_columns(
        [fits.Column("TIME", "D", array=[1.0]), fits.Column("FLUX", "E", array=[1.0])]
    )
    table.writeto(tmp_path / "curve.fits")
    assert not is_target_pixel_file(read_head(tmp_path / "curve.fits"))


def test_a_fingerprint_changes_with_the_number_of_cadences(tmp_path):
    sources = [find_source(write_tpf(tmp_path / name)) for name in ("a.fits", "b.fits")]
    assert sources[0].take_fingerprint() == sources[1].take_fingerprint()
    with fits.open(tmp_path / "b.fits") as hdus:
        hdus[1].data = hdus[1].data[:4]
        hdus.writeto(tmp_path / "b.fits", overwrite=True)
    assert sources[0].take_fingerprint() != sources[1].take_fingerprint()


def test_more_rows_than_the_file_has_room_for_are_refused_before_they_are_read(tmp_path):
    path = write_tpf(tmp_path / "a.fits")
    contents = path.read_bytes()
    at = contents.index(b"NAXIS2  =                    5")
    path.write_bytes(contents[:at] + b"NAXIS2  =         999999999999" + contents[at + 30 :])
    source = find_source(path)
    with pytest.raises(ImageError, match="999999999999 rows"):
        source.read()
    assert source.list_images() == []


def test_spoilt_files_are_refused_or_read_and_never_crash(tmp_path, spoil, is_read_or_refused):
    contents = write_tpf(tmp_path / "a.fits").read_bytes()
    path = tmp_path / "spoilt.fits"
    read = 0
    for _ in range(60):
        path.write_bytes(spoil(contents, 9000))
        read += is_read_or_refused(READER.open([path], ReadSettings())[0])
    assert 5 < read < 60


def test_a_real_file_of_k2_is_read_as_lightkurve_reads_it(shared_data):
    path = shared_data / "tpf" / "ktwo221312395-c91_lpd-targ.fits.gz"
    if not path.exists():
        pytest.skip("no target pixel file: ../shared/data/tpf is absent")
    series = find_source(path).read()
    with fits.open(path) as hdus:
        table = hdus[1].data
        np.testing.assert_array_equal(series.cube, table["FLUX"])
        np.testing.assert_array_equal([epoch.quality for epoch in series.epochs], table["QUALITY"])
        mjd = table["TIME"] + (2454833 - 2400000.5)
    np.testing.assert_array_equal([epoch.mjd for epoch in series.epochs], mjd)
    # lightkurve 2.6 with quality_bitmask="none": as many cadences, the same times to the last bit, and these sums.
    assert len(series) == 1290
    assert np.isnan(mjd).sum() == 3
    assert sum(epoch.quality > 0 for epoch in series.epochs) == 112
