"""Everything below a root that is a series, each as a source that can be read."""

from pathlib import Path

from epochsieve.reading.folders import FolderSource, find_series
from epochsieve.vocabulary.contracts import SeriesSource
from epochsieve.vocabulary.settings import ReadSettings


def find_sources(root: str | Path, settings: ReadSettings | None = None) -> list[SeriesSource]:
    """Find all series below a root.

    Parameters
    ----------
    root : str or Path
        A folder of object folders, one object's folder, or a glob pattern for either.
    settings : ReadSettings, optional
        How they are read.

    Returns
    -------
    list of SeriesSource
        Sorted by path.

    Raises
    ------
    NoSeriesError
        Where there are none.
    """
    return [FolderSource(folder, settings or ReadSettings()) for folder in find_series(root)]
