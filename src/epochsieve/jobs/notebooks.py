"""A review in a notebook."""

import hashlib
import logging
import os
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve import __version__
from epochsieve.jobs.reviewing import open_desk
from epochsieve.reviewing.album import Album
from epochsieve.reviewing.desk import Desk, Setting
from epochsieve.reviewing.verdicts import VerdictBook, name_person
from epochsieve.revisiting import make_explainer, read_again
from epochsieve.vocabulary.errors import EpochsieveError, SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.catalogue import Catalogue, list_findings

_log = logging.getLogger(__name__)


def review(
    findings: Findings | str | os.PathLike[str],
    series: CutoutSeries | Iterable[CutoutSeries] = (),
    *,
    verdicts: str | Path | None = None,
    person: str = "",
) -> Any:
    """Look at epochs in a notebook, and say which are bad.

    Parameters
    ----------
    findings : Findings, str or Path
        Findings, or a results folder, whose verdicts are then kept in it.
    series : CutoutSeries or iterable of them, optional
        Images of the findings' objects; those of others are read again from where they were.
    verdicts : str or Path, optional
        Database to keep verdicts in; in memory where left out, in the folder where there is one.
    person : str, optional
        Who gives them; the user's name where left out.

    Returns
    -------
    ReviewWidget or matplotlib.figure.Figure
        What a notebook displays; ``.desk.book.list_standing()`` gives the verdicts. Where anywidget is not installed, a
        picture of the object with the worst epoch stands in.

    Raises
    ------
    SettingError
        Where there are no epochs, or no images to draw that picture from.
    """
    if isinstance(findings, Findings):
        given = [series] if isinstance(series, CutoutSeries) else list(series)
        desk = _open_in_memory(findings, {one.name: one for one in given}, verdicts, person)
    else:
        desk = open_desk(Path(findings), person)
    if not len(desk.catalogue):
        raise SettingError("no epochs to review")
    try:
        from epochsieve.reviewing.widget import ReviewWidget
    except ImportError:
        _log.warning("a review in a notebook needs anywidget (python -m pip install 'epochsieve[notebook]')")
        return _draw_worst(desk)
    return ReviewWidget(desk, lambda: _draw_png(desk))


def _open_in_memory(
    findings: Findings, given: Mapping[str, CutoutSeries], verdicts: str | Path | None, person: str
) -> Desk:
    """Open findings that are in no folder for review."""
    catalogue = list_findings(findings)

    def read(number: int) -> CutoutSeries:
        """Give an object's images, or read them again."""
        name = str(catalogue.names[number])
        return given[name] if name in given else read_again(findings, name)

    objects = ", ".join(map(str, catalogue.names[:3])) + (", ..." if len(catalogue.names) > 3 else "")  # noqa: PLR2004
    identity = hashlib.sha256("\n".join(map(str, catalogue.names)).encode()).hexdigest()[:16]
    setting = Setting(objects, identity, __version__, person or name_person())
    book = VerdictBook(None if verdicts is None else Path(verdicts))
    return Desk(catalogue, Album(read, make_explainer(findings.settings)), book, setting)


def _draw_worst(desk: Desk) -> Any:
    """Draw the object with the worst epoch."""
    from epochsieve.showing.plots import show

    number = _find_worst(desk.catalogue)
    findings = desk.catalogue.read(number)
    return show(findings, desk.album.take_shots(number).series, desk.album.take_compared(number).explanation)


def _draw_png(desk: Desk) -> bytes:
    """Draw the same as PNG, or nothing but a pixel where its images are gone."""
    from epochsieve.vocabulary.displays import encode_png

    try:
        file = BytesIO()
        _draw_worst(desk).savefig(file, format="png")
        return file.getvalue()
    except EpochsieveError as error:
        _log.info("no picture: %s", error)
        return encode_png(np.full((1, 1, 3), 255, np.uint8))


def _find_worst(catalogue: Catalogue) -> int:
    """Find the object with the worst epoch."""
    return catalogue.find_object(int(np.nan_to_num(catalogue.score, nan=-np.inf).argmax()))
