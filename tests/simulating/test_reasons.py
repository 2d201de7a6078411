"""Reasons: what was said of what, and whether it fits."""

import numpy as np

from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.metrics import Share
from epochsieve.simulating.outcomes import Outcomes
from epochsieve.simulating.reasons import FITTING, count_fitting, tabulate_reasons


def make_outcomes(*rows):
    """Make outcomes of rows (kind, bad, reasons), flagged where there are reasons."""
    kind, bad, reasons = (np.array(column, object) for column in zip(*rows, strict=True))
    blank = np.zeros(len(rows))
    flagged = reasons != ""
    return Outcomes(kind, kind, bad.astype(bool), blank, blank, np.ones(len(rows), bool), flagged, reasons)


def test_each_reason_and_each_epoch_without_one_is_counted_by_kind():
    table = tabulate_reasons(
        make_outcomes(
            ("blank", True, "blank,psf"),
            ("blank", True, "blank"),
            ("blank", True, ""),
            ("", False, ""),
            ("", False, "point"),
        )
    )
    assert table == {"blank": {"blank": 2, "psf": 1, "-": 1}, "good": {"-": 1, "point": 1}}


def test_reason_fits_where_any_of_an_epochs_reasons_does():
    shares = count_fitting(
        make_outcomes(
            ("satellite_trail", True, "trail,neighbour"),
            ("satellite_trail", True, "point"),
            ("satellite_trail", True, ""),
            ("defocus", True, "psf"),
        )
    )
    assert shares == {"satellite_trail": Share(1, 2), "defocus": Share(1, 1)}


def test_harmless_changes_have_no_fitting_reason():
    assert count_fitting(make_outcomes(("nova", False, "point"))) == {}


def test_every_simulated_defect_has_a_fitting_reason_and_no_other_has():
    assert set(FITTING) == set(DEFECTS)
