"""Every series below a root becomes a source."""

import gzip

import numpy as np
import pytest
from astropy.io import fits

from epochsieve.reading.heads import make_head, read_head
from epochsieve.reading.sources import find_source, find_sources
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.settings import ReadSettings


def test_every_folder_with_images_is_a_source_that_reads_as_it_was_told(write_image, tmp_path):
    for name in ("b/1.fits", "b/2.fits", "a/1.fits", "a/2.fits"):
        write_image(name)
    sources = find_sources(tmp_path, ReadSettings(stack="first"))
    assert [source.parts[-1] for source in sources] == ["a", "b"]
    series = sources[1].read()
    assert (series.name, series.stack_file, len(series)) == ("b", "1.fits", 1)


def test_a_root_without_series_is_refused(tmp_path):
    with pytest.raises(NoSeriesError):
        find_sources(tmp_path)


def test_the_one_series_of_a_place_is_found(write_image, tmp_path):
    write_image("survey/1.fits")
    write_image("survey/below/1.fits")
    assert find_source(tmp_path / "survey").parts[-1] == "survey"  # not the one below
    with pytest.raises(NoSeriesError):
        find_source(tmp_path / "gone").read()
    with pytest.raises(NoSeriesError):
        find_source(tmp_path / "survey" / "1.fits").read()


def test_a_place_of_several_series_needs_a_name(tmp_path):
    for name in "ab":
        fits.PrimaryHDU(np.ones((3, 4, 5), np.float32)).writeto(tmp_path / f"{name}.fits")
    assert find_source(tmp_path, name="north/b").parts[-1] == "b"
    with pytest.raises(NoSeriesError, match="2 series, but one is needed: a"):
        find_source(tmp_path)


def test_what_a_file_is_is_told_from_its_beginning_even_if_that_is_packed_or_broken(write_image, tmp_path):
    whole = write_image("a.fits").read_bytes()
    assert make_head(whole).is_plain_image
    assert make_head(gzip.compress(whole)).is_plain_image
    assert make_head(whole[:1000]).headers == ()
    assert make_head(gzip.compress(whole)[:9] + b"nonsense").contents == b""
    assert not read_head(tmp_path).is_fits
    assert not read_head(tmp_path / "gone").is_fits
