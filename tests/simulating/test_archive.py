import numpy as np
import pytest

from epochsieve.reading.folders import find_series, read_series
from epochsieve.simulating.archive import write_injected, write_series, write_survey
from epochsieve.simulating.specimens import list_injected
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.simulating.truth import read_truth


@pytest.mark.parametrize("name", ["coarse", "tiny", "night"])
def test_what_is_written_reads_back_the_same(name, tmp_path, rng):
    simulated = simulate_series(SURVEYS[name], rng, name="object", epochs=6, bad_fraction=0.5)
    series = read_series(write_series(simulated, tmp_path))
    np.testing.assert_array_equal(series.cube, simulated.series.cube)
    np.testing.assert_array_equal(series.stack, simulated.series.stack)
    assert series.stack_file == simulated.series.stack_file
    assert [e.file for e in series.epochs] == [t.file for t in simulated.truth]
    for read, written in zip(series.epochs, simulated.series.epochs, strict=True):
        assert read.mjd == pytest.approx(written.mjd, abs=1e-7)
        assert read.fwhm == pytest.approx(written.fwhm, nan_ok=True)


def test_a_survey_is_a_folder_per_object_and_a_table_of_truths(tmp_path):
    folders = list(write_survey(SURVEYS["sparse"], 3, 7, tmp_path))
    assert find_series(tmp_path) == folders
    truth = read_truth(tmp_path)
    assert list(truth) == [folder.name for folder in folders]
    assert [len(t) for t in truth.values()] == [10, 10, 10]


def test_a_longer_survey_begins_with_the_same_objects(tmp_path):
    short = list(write_survey(SURVEYS["sparse"], 1, 7, tmp_path / "short", epochs=4))
    long = list(write_survey(SURVEYS["sparse"], 2, 7, tmp_path / "long", epochs=4))
    np.testing.assert_array_equal(read_series(short[0]).cube, read_series(long[0]).cube)


def test_a_series_without_a_given_stack_has_no_stack_file(tmp_path, rng):
    folder = write_series(simulate_series(SURVEYS["sparse"], rng, epochs=4, given_stack=False), tmp_path)
    assert len(list(folder.iterdir())) == 4


def test_injected_series_are_written_without_the_epochs_that_have_no_image(tmp_path, rng):
    folder = write_series(simulate_series(SURVEYS["sparse"], rng, name="real"), tmp_path / "in")
    broken = sorted(folder.iterdir())[3]
    broken.write_text("no image")
    (written,) = write_injected(list_injected(folder, seed=1, bad_fraction=0.5), tmp_path / "out")
    truth = read_truth(tmp_path / "out")[written.name]
    series = read_series(written)
    assert [epoch.file for epoch in series.epochs] == [t.file for t in truth]
    assert broken.name not in {t.file for t in truth}
    original = {epoch.file: epoch.pixels for epoch in read_series(folder).epochs}
    changed = [not np.array_equal(epoch.pixels, original[epoch.file], equal_nan=True) for epoch in series.epochs]
    assert changed == [t.kind != "" for t in truth]
    assert sum(changed) > 3
