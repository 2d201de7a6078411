"""Every series below a root becomes a source."""

import pytest

from epochsieve.reading.sources import find_sources
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
