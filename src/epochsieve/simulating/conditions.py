"""Under which conditions methods are measured, and on what they may be tuned."""

from dataclasses import dataclass

from epochsieve.simulating.surveys import HELD_OUT, SURVEYS

TUNING_SEEDS = range(1000)
"""Seeds that methods may be tuned on."""

REPORT_SEEDS = range(1000, 2000)
"""Seeds that results are reported for, and no method may be tuned on."""

TUNING_SURVEYS = tuple(name for name in SURVEYS if name not in HELD_OUT)
"""Surveys that methods may be tuned on; each was looked at while the default method was developed."""

REPORT_SURVEYS = HELD_OUT
"""Surveys that no method may be tuned on. They were added when the default method had been developed on the others, and
checked without it. Their skies, telescopes and defects come from the same simulator, so they tell how a method carries
over to other surveys, not to defects of another nature."""


@dataclass(frozen=True)
class Condition:
    """What is different from a survey's usual series.

    Attributes
    ----------
    name : str
        What tables call it.
    epochs : int or None
        How many, instead of the survey's number.
    bad_fraction : float or None
        Share of epochs with a defect, instead of the survey's.
    given_stack : bool
        Whether the survey gives a stack; otherwise it is the median of the epochs.
    recurring : int
        How many kinds of defect there are in a series; 0 for all.
    """

    name: str
    epochs: int | None = None
    bad_fraction: float | None = None
    given_stack: bool = True
    recurring: int = 0


USUAL = Condition("usual")
"""A survey's series as they come."""

STRESSES = (
    Condition("24 epochs", epochs=24),
    Condition("10 epochs", epochs=10),
    Condition("30 % bad", bad_fraction=0.3),
    Condition("no stack", given_stack=False),
    Condition("recurring", bad_fraction=0.2, recurring=1),
)
"""What makes an object harder than its survey's usual one."""

INJECTED = "injected"
"""What tables call real series with injected defects, in the place of a condition."""

LABELLED, WITHOUT_SEEING = "labelled", "without seeing"
"""What they call labelled series, with and without the epochs whose only reason is poor seeing."""
