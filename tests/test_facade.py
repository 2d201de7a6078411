import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.nddata import CCDData, NDData

import epochsieve as es
from epochsieve.vocabulary.errors import NoSeriesError, SettingError


@pytest.fixture
def cube(rng: np.random.Generator) -> np.ndarray:
    """Six epochs, the fourth with a bright square."""
    images = rng.normal(size=(6, 16, 16)).astype(np.float32)
    images[:, 6:9, 6:9] += 100
    images[3, :5, 10:] += 150
    return images


@pytest.fixture
def folder(tmp_path: Path, cube: np.ndarray) -> Path:
    """The same as files, the stack first by name, each with its time."""
    (tmp_path / "0070").mkdir()
    for i, image in enumerate([np.median(cube, axis=0), *cube]):
        header = fits.Header({"MJD-AVG": 60000.0 + i})
        fits.writeto(tmp_path / "0070" / f"0070_{i:02d}.fits", image, header)
    return tmp_path / "0070"


def test_the_facade_is_a_few_names() -> None:
    assert sorted(es.__all__) == [
        "CutoutSeries",
        "Findings",
        "Flag",
        "__version__",
        "as_series",
        "read_findings",
        "read_series",
        "review",
        "search_outliers",
        "show",
        "sieve",
    ]
    assert dir(es) == sorted(es.__all__)
    assert all(getattr(es, name) is not None for name in es.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'epochsieve' has no attribute 'judge'"):
        _ = es.judge


def test_importing_the_package_loads_nothing_beside_it_and_the_standard_library() -> None:
    report = "import sys; before = set(sys.modules); import epochsieve; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True).stdout.split()
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"epochsieve"}
    assert not any(name.startswith("epochsieve.") for name in loaded)


def test_five_lines_go_from_a_folder_to_flagged_epochs(folder: Path) -> None:
    series = es.read_series(folder)
    findings = es.sieve(series, method="paper")
    assert findings.flagged.shape == (6,)
    assert list(findings.file) == [f"0070_{i:02d}.fits" for i in range(1, 7)]
    assert findings.settings["method"] == "paper"


def test_a_folder_and_its_series_are_judged_alike(folder: Path) -> None:
    by_series = es.sieve(es.read_series(folder), method="paper")
    for place in (folder, str(folder), folder.parent):
        np.testing.assert_array_equal(es.sieve(place, method="paper")["score"], by_series["score"])


def test_images_in_memory_are_judged_alike_whatever_holds_them(cube: np.ndarray) -> None:
    scores = es.sieve(cube, method="paper")["score"]
    assert scores.argmax() == 3
    held = (list(cube), [NDData(image) for image in cube], [CCDData(image, unit="adu") for image in cube])
    for images in held:
        np.testing.assert_array_equal(es.sieve(images, method="paper")["score"], scores)


def test_settings_go_to_the_method(cube: np.ndarray) -> None:
    findings = es.sieve(cube, method="paper", size=8)
    assert findings.settings["settings"] == {"size": 8, "rescale": False}
    with pytest.raises(SettingError, match="paper has no setting false_alarm"):
        es.sieve(cube, method="paper", false_alarm=0.1)
    with pytest.raises(SettingError, match="no method 'magic'"):
        es.sieve(cube, method="magic")


def test_showing_reads_the_images_again_from_where_they_were(folder: Path) -> None:
    findings = es.sieve(folder, method="paper")
    assert es.show(findings).get_size_inches().min() > 0
    assert es.show(findings, "0070").get_size_inches().min() > 0


def test_showing_takes_a_series_that_never_was_in_a_folder(cube: np.ndarray) -> None:
    series = es.as_series(cube)
    findings = es.sieve(series, method="paper")
    assert es.show(findings, series).get_size_inches().min() > 0
    with pytest.raises(SettingError, match="never in a folder"):
        es.show(findings)


def test_showing_an_object_that_is_not_there_says_so(folder: Path) -> None:
    with pytest.raises(SettingError, match="no object '0071'"):
        es.show(es.sieve(folder, method="paper"), "0071")
    with pytest.raises(SettingError, match="which method"):
        es.show(es.Findings({"object": ["0070"]}))


def test_the_notebooks_call_gives_its_list_of_file_names(folder: Path) -> None:
    findings = es.sieve(es.read_series(folder, stack="first"), method="paper")
    flagged = list(findings["file"][findings["flagged"]])
    assert "0070_04.fits" in flagged
    assert es.search_outliers("0070", rootpath=folder.parent) == flagged
    assert es.search_outliers(str(folder), "", 0, False, False, False) == flagged


def test_the_notebooks_options_do_what_they_say(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import matplotlib.pyplot as plt

    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    es.search_outliers(folder, plot=True, timeStamp=True)
    assert len(shown) == 1
    plt.close("all")
    assert [record.getMessage().split(" after")[0] for record in caplog.records if "after" in record.getMessage()] == [
        "images read",
        "distances measured",
        "plots drawn",
    ]
    rescaled = es.sieve(es.read_series(folder, stack="first"), method="paper", rescale=True, size=12)
    flagged = list(rescaled["file"][rescaled["flagged"]])
    assert es.search_outliers(folder, size=12, doScale=True) == flagged


def test_a_missing_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(NoSeriesError, match="0071"):
        es.search_outliers("0071", rootpath=tmp_path)


def test_the_published_result_comes_back_on_the_real_series(shared_data: Path) -> None:
    flagged = es.search_outliers("0070", rootpath=shared_data / "vst")
    assert len(flagged) == 27
    assert {"0070_02.fits", "0070_32.fits", "0070_34.fits"} <= set(flagged)


def test_the_documentation_lists_all_that_the_package_offers() -> None:
    page = Path(__file__).parents[1] / "docs" / "api.md"
    if not page.exists():
        pytest.skip("needs a checkout")
    listed = {line.strip() for line in page.read_text().splitlines()}
    assert set(es.__all__) - {"__version__"} - listed == set()
