"""What may be tuned on, and what is reported, stay apart."""

from epochsieve.simulating.conditions import REPORT_SURVEYS, STRESSES, TUNING_SURVEYS, USUAL
from epochsieve.simulating.surveys import HELD_OUT, SURVEYS


def test_reported_surveys_are_the_held_out_ones_and_all_others_are_for_tuning():
    assert REPORT_SURVEYS == HELD_OUT
    assert (*TUNING_SURVEYS, *REPORT_SURVEYS) == tuple(SURVEYS)


def test_conditions_have_names_of_their_own():
    names = [condition.name for condition in (USUAL, *STRESSES)]
    assert len(set(names)) == len(names)
