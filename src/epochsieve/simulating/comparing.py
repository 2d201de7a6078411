"""Series with known truth, compared with what they should look like: the ground of all that is taught."""

from collections.abc import Iterable
from itertools import compress

from epochsieve.judging.expecting.comparison import Comparison
from epochsieve.judging.sieve import find_empty
from epochsieve.judging.units import compare_in_own_unit
from epochsieve.simulating.outcomes import Truth
from epochsieve.vocabulary.series import CutoutSeries


def compare_known(series: CutoutSeries, truth: Iterable[Truth]) -> tuple[Comparison, list[Truth | None]]:
    """Compare the epochs of a series, and look up what is known of each.

    Parameters
    ----------
    series : CutoutSeries
        The series.
    truth : iterable of Truth
        Of its epochs, by file name.

    Returns
    -------
    comparison : Comparison
        Of the usable epochs that show anything at all.
    known : list of Truth or None
        The truth about each of these; None where there is none.
    """
    cube = series.cube
    shown = ~find_empty(cube)
    comparison, _, _ = compare_in_own_unit(cube[shown], series.stack)
    told = {one.file: one for one in truth}
    epochs = compress(compress(series.epochs, series.usable), shown)
    return comparison, [told.get(epoch.file) for epoch in epochs]
