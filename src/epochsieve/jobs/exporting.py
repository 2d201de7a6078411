"""Findings exported: one file in the format asked for, masks beside it, and word of them to TOPCAT and DS9."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from epochsieve import __version__
from epochsieve.exporting.regions import write_regions
from epochsieve.exporting.samp import TABLE_MESSAGES, send_files
from epochsieve.exporting.tables import ExtraColumn, lay_out_findings
from epochsieve.jobs.masking import write_masks
from epochsieve.places.place import Place, find_place
from epochsieve.reviewing.columns import VERDICT_COLUMNS, read_verdicts
from epochsieve.reviewing.verdicts import VERDICTS_FILE
from epochsieve.tables.files import make_table
from epochsieve.tables.formats import Format, name_format
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.writing.atomic import write_output
from epochsieve.writing.store import read_findings

REGIONS_SUFFIX = ".reg"
"""Of DS9's region files."""

MOST_IMAGES_SENT = 10
"""How many images are sent by SAMP, those with the highest scores: each opens in the receivers at once."""


@dataclass(frozen=True)
class ExportRequest:
    """What is to be exported.

    Attributes
    ----------
    results : Path or RemotePath
        The results folder.
    out : Path
        The file, whose name says the format.
    masks : Path or None
        Folder for mask images.
    samp : bool
        Whether table and images are sent to those who listen.
    """

    results: Place
    out: Path
    masks: Path | None = None
    samp: bool = False


@dataclass(frozen=True)
class ExportReport:
    """What was done.

    Attributes
    ----------
    rows, flagged : int
        Of the findings.
    verdicts : int
        Epochs that a person has judged.
    masks : tuple of Path
        Mask images written.
    no_mask : tuple of str
        Flagged epochs without one, and why.
    listeners, images_sent : int
        Programs that were told, and images sent.
    """

    rows: int
    flagged: int
    verdicts: int
    masks: tuple[Path, ...] = ()
    no_mask: tuple[str, ...] = ()
    listeners: int = 0
    images_sent: int = 0


def export_findings(request: ExportRequest) -> ExportReport:
    """Write findings in the format that the file's name says.

    Parameters
    ----------
    request : ExportRequest
        What to do.

    Returns
    -------
    ExportReport
        What was done.

    Raises
    ------
    InputError
        Where there are no findings, nowhere to write, no such format, or nobody listens.
    """
    kind = _choose_kind(request)
    findings = read_findings(request.results)
    extra = _read_verdict_columns(request.results, findings)
    _write_file(request.out, findings, extra, kind)
    masks, no_mask = write_masks(findings, request.masks) if request.masks else ((), ())
    images = _choose_images(findings) if request.samp else ()
    listeners = send_files(request.out, [*masks[:MOST_IMAGES_SENT], *images]) if request.samp else 0
    verdicts = int((extra[0][1] != "").sum()) if extra else 0
    sent = len(images) + len(masks[:MOST_IMAGES_SENT]) if request.samp else 0
    return ExportReport(len(findings), int(findings["flagged"].sum()), verdicts, masks, no_mask, listeners, sent)


def _choose_kind(request: ExportRequest) -> Format | None:
    """Choose the format by the file's name; None for regions."""
    if request.samp and request.out.suffix.lower() not in TABLE_MESSAGES:
        raise SettingError(f"--samp sends VOTable (.vot) and FITS tables, not {request.out.name}")
    if request.out.suffix.lower() == REGIONS_SUFFIX:
        return None
    kind = name_format(request.out)
    if kind is None:
        names = ", ".join(f".{known.value}" for known in Format)
        raise SettingError(f"{request.out}: the name must end in one of {names}, {REGIONS_SUFFIX}")
    return kind


def _read_verdict_columns(results: Place, findings: Findings) -> list[ExtraColumn]:
    """Read what people said of the epochs, where anybody did."""
    if not (results / VERDICTS_FILE).exists():
        return []
    values = read_verdicts(results, findings)
    return [(column, values[column.name]) for column in VERDICT_COLUMNS]


def _write_file(out: Path, findings: Findings, extra: list[ExtraColumn], kind: Format | None) -> None:
    """Write the file, whole or not at all."""
    if kind is None:
        text = write_regions(findings)
        write_output(out, lambda path: path.write_text(text, encoding="utf-8"))
    else:
        write_output(out, make_table(lay_out_findings(findings, __version__, extra), kind).write)


def _choose_images(findings: Findings) -> tuple[Path, ...]:
    """Choose the images of the worst epochs that are still there."""
    order = np.argsort(-np.nan_to_num(findings["score"], nan=-np.inf), kind="stable")
    flagged = (int(i) for i in order if findings["flagged"][i])
    places = (find_place(findings.origins.get(findings["object"][i], "")) / str(findings["file"][i]) for i in flagged)
    paths = (place for place in places if isinstance(place, Path))  # nobody else can open what is in a store
    there = (path for path in paths if path.is_absolute() and path.is_file())
    return tuple(path for path, _ in zip(there, range(MOST_IMAGES_SENT), strict=False))
