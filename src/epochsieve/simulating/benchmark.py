"""How good methods are on series whose truth is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from time import perf_counter

from epochsieve.simulating.outcomes import Judge, Outcomes, compare_with_truth, concatenate_outcomes
from epochsieve.simulating.results import Row, make_row
from epochsieve.simulating.specimens import Specimen, count_groups
from epochsieve.vocabulary.contracts import Runner
from epochsieve.vocabulary.errors import EpochsieveError


@dataclass(frozen=True, eq=False)
class Answer:
    """What one method said of one series.

    Attributes
    ----------
    outcomes : Outcomes
        Beside the truth.
    seconds : float
        Time it took.
    """

    outcomes: Outcomes
    seconds: float


@dataclass(frozen=True)
class Examination:
    """Makes one series and lets every method judge it, wherever work happens.

    Attributes
    ----------
    methods : mapping of str to Judge
        By the name that tables give them.
    """

    methods: Mapping[str, Judge]

    def __call__(self, specimen: Specimen) -> dict[str, Answer]:
        """Examine the methods on a specimen."""
        known = specimen.make()
        answers = {}
        for name, method in self.methods.items():
            start = perf_counter()
            findings = method.judge(known.series)
            seconds = perf_counter() - start
            answers[name] = Answer(compare_with_truth(findings, known.truth), seconds)
        return answers

    def give_up(self, specimen: Specimen, why: str) -> dict[str, Answer]:
        """Refuse to measure without a specimen."""
        raise EpochsieveError(f"no measurement of {' '.join(specimen.group)}: {why}")

    def join(self, results: Sequence[dict[str, Answer]]) -> Sequence[dict[str, Answer]]:
        """Leave results as they are."""
        return results


def measure_quality(
    methods: Mapping[str, Judge], specimens: Sequence[Specimen], runner: Runner, progress: Callable[[int], object]
) -> list[Row]:
    """Measure methods.

    Parameters
    ----------
    methods : mapping of str to Judge
        At least one, by the name that tables give them.
    specimens : sequence of Specimen
        The series, those of a survey and condition beside each other: see `Plan.specimens`,
        `list_injected` and `list_labelled`.
    runner : Runner
        Where work happens.
    progress : callable
        Told, for each series that is done, how many of its epochs count.

    Returns
    -------
    list of Row
        Survey by survey, condition by condition, method by method.
    """
    parcels = runner.map(Examination(methods), ([specimen] for specimen in specimens))
    examined = chain.from_iterable(parcels)
    rows = []
    for group, size in count_groups(specimens):
        answers = []
        for answer in islice(examined, size):
            answers.append(answer)
            progress(len(next(iter(answer.values())).outcomes))
        rows += [make_row(name, *group, *_add([answer[name] for answer in answers])) for name in methods]
    return rows


def _add(answers: Sequence[Answer]) -> tuple[Outcomes, float]:
    """Pool a method's answers, and add up their time."""
    return concatenate_outcomes([answer.outcomes for answer in answers]), sum(answer.seconds for answer in answers)
