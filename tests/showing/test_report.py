"""The report: right numbers, one file, bounded size, names that are only names."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from epochsieve.showing.report.page import Report, render_report
from epochsieve.showing.report.sections import MOST_EPOCHS, Section, make_section
from epochsieve.showing.report.stamps import LARGEST, draw_stamp, shrink
from epochsieve.showing.report.survey import choose_objects, choose_worst, sum_up_survey
from epochsieve.showing.stretch import Stretch
from epochsieve.vocabulary.contracts import Explanation
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.catalogue import Catalogue, list_findings

SERIES = 20


def find_in(name: str, rows: int = SERIES, worst: float = 9.0) -> Findings:
    number = np.arange(rows)
    score = np.where(number % 2, worst - number / 100, 0.1)
    columns = {
        "object": [name] * rows,
        "file": [f"field_{n + 1:03d}.fits" for n in number],
        "epoch": number + 1,
        "mjd": 60000.0 + number,
        "score": score,
        "threshold": [2.0] * rows,
        "flagged": score >= 2,
        "flags": np.where(score >= 2, int(Flag.TRAIL), 0),
        "reasons": np.where(score >= 2, "trail", ""),
        "x": 3.0 + 0 * score,
        "y": 5.0 + 0 * score,
        "flux": 100.0 + number,
        "flux_error": 1.0 + 0 * score,
        "fwhm": 3 + number / 10,
        "background": 10.0 + number,
        "status": ["ok"] * rows,
    }
    return Findings(columns, {"method": "sieve"})


def catalogue_of(*parts: Findings) -> Catalogue:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
    findings = Findings(columns)
    return replace(list_findings(findings), more={"fwhm": findings["fwhm"], "background": findings["background"]})


def explain(series: CutoutSeries) -> Explanation:
    return Explanation(np.broadcast_to(series.stack, series.cube.shape).copy(), series.cube - series.stack)


def render(sections: list[Section], catalogue: Catalogue, title: str = "survey") -> str:
    worst = [{**row, "verdict": ""} for row in catalogue.read(0).rows()]
    return render_report(Report(title, sum_up_survey(catalogue), worst, sections, {"bad": 3}, {"epochsieve": "0.1.0"}))


class _Addresses(HTMLParser):
    """Collects what a page would load, and counts tags that were opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.loaded += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]

    def handle_endtag(self, tag: str) -> None:
        self.tags[tag] -= 1


def test_the_numbers_are_those_of_the_findings() -> None:
    survey = sum_up_survey(catalogue_of(find_in("a"), find_in("b", 10, 5.0)))
    assert (survey.objects, survey.epochs, survey.flagged, survey.touched, survey.unreadable) == (2, 30, 15, 2, 0)
    assert [(name, number) for name, _, number in survey.reasons] == [("trail", 15)]
    assert survey.counts.sum() == 30
    for trend in (survey.nights, survey.seeing, survey.background):
        assert trend.epochs.sum() == 30
        np.testing.assert_allclose(trend.fraction @ trend.epochs, 15)


def test_bad_nights_stand_out() -> None:
    findings = find_in("a", 400)
    night = np.floor(findings["mjd"] / 100)
    columns = {**findings.columns, "flagged": night == night[200], "mjd": 60000 + night}
    trend = sum_up_survey(catalogue_of(Findings(columns))).nights
    assert trend.fraction.max() == 1
    assert (trend.fraction == 1).sum() == 1


def test_the_worst_epochs_and_objects_come_first() -> None:
    catalogue = catalogue_of(find_in("mild", 10, 5.0), find_in("wild"))
    worst = choose_worst(catalogue, 3)
    assert catalogue.score[worst].tolist() == pytest.approx([8.99, 8.97, 8.95])
    assert [catalogue.names[number] for number in choose_objects(catalogue, 2)] == ["wild", "mild"]
    assert len(choose_objects(catalogue, 1)) == 1


def test_a_section_shows_the_worst_epochs_beside_what_was_expected(make_series: Callable[..., CutoutSeries]) -> None:
    series = make_series(SERIES)
    section = make_section(find_in("field"), (series, explain(series)), {"field_002.fits": "bad"})
    assert [shown.file for shown in section.triptychs] == [
        f"field_{n:03d}.fits" for n in range(2, 2 * MOST_EPOCHS + 1, 2)
    ]
    assert section.triptychs[0].verdict == "bad"
    assert section.triptychs[0].mark == pytest.approx((100 * 3.5 / 31, 100 * (1 - 5.5 / 31)), abs=0.1)
    assert len(set(section.triptychs[0].images)) == 3
    assert 'class="spoilt"' in section.curve
    assert 'class="bar over"' in section.histogram


def test_the_page_loads_nothing_and_closes_what_it_opens(make_series: Callable[..., CutoutSeries]) -> None:
    series = make_series(SERIES)
    page = render([make_section(find_in("a"), (series, explain(series)), {})], catalogue_of(find_in("a")))
    parser = _Addresses()
    parser.feed(page)
    assert parser.loaded
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in parser.loaded)
    assert not re.search(r"@import|url\(|<script", page)
    assert {tag for tag, number in parser.tags.items() if number} <= {"meta", "img", "path", "circle", "rect", "line"}


def test_names_are_never_taken_for_markup() -> None:
    wicked = '<img src=x onerror=alert(1)>"&'
    findings = find_in(wicked)
    section = make_section(findings, "<b>gone</b>", {})
    page = render([section], catalogue_of(findings), title=wicked)
    assert "<img" not in page
    assert "<b>gone" not in page
    assert "&lt;img src=x onerror" in page


def test_size_does_not_grow_with_images_or_epochs(make_series: Callable[..., CutoutSeries]) -> None:
    large = shrink(np.arange(1000 * 700, dtype=np.float32).reshape(1000, 700))
    assert max(large.shape) <= LARGEST
    series = make_series(400, (9, 9))
    section = make_section(find_in("field", 400), (series, explain(series)), {})
    assert len(section.triptychs) == MOST_EPOCHS


def test_shrinking_keeps_means_and_lets_missing_pixels_not_count() -> None:
    image = np.ones((LARGEST * 2, LARGEST * 2), np.float32)
    image[0, 0], image[2:4, 2:4] = np.nan, np.nan
    small = shrink(image)
    assert small[0, 0] == 1
    assert np.isnan(small[1, 1])
    assert np.isfinite(small).sum() == small.size - 1


def test_the_first_row_is_at_the_bottom_and_missing_pixels_are_yellow() -> None:
    from base64 import b64decode
    from io import BytesIO

    from matplotlib.image import imread

    image = np.full((3, 3), 0.0, np.float32)
    image[0, 0] = np.nan
    drawn = imread(BytesIO(b64decode(draw_stamp(image, Stretch(1, -1, 1)).partition(",")[2])))
    red, _, blue = drawn[2, 0, :3]
    assert red > blue + 0.3
    assert np.ptp(drawn[0, 0, :3]) == 0


def test_survey_without_anything_flagged_or_known_is_a_page_too() -> None:
    findings = Findings({"object": ["a"] * 3, "file": list("xyz"), "status": ["unreadable"] * 3})
    page = render([], catalogue_of(findings))
    assert "No times are known." in page
    assert "None is." in page
