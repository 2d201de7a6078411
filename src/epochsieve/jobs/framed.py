"""A run on whole frames: the objects of a catalogue are cut out, judged, and the cutouts let go."""

from dataclasses import replace
from pathlib import Path

from epochsieve.jobs.catalogues import CatalogueColumns
from epochsieve.jobs.cutting import CutRequest, cut_to_scratch
from epochsieve.jobs.runs import Progress, SieveRequest, sieve_to_disk
from epochsieve.reading.frames.survey import CutSurvey
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.settings import CutSettings
from epochsieve.writing.provenance import RunRecord


def ask_for_cutouts(
    request: SieveRequest, catalogue: Path | None, size: int | None, align: bool, columns: CatalogueColumns
) -> CutRequest | None:
    """Put together what is to be cut before a run.

    Parameters
    ----------
    request : SieveRequest
        The run; its roots are the frames.
    catalogue : Path or None
        The objects; None where the roots hold series already.
    size : int or None
        Side of the cutouts, pixels.
    align : bool
        Whether each object's cutouts are put on one grid.
    columns : CatalogueColumns
        The catalogue's columns that the user names.

    Returns
    -------
    CutRequest or None
        None where nothing is to be cut.

    Raises
    ------
    SettingError
        Where there is a catalogue without a size, or the other way round.
    """
    if catalogue is None:
        if align or columns != CatalogueColumns():
            raise SettingError("--align, --id, --ra and --dec go with --catalogue")
        return None
    if size is None:
        raise SettingError("--catalogue needs --size, the side of the cutouts in pixels")
    return CutRequest(request.roots, catalogue, CutSettings(size, align, request.reading), columns)


def sieve_frames(
    request: SieveRequest, asked: CutRequest | None, cutting: Progress, progress: Progress
) -> tuple[RunRecord, CutSurvey | None]:
    """Judge all objects of a run, after they were cut out of frames where that was asked for.

    Parameters
    ----------
    request : SieveRequest
        The run.
    asked : CutRequest or None
        What is to be cut before.
    cutting, progress : Progress
        Told how far the frames are, and then the objects.

    Returns
    -------
    record : RunRecord
        What stands in ``run.json``.
    survey : CutSurvey or None
        What came of the cutting.
    """
    if asked is None:
        return sieve_to_disk(request, progress), None
    facts = {"size": asked.settings.size, "align": asked.settings.align}
    with cut_to_scratch(asked, cutting.start, cutting.advance) as survey:
        return sieve_to_disk(replace(request, sources=survey.sources, cutting=facts), progress), survey
