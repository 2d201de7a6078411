"""The report as one HTML file that needs nothing else: no network, no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from epochsieve.showing.ranking import count, write_date, write_number
from epochsieve.showing.report.charts import draw_bars, draw_chart, draw_limit, draw_points, lay_field, span
from epochsieve.showing.report.sections import Section
from epochsieve.showing.report.survey import Survey, Trend


@dataclass(frozen=True)
class Report:
    """All that stands in a report.

    Attributes
    ----------
    title : str
        Name of the results.
    survey : Survey
        The numbers at its top.
    worst : sequence of mapping
        The worst epochs: rows of findings, with ``verdict``.
    sections : sequence of Section
        The objects that are shown.
    verdicts : mapping of str to int
        How often people said what; empty where nobody has.
    provenance : mapping of str to str
        How the findings came about, line by line.
    """

    title: str
    survey: Survey
    worst: Sequence[Mapping[str, Any]]
    sections: Sequence[Section]
    verdicts: Mapping[str, int]
    provenance: Mapping[str, str]


def render_report(report: Report) -> str:
    """Render a report.

    Parameters
    ----------
    report : Report
        What stands in it.

    Returns
    -------
    str
        HTML; names and texts are escaped.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    templates = files(__package__).joinpath("templates")
    environment = Environment(
        loader=FunctionLoader(lambda name: templates.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": write_number, "date": write_date, "svg": Markup, "count": count}
    shown = {section.name for section in report.sections}
    style = Markup(environment.get_template("report.css").render())  # noqa: S704 - the style sheet is ours
    return environment.get_template("report.html").render(
        report=report, survey=report.survey, charts=_draw_charts(report.survey), shown=shown, style=style
    )


def _draw_charts(survey: Survey) -> dict[str, str]:
    """Draw the charts of the summary."""
    return {
        "scores": _draw_scores(survey),
        "nights": _draw_trend(survey.nights, "MJD", 1080, 190),
        "seeing": _draw_trend(survey.seeing, "seeing, FWHM in pixels", 350, 190),
        "background": _draw_trend(survey.background, "sigmas above the object's usual one", 350, 190),
    }


def _draw_scores(survey: Survey) -> str:
    """Draw all scores as a histogram, by the logarithm of their numbers."""
    heights = np.where(survey.counts > 0, np.log10(np.maximum(survey.counts, 1)) + 0.15, 0)
    field = lay_field(
        350, 190, (float(survey.edges[0]), float(survey.edges[-1])), (0, float(heights.max()) * 1.08 or 1.0)
    )
    marks = draw_bars(field, survey.edges.tolist(), heights.tolist(), survey.threshold)
    marks += draw_limit(field, survey.threshold, f"threshold {write_number(survey.threshold)}")
    return draw_chart(field, marks, "histogram of all scores", "score; upwards: log10 of epochs")


def _draw_trend(trend: Trend, name: str, width: int, height: int) -> str:
    """Draw the flagged fraction against something; points far above the whole stand out."""
    if not len(trend.where):
        return ""
    top = min(1.0, max(0.05, float(trend.fraction.max()) * 1.1))
    field = lay_field(width, height, span(trend.where, 0.02), (0, top))
    marks = draw_points(field, trend.where, trend.fraction, trend.error, _find_classes(trend))
    return draw_chart(field, marks, f"flagged fraction against {name}", name, percent=True)


def _find_classes(trend: Trend) -> list[str]:
    """Mark groups whose flagged fraction is three of its standard errors, and twice the whole, above the whole."""
    whole = float((trend.fraction * trend.epochs).sum() / trend.epochs.sum())
    error = np.sqrt(max(whole * (1 - whole), 1e-12) / trend.epochs)
    high = (trend.fraction > whole + 3 * error) & (trend.fraction > 2 * whole)
    return ["flagged" if outlying else "dot" for outlying in high]
