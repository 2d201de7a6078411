"""Frames to series: every frame read once, none lost, and what can't be read is a status."""

import pickle
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS, FITSFixedWarning

from epochsieve.reading.frames import survey as surveys
from epochsieve.reading.frames.catalogue import Catalogue
from epochsieve.reading.frames.survey import cut_frames, name_epochs
from epochsieve.vocabulary.errors import NoSeriesError, SettingError
from epochsieve.vocabulary.settings import CutSettings, ReadSettings

SHAPE = (40, 60)
CATALOGUE = Catalogue(("a", "b", "far"), np.array([10.0, 10.004, 50.0]), np.array([20.0, 20.0, 0.0]))


def make_header(shift=0, chip=0, **cards):
    """Make the header of a chip on which a is at (20 + shift, 15); b is 135 pixels farther left, on the second chip."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.crval = ["RA---TAN", "DEC--TAN"], [10.0, 20.0]
    wcs.wcs.crpix, wcs.wcs.cdelt = [21.0 + shift + 160 * chip, 16.0], [-1 / 36000, 1 / 36000]
    header = wcs.to_header()
    header.update(cards)
    return header


def make_pixels(value, places=((15, 20),)):
    pixels = np.full(SHAPE, value, np.float32)
    for row, column in places:
        pixels[row, column] += 100
    return pixels


def write_frame(path, shift=0, *, number=0, kind=fits.ImageHDU, extra=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    primary = fits.PrimaryHDU()
    primary.header.update({"MJD-OBS": 60000.0 + number, "FILTER": "r"})
    chips = [
        kind(
            make_pixels(number, ((15, 20 + shift),)), make_header(shift, chip, FWHM=(3.0, "pix")), name=f"CCD{chip + 1}"
        )
        for chip in (0, 1)
    ]
    fits.HDUList([primary, *chips, *extra]).writeto(path, overwrite=True)
    return path


@pytest.fixture
def frames(tmp_path):
    return [write_frame(tmp_path / f"n{i}.fits", i, number=i) for i in range(5)]


@pytest.fixture
def cut(tmp_path):
    def run(frames, catalogue=CATALOGUE, size=9, align=False, **reading):
        scratch = tmp_path / f"scratch{len(list(tmp_path.glob('scratch*')))}"
        scratch.mkdir()
        return cut_frames(frames, catalogue, CutSettings(size, align, ReadSettings(**reading)), scratch, [].append)

    return run


def test_every_object_becomes_a_series_with_an_epoch_per_frame(cut, frames):
    survey = cut(frames)
    assert ([source.name for source in survey.sources], survey.off) == (["a", "b"], ("far",))
    assert (survey.frames, survey.cutouts, survey.wrong) == (5, 10, {})
    series = pickle.loads(pickle.dumps(survey.sources[0])).read()
    assert [epoch.file for epoch in series.epochs] == [f"n{i}.fits" for i in range(5)]
    assert [epoch.mjd for epoch in series.epochs] == [60000.0 + i for i in range(5)]
    assert {epoch.fwhm for epoch in series.epochs} == {3.0}
    for i, image in enumerate(series.cube):
        np.testing.assert_array_equal(image, np.pad([[100.0]], 4) + i)
    assert series.noise is None
    place = survey.sources[0].describe_epochs()["n2.fits"]
    assert (place["chip"], place["x"], place["y"], Path(place["path"]).name) == ("1 CCD1", 18, 11, "n2.fits")


@pytest.mark.parametrize("ending", [".fits.gz", ".fits.fz"])
def test_packed_frames_give_the_same(cut, tmp_path, frames, ending):
    exact = partial(fits.CompImageHDU, compression_type="GZIP_2", quantize_level=0)
    kind = exact if ending == ".fits.fz" else fits.ImageHDU
    packed = [write_frame(tmp_path / "packed" / f"n{i}{ending}", i, number=i, kind=kind) for i in range(5)]
    for plain, other in zip(cut(frames).sources, cut(packed).sources, strict=True):
        assert other.list_images() == plain.list_images()
        np.testing.assert_array_equal(other.read().cube, plain.read().cube)


def test_a_frame_that_cannot_be_read_is_an_epoch_of_every_object(cut, frames):
    frames[1].write_text("no frame")
    frames[3].write_bytes(frames[3].read_bytes()[:9000])
    survey = cut(frames)
    assert sorted(survey.wrong) == ["n1.fits", "n3.fits"]
    for source in survey.sources:
        series = source.read()
        assert len(series) == 5
        unreadable = [epoch.file for epoch in series.epochs if not epoch.usable]
        assert set(unreadable) <= {"n1.fits", "n3.fits"}
        assert "n1.fits" in unreadable
        assert all(epoch.status.startswith("unreadable: ") for epoch in series.epochs if not epoch.usable)


def test_a_chip_without_wcs_and_other_planes_are_no_chips(cut, tmp_path):
    extra = (fits.ImageHDU(make_pixels(5), name="OTHER"), fits.ImageHDU(make_pixels(7), make_header(), name="WEIGHT"))
    survey = cut([write_frame(tmp_path / "a.fits", extra=extra)])
    assert survey.sources[0].read().cube[0, 0, 0] == 0
    fits.PrimaryHDU(make_pixels(1)).writeto(tmp_path / "b.fits")
    with pytest.raises(NoSeriesError, match=r"b\.fits: no image with a celestial WCS"):
        cut([tmp_path / "b.fits"])


def test_planes_are_found_for_each_chip_by_its_number_or_name(cut, tmp_path):
    mask, weight = np.zeros(SHAPE, np.uint8), np.full(SHAPE, 4, np.float32)
    mask[15, 21] = 1
    by_name = (fits.ImageHDU(mask, name="CCD1_MASK"), fits.ImageHDU(weight, name="CCD1_IVAR"))
    sci = [fits.ImageHDU(make_pixels(0), make_header(0, chip), name="SCI", ver=chip + 1) for chip in (0, 1)]
    by_number = [fits.ImageHDU(plane, name=name, ver=1) for plane, name in ((mask, "MASK"), (weight, "IVAR"))]
    others = [fits.ImageHDU(plane * 0 + 1, name=name, ver=2) for plane, name in ((mask, "MASK"), (weight, "IVAR"))]
    fits.HDUList([fits.PrimaryHDU(), *sci, *others, *by_number]).writeto(tmp_path / "b.fits")
    for path in (write_frame(tmp_path / "a.fits", extra=by_name), tmp_path / "b.fits"):
        series = cut([path], mask_hdu="MASK", weight_hdu="IVAR").sources[0].read()
        assert np.argwhere(np.isnan(series.cube[0])).tolist() == [[4, 5]]
        np.testing.assert_array_equal(series.noise[0], np.full((9, 9), 0.5))
    assert cut([tmp_path / "a.fits"], mask_hdu="BAD").complaints == {"no HDU BAD": 2}


def test_an_object_at_the_edge_is_padded_and_one_beyond_is_no_epoch(cut, tmp_path):
    frames = [write_frame(tmp_path / f"{shift}.fits", shift) for shift in (-19, -21)]
    survey = cut(frames)
    series = survey.sources[0].read()
    assert [epoch.file for epoch in series.epochs] == ["-19.fits"]
    assert np.isnan(series.cube[0, :, :3]).all()
    assert np.isfinite(series.cube[0, :, 3:]).all()


def test_of_chips_that_overlap_the_fuller_counts(cut, tmp_path):
    hdus = [
        fits.ImageHDU(make_pixels(i), make_header(shift), name=f"C{i}") for i, shift in ((1, -18), (2, 0), (3, -19))
    ]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "a.fits")
    survey = cut([tmp_path / "a.fits"])
    assert survey.cutouts == 1
    assert survey.sources[0].read().cube[0, 0, 0] == 2


def test_each_frame_is_opened_once_however_many_objects_lie_on_it(cut, frames, monkeypatch):
    opened = []
    real = surveys.open_frame

    def count(path, complaints):
        opened.append(path)
        return real(path, complaints)

    monkeypatch.setattr(surveys, "open_frame", count)
    many = Catalogue(tuple(f"o{i}" for i in range(40)), 10.0 + np.linspace(-5e-4, 5e-4, 40), np.full(40, 20.0))
    assert cut(frames, many).cutouts == 200
    assert opened == frames


def test_epochs_are_named_apart(tmp_path):
    paths = [Path("x/a.fits"), Path("y/a.fits.fz"), Path("y/b.fit"), Path("z/x/a.fits"), Path("z/y/a.fits")]
    assert name_epochs(paths[:3]) == ["x_a.fits", "y_a.fits", "b.fits"]
    assert len(set(name_epochs(paths))) == 5


@pytest.mark.parametrize("size", [0, 4, 100_000])
def test_sizes_without_a_meaning_are_refused(size):
    with pytest.raises(SettingError, match="pixels a side"):
        CutSettings(size)


def test_spoilt_frames_are_statuses_and_never_crash(cut, tmp_path, frames, spoil):
    contents = frames[0].read_bytes()
    spoilt = []
    for i in range(30):
        spoilt.append(tmp_path / "spoilt" / f"s{i:02d}.fits")
        spoilt[-1].parent.mkdir(exist_ok=True)
        spoilt[-1].write_bytes(spoil(contents, 6000))
    survey = cut([*frames, *spoilt])
    series = survey.sources[0].read()
    assert len(series) >= 5 + len(survey.wrong)
    assert all(epoch.usable == (epoch.file not in survey.wrong) or epoch.usable for epoch in series.epochs)


def test_an_absurd_chip_is_refused_before_memory_is_spent(cut, tmp_path, frames):
    contents = bytearray(frames[0].read_bytes())
    at = contents.index(b"NAXIS1  =                   60")
    contents[at : at + 30] = b"NAXIS1  =           9999999999"
    (tmp_path / "huge.fits").write_bytes(contents)
    survey = cut([*frames, tmp_path / "huge.fits"])
    assert "too large" in survey.wrong["huge.fits"]


def test_a_real_frame_with_sip_distortion_is_cut(cut, shared_data):
    path = shared_data / "trails" / "cutout_bi327715.fits"
    if not path.exists():
        pytest.skip("no real frame: ../shared/data/trails is absent")
    with fits.open(path) as hdus:
        image, header = hdus[0].data, hdus[0].header
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        wcs = WCS(header)
    ra, dec = wcs.all_pix2world([200.2, 399.0], [100.4, 50.0], 0)
    survey = cut([path], Catalogue(("middle", "edge"), ra, dec), size=21)
    middle, edge = (source.read() for source in survey.sources)
    np.testing.assert_array_equal(middle.cube[0], image[90:111, 190:211])
    assert np.isnan(edge.cube[0, :, 11:]).all()
    assert middle.epochs[0].mjd == pytest.approx(59173.045, abs=0.01)


@pytest.mark.parametrize("kind", [fits.ImageHDU, fits.CompImageHDU])
def test_only_the_pixels_of_one_chip_are_held_at_a_time(cut, tmp_path, monkeypatch, kind):
    path = write_frame(tmp_path / "a.fits", kind=kind)
    held = []
    real = surveys.place_objects

    def look(wcs, shape, catalogue):
        held.append(sum("data" in vars(hdu) for hdu in opened[0]))
        return real(wcs, shape, catalogue)

    opened = []
    listed = surveys.list_chips
    monkeypatch.setattr(surveys, "list_chips", lambda hdus, settings: opened.append(hdus) or listed(hdus, settings))
    monkeypatch.setattr(surveys, "place_objects", look)
    assert cut([path]).cutouts == 2
    assert held == [1, 1]
