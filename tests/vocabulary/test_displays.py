import re
from base64 import b64decode
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO

import numpy as np

from epochsieve.vocabulary.displays import MOST_IMAGES, MOST_ROWS, choose_evenly, encode_png
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries


def test_findings_show_the_flagged_and_worst_first_and_count_the_rest() -> None:
    score = np.arange(30.0)
    findings = Findings(
        {"object": ["a"] * 30, "file": [f"{i}.fits" for i in range(30)], "score": score, "flagged": score == 3}
    )
    shown = findings._repr_html_()
    assert re.findall(r"(\d+)\.fits", shown) == ["3", *map(str, range(29, 29 - MOST_ROWS + 1, -1))]
    assert f"and {30 - MOST_ROWS} more" in shown


def test_names_are_never_taken_for_markup() -> None:
    shown = Findings({"object": ["<script>alert(1)</script>"], "file": ["<b>"]})._repr_html_()
    assert "<script" not in shown
    assert "<b>" not in shown.replace("<b>Findings", "")


def test_no_findings_and_findings_without_scores_are_shown_too() -> None:
    assert "0 epochs" in Findings({})._repr_html_()
    assert "nan" in Findings({"object": ["a"], "file": ["x"]})._repr_html_()


def test_a_series_shows_its_stack_and_some_of_its_epochs(make_series: Callable[..., CutoutSeries]) -> None:
    series = make_series(40, edits={3: lambda _: None})
    shown = series._repr_html_()
    assert "field: 40 epochs, 1 unusable" in shown
    assert shown.count("<img") == MOST_IMAGES + 1
    assert "field_001.fits" in shown
    assert "field_040.fits" in shown
    HTMLParser().feed(shown)


def test_a_series_without_any_pixel_is_shown(make_series: Callable[..., CutoutSeries]) -> None:
    nothing = {place: lambda image: np.full_like(image, np.nan) for place in range(3)}
    assert make_series(3, edits=nothing)._repr_html_().count("<img") == 4


def test_the_images_are_png_files_that_others_read(rng: np.random.Generator) -> None:
    from matplotlib.image import imread

    pixels = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.round(255 * imread(BytesIO(encode_png(pixels)))).astype(np.uint8), pixels)


def test_bright_is_dark_and_the_first_row_is_at_the_bottom(make_series: Callable[..., CutoutSeries]) -> None:
    from matplotlib.image import imread

    def brighten(image: np.ndarray) -> np.ndarray:
        image[:4] += 500
        return image

    shown = make_series(1, edits={0: brighten})._repr_html_()
    drawn = imread(BytesIO(b64decode(re.findall(r"base64,([^\"]+)", shown)[1])))
    assert drawn[-4:].mean() < 0.3 < drawn[:4].mean()


def test_images_are_chosen_evenly() -> None:
    assert choose_evenly(0) == []
    assert choose_evenly(3) == [0, 1, 2]
    chosen = choose_evenly(100)
    assert (chosen[0], chosen[-1], len(chosen)) == (0, 99, MOST_IMAGES)
