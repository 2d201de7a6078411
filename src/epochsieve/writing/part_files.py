"""The files of the findings: what they are called, and which are there."""

import re

from epochsieve.places.place import Place
from epochsieve.vocabulary.errors import ResultsError
from epochsieve.writing.shard import WHOLE, Shard

FINDINGS_FOLDER = "findings"
"""Name of the Parquet dataset in a results folder."""

_NAME = re.compile(r"part-(?:s(?P<number>\d+)of(?P<total>\d+)-)?\d{5,}(?:-\d+)?\.parquet")


def name_part(shard: Shard, number: int, attempt: int = 0) -> str:
    """Name a part's file.

    Parameters
    ----------
    shard : Shard
        The share of the objects that the run has.
    number : int
        The place of the part's first object among all, so that runs agree without talking.
    attempt : int, optional
        How many parts have this number already.

    Returns
    -------
    str
        As ``part-0000100.parquet``.
    """
    return f"part-{shard.label}{number:07d}{f'-{attempt}' if attempt else ''}.parquet"


def find_parts(results: Place, shard: Shard = WHOLE) -> list[Place]:
    """List the parts of the findings in a results folder.

    Parameters
    ----------
    results : Path or RemotePath
        The results folder.
    shard : Shard, optional
        Only the parts of this share; all parts, if left out.

    Returns
    -------
    list of Path or RemotePath
        By name. Whatever else a user keeps in the folder stays his.

    Raises
    ------
    ResultsError
        Where the folder is in a store that can't be asked.
    """
    try:
        found = [path for path in (results / FINDINGS_FOLDER).glob("part-*.parquet") if _NAME.fullmatch(path.name)]
    except OSError as error:
        raise ResultsError(f"can't read {results}: {error.strerror or error}") from error
    if shard != WHOLE:
        found = [path for path in found if path.name.startswith(f"part-{shard.label}")]
    return sorted(found, key=lambda path: path.name)


def find_strangers(results: Place, shard: Shard) -> list[Place]:
    """List parts that a share can't stand beside: those of all objects, and those of shares of another number."""
    return [] if shard == WHOLE else [path for path in find_parts(results) if _count_shards(path) != shard.total]


def _count_shards(path: Place) -> int:
    """Tell of how many shares a part's is one."""
    match = _NAME.fullmatch(path.name)
    return int(match["total"] or 1) if match else 0
