"""Counts of what was found."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import OK


@dataclass(frozen=True)
class Tally:
    """How many there were of what; tallies add up.

    Attributes
    ----------
    objects, epochs, flagged : int
        Numbers of objects, of epochs, and of epochs flagged.
    not_judged : int
        Epochs whose status is not ``"ok"``.
    reasons : mapping of str to int
        Flagged epochs by reason; one that has two reasons counts for both.
    """

    objects: int = 0
    epochs: int = 0
    flagged: int = 0
    not_judged: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        """Add counts up; objects are taken to be different ones."""
        return Tally(
            self.objects + other.objects,
            self.epochs + other.epochs,
            self.flagged + other.flagged,
            self.not_judged + other.not_judged,
            dict(Counter(self.reasons) + Counter(other.reasons)),
        )

    def as_json(self) -> dict[str, Any]:
        """Lay the counts out as plain JSON values."""
        return {
            "objects": self.objects,
            "epochs": self.epochs,
            "flagged": self.flagged,
            "not_judged": self.not_judged,
            "reasons": dict(self.reasons),
        }


def count_findings(findings: Findings) -> Tally:
    """Count what was found.

    Parameters
    ----------
    findings : Findings
        Any number of objects.

    Returns
    -------
    Tally
        Their counts.
    """
    flagged = findings["flagged"]
    masks = findings["flags"][flagged]
    counts = {(flag.name or "").lower(): int((masks & int(flag) != 0).sum()) for flag in Flag}
    return Tally(
        objects=len(set(findings["object"])),
        epochs=len(findings),
        flagged=int(flagged.sum()),
        not_judged=int((findings["status"] != OK).sum()),
        reasons={name: count for name, count in counts.items() if count},
    )
