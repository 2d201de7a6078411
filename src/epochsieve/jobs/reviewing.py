"""The review of a results folder: findings, images, verdicts and what they teach, on one desk."""

import hashlib
from functools import partial

from epochsieve.jobs.learning import learn, recall_lesson
from epochsieve.places.place import Place, find_local
from epochsieve.reviewing.album import Album
from epochsieve.reviewing.desk import Desk, Setting
from epochsieve.reviewing.verdicts import VERDICTS_FILE, VerdictBook, name_person
from epochsieve.revisiting import make_explainer, read_again
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.writing.catalogue import Catalogue, read_catalogue
from epochsieve.writing.glances import read_version
from epochsieve.writing.part_files import find_parts


def open_desk(results: Place, person: str = "") -> Desk:
    """Open a results folder for review.

    Parameters
    ----------
    results : Path or RemotePath
        The folder that ``epochsieve sieve`` wrote.
    person : str, optional
        Who gives verdicts; the user's name where left out.

    Returns
    -------
    Desk
        Images are read from where they were when something is shown.

    Raises
    ------
    ResultsError
        Where there are no findings, or the verdicts can't be read.
    """
    results = find_local(results, "what is reviewed")
    catalogue = read_catalogue(results)
    book = VerdictBook(results / VERDICTS_FILE)
    identity = hashlib.sha256(str(results.resolve()).encode()).hexdigest()[:16]
    who = person or name_person()
    setting = Setting(
        results.resolve().name,
        identity,
        read_version(find_parts(results)[0]),
        who,
        lambda: learn(results, catalogue).lesson,
    )
    album = Album(partial(_read_object, catalogue), make_explainer(catalogue.read(0).settings))
    return Desk(catalogue, album, book, setting, recall_lesson(results, catalogue))


def _read_object(catalogue: Catalogue, number: int) -> CutoutSeries:
    """Read an object's images again."""
    return read_again(catalogue.read(number), str(catalogue.names[number]))
