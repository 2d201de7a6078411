"""What Python users call; the package's facade offers these functions."""

import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochsieve.methods import open_method
from epochsieve.reading.arrays import as_series
from epochsieve.reading.sources import find_source, find_sources
from epochsieve.revisiting import read_again, reopen_method
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings, concatenate_findings
from epochsieve.vocabulary.series import CutoutSeries
from epochsieve.vocabulary.settings import ReadSettings
from epochsieve.writing.store import read_findings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["as_series", "read_findings", "read_series", "search_outliers", "show", "sieve"]

_log = logging.getLogger(__name__)


def read_series(  # noqa: PLR0913 - one parameter per setting
    folder: str | Path,
    *,
    stack: str = "auto",
    hdu: str = "",
    time_key: str = "",
    mask_hdu: str = "",
    weight_hdu: str = "",
    name: str = "",
) -> CutoutSeries:
    """Read one object's cutouts.

    Parameters
    ----------
    folder : str or Path
        Folder with a FITS image per epoch, and usually a stacked one; or a file with a whole series: a target pixel
        file of Kepler, K2 or TESS, a FITS cube, an alert packet, an archive of folders or a Parquet table of cutouts;
        or the address of one of these in a store.
    stack : str, optional
        Which image is the stack: ``"auto"``, ``"first"`` (by name), ``"median"`` (none is: made from the epochs) or
        a glob pattern.
    hdu : str, optional
        Name or number of the HDU with the image; the first that holds one if left out.
    time_key : str, optional
        Header key of the mid-exposure time.
    mask_hdu : str, optional
        Name or number of the HDU with a mask: pixels that are not zero there are missing.
    weight_hdu : str, optional
        Name or number of the HDU with weights, the inverse variances of the pixels.
    name : str, optional
        The object's name, where a file or folder holds several. In a table, the names above are those of columns.

    Returns
    -------
    CutoutSeries
        Every image but the stack is an epoch of it, unreadable ones with a status.

    Raises
    ------
    NoSeriesError
        Where the folder is missing or has no images.
    ImageError
        Where a file is broken.
    """
    return find_source(folder, ReadSettings(stack, hdu, time_key, mask_hdu, weight_hdu), name).read()


def sieve(
    images: Any,
    *,
    method: str = "sieve",
    embedder: str | Path | None = None,
    device: str = "cpu",
    **settings: Any,
) -> Findings:
    """Judge every epoch of a series.

    Parameters
    ----------
    images : CutoutSeries, str, Path, or array_like
        A series; a folder of images, or of such folders; a file with a whole series; the address of one of these in a
        store, as ``s3://bucket/survey``; or images in memory, as `as_series` takes them.
    method : str, optional
        ``"sieve"``, or ``"paper"`` for the published one.
    embedder : str or Path, optional
        The name of a shipped or added network, ``NAME/LAYER`` for one of its layers, or an ONNX file.
    device : str, optional
        Where networks run: ``"cpu"``, ``"cuda"`` for a graphics card, or ``"auto"`` for one where there is one.
    **settings
        The method's: `false_alarm` (a number, ``"none"``, ``"default"`` or ``"hard"``), `flag_seeing` and `calibration`
        (a file that ``epochsieve calibrate`` wrote) of ``"sieve"``, `size` and `rescale` of ``"paper"``.

    Returns
    -------
    Findings
        One row per epoch.

    Raises
    ------
    NoSeriesError
        Where there are no images.
    SettingError
        Where the method has no such setting.
    """
    judge = open_method(method, embedder, device, **settings)
    if isinstance(images, CutoutSeries):
        return judge.judge(images)
    if isinstance(images, str | os.PathLike):
        return concatenate_findings(judge.judge(source.read()) for source in find_sources(os.fspath(images)))
    return judge.judge(as_series(images))


def show(findings: Findings, series: str | CutoutSeries | None = None) -> "Figure":
    """Draw one object's scores, and its flagged epochs beside what was expected of them.

    Parameters
    ----------
    findings : Findings
        From `sieve` or `read_findings`.
    series : str or CutoutSeries, optional
        An object's name, whose images are then read again from where they were; or its images. May be left out
        where findings are of one object only.

    Returns
    -------
    matplotlib.figure.Figure
        A notebook displays it; ``savefig`` writes it.

    Raises
    ------
    SettingError
        Where it is not clear which object is meant, or its images are not known.
    """
    from epochsieve.showing.plots import show as draw

    method = reopen_method(findings.settings)
    shown = series if isinstance(series, CutoutSeries) else read_again(findings, _choose_object(findings, series))
    return draw(findings, shown, method.explain(shown))


def search_outliers(
    objpath: str | Path,
    rootpath: str | Path = "",
    size: int = 0,
    plot: bool = False,
    timeStamp: bool = False,  # noqa: N803
    doScale: bool = False,  # noqa: N803
) -> list[str]:
    """Search an object's images for outliers, as the published notebook's function of this name does.

    The stack is the first image by name; the method is the paper's.

    Parameters
    ----------
    objpath : str or Path
        The object's folder.
    rootpath : str or Path, optional
        The folder that it is in.
    size : int, optional
        Side in pixels to which cutouts are cropped; 0 for the whole of them.
    plot : bool, optional
        Show the histogram of distances and the flagged images on the screen.
    timeStamp : bool, optional
        Log how long each step took.
    doScale : bool, optional
        Scale every image, column by column, by the stack's range.

    Returns
    -------
    list of str
        File names of the flagged epochs.

    Raises
    ------
    NoSeriesError
        Where the folder is missing or has no images.
    """
    clock = _Clock()
    series = read_series(Path(rootpath) / objpath, stack="first")
    clock.tick("images read")
    method = open_method("paper", size=size, rescale=doScale)
    findings = method.judge(series)
    clock.tick("distances measured")
    if plot:
        from epochsieve.showing.plots import show as draw

        _put_on_screen(draw(findings, series, method.explain(series)))
        clock.tick("plots drawn")
    if timeStamp:
        clock.tell()
    return [str(file) for file in findings["file"][findings["flagged"]]]


def _choose_object(findings: Findings, name: str | None) -> str:
    """Choose the object that is meant; the only one where none is named."""
    objects = list(dict.fromkeys(findings["object"]))
    if name is None and len(objects) != 1:
        raise SettingError(f"findings of {len(objects)} objects: say which to show")
    chosen = objects[0] if name is None else name
    if chosen not in objects:
        raise SettingError(f"no object {chosen!r} in these findings")
    return str(chosen)


def _put_on_screen(figure: "Figure") -> None:
    """Show a picture in a window or a notebook, whichever matplotlib is set up for."""
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    screen = plt.figure(figsize=figure.get_size_inches(), dpi=figure.dpi)
    screen.figimage(canvas.buffer_rgba())
    plt.show()


class _Clock:
    """Times steps that follow each other."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._steps: list[tuple[str, float]] = []

    def tick(self, step: str) -> None:
        """Note the end of a step."""
        self._steps.append((step, time.perf_counter()))

    def tell(self) -> None:
        """Log the steps, loud enough to be seen where logging was never set up, for it was asked for."""
        before = self._started
        for step, moment in self._steps:
            _log.warning("%s after %.2f s", step, moment - before)
            before = moment
