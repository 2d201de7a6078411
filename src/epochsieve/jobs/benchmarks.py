"""Series with known truth as the command line asks for them, to be written or to measure methods on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

from epochsieve import __version__
from epochsieve.methods import open_method, open_network
from epochsieve.simulating.archive import write_injected, write_survey
from epochsieve.simulating.baselines.catalogue import open_baselines
from epochsieve.simulating.baselines.network_alone import NAME as NETWORK_ALONE
from epochsieve.simulating.baselines.network_alone import NetworkAlone
from epochsieve.simulating.conditions import (
    REPORT_SEEDS,
    REPORT_SURVEYS,
    STRESSES,
    TUNING_SEEDS,
    TUNING_SURVEYS,
    USUAL,
    Condition,
)
from epochsieve.simulating.labelled import list_labelled
from epochsieve.simulating.outcomes import Judge
from epochsieve.simulating.specimens import InjectedSpecimen, Plan, Specimen, list_injected
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.errors import SettingError

STRESS_NAMES: Mapping[str, Condition] = dict(
    zip(("epochs24", "epochs10", "bad30", "nostack", "recurring"), STRESSES, strict=True)
)
"""What the command line calls each of `STRESSES`."""

_ALL, _NONE, _REPORT = "all", "none", "report"
_USUAL_SURVEY, _USUAL_OBJECTS = "vst", 10


@dataclass(frozen=True)
class QualityRequest:
    """What a quality benchmark is asked to measure.

    Attributes
    ----------
    methods : mapping of str to Judge
        By the name that tables give them; the figure shows the first one survey by survey.
    plan : Plan or None
        The surveys to simulate.
    inject_into : sequence of str
        Roots of real series that defects are injected into.
    labelled : sequence of str
        Roots of real series with labels.
    objects : int
        How many series to make, at least, of each root in `inject_into`; the more so often each object is taken.
    seed : int
        Of all randomness.
    """

    methods: Mapping[str, Judge]
    plan: Plan | None = None
    inject_into: Sequence[str] = ()
    labelled: Sequence[str] = ()
    objects: int = 1
    seed: int = REPORT_SEEDS[0]

    def list_specimens(self) -> list[Specimen]:
        """List all series that are to be made.

        Returns
        -------
        list of Specimen
            Simulated ones, then those with injected defects, then labelled ones.

        Raises
        ------
        InputError
            Where a root holds no series or no labels, or nothing is asked for.
        """
        simulated = self.plan.specimens() if self.plan else []
        injected = [one for root in self.inject_into for one in list_enough(root, self.seed, self.objects)]
        specimens: list[Specimen] = [
            *simulated,
            *injected,
            *(one for root in self.labelled for one in list_labelled(root)),
        ]
        if not specimens:
            raise SettingError("there is nothing to measure: name surveys, or roots to inject into, or labelled ones")
        return specimens

    def describe(self) -> dict[str, Any]:
        """State what is measured, as plain JSON values."""
        return {
            "epochsieve": __version__,
            "methods": {name: getattr(judge, "describe", dict)() for name, judge in self.methods.items()},
            "plan": self.plan.describe() if self.plan else None,
            "inject_into": list(self.inject_into),
            "labelled": list(self.labelled),
            "seed": self.seed,
        }


def list_enough(root: str, seed: int, series: int) -> list[InjectedSpecimen]:
    """List the real series below a root to inject defects into, each often enough.

    Parameters
    ----------
    root : str
        A folder with a folder per object, or one object's folder.
    seed : int
        Decides what is injected.
    series : int
        How many are wanted. No object is taken less often than another, so there may be more.

    Returns
    -------
    list of InjectedSpecimen
        With other defects each time that an object is taken.
    """
    return list_injected(root, seed, max(1, ceil(series / len(list_injected(root, seed)))))


def plan_folders(
    out: Path, survey: str, inject_into: str, objects: int | None, seed: int
) -> tuple[Iterator[Path], int]:
    """Plan a folder of series with known truth.

    Parameters
    ----------
    out : Path
        The folder; nothing is written before the iterator is asked for it.
    survey : str
        Which survey to simulate; empty for "vst", or for real series.
    inject_into : str
        Root of real series to inject into; empty for a survey.
    objects : int or None
        How many; None for 10 of a survey, or for each real one once.
    seed : int
        Of all randomness.

    Returns
    -------
    folders : iterator of Path
        Writes a series whenever it is asked for the next, and the truth at its end.
    total : int
        How many there are.

    Raises
    ------
    InputError
        Where there is no such survey, no such root, or both are asked for.
    """
    if survey and inject_into:
        raise SettingError("a survey is simulated, or real series are injected into: choose one")
    if inject_into:
        specimens = list_enough(inject_into, seed, objects or 1)[:objects]
        return write_injected(specimens, out), len(specimens)
    name = survey or _USUAL_SURVEY
    if name not in SURVEYS:
        raise SettingError(f"no survey {name!r}: choose one of {', '.join(SURVEYS)}")
    return write_survey(SURVEYS[name], objects or _USUAL_OBJECTS, seed, out), objects or _USUAL_OBJECTS


def choose_plan(surveys: str, stress: str, objects: int, seed: int) -> Plan | None:
    """Choose which surveys to simulate, and how.

    Parameters
    ----------
    surveys : str
        Names with commas, ``all``, ``none``, or ``report``: those that no method was tuned on.
    stress : str
        Names of `STRESS_NAMES` with commas, ``all`` or ``none``; the usual condition is always there.
    objects, seed : int
        See `Plan`.

    Returns
    -------
    Plan or None
        None where no survey is asked for.

    Raises
    ------
    SettingError
        Where a name is unknown.
    """
    names = _resolve(surveys, {_ALL: tuple(SURVEYS), _REPORT: REPORT_SURVEYS, _NONE: ()})
    stresses = _resolve(stress, {_ALL: tuple(STRESS_NAMES), _NONE: ()})
    if unknown := [name for name in stresses if name not in STRESS_NAMES]:
        raise SettingError(f"no stress {', '.join(unknown)}: choose from {', '.join(STRESS_NAMES)}, all or none")
    conditions = (USUAL, *(STRESS_NAMES[name] for name in stresses))
    return Plan(names, conditions, objects, seed) if names else None


def open_judges(
    text: str, embedder: str | None = None, calibration: Path | None = None, device: str = "cpu"
) -> dict[str, Judge]:
    """Make what is to be measured.

    Parameters
    ----------
    text : str
        Names of methods and baselines with commas, or ``all``: whatever can run here. ``network``, which ``all`` leaves
        out, is the default method's detector that looks through a network, alone.
    embedder : str, optional
        The network of the methods and of ``network``; the other baselines have their own.
    calibration : Path, optional
        Of the default method: one that was made for the network.
    device : str
        Where the methods' networks run: ``"cpu"``, ``"cuda"`` or ``"auto"``.

    Returns
    -------
    dict of str to Judge
        In the order given.

    Raises
    ------
    SettingError
        Where a name is unknown, what it stands for is not installed, or the calibration is for another network.
    EmbedderError
        Where the network is missing or altered.
    """
    baselines = open_baselines()
    openers: dict[str, Callable[[], Judge]] = {
        "sieve": partial(
            open_method, "sieve", embedder, device, **({"calibration": calibration} if calibration else {})
        ),
        "paper": partial(open_method, "paper", embedder, device),
        **{name: partial(baselines.__getitem__, name) for name in baselines},
    }
    names = _resolve(text, {_ALL: tuple(openers)})
    openers[NETWORK_ALONE] = lambda: NetworkAlone(open_network(embedder, device, "stride8"))
    unknown = [name for name in names if name not in openers]
    if unknown or not names:
        raise SettingError(f"no method {', '.join(unknown)} here: choose from {', '.join(openers)}, or all")
    return {name: openers[name]() for name in names}


def tell_tuning_from_reporting(request: QualityRequest) -> str:
    """Say in two lines which seeds and surveys methods may be tuned on, and on which side this run is."""
    seed = "tuning" if request.seed in TUNING_SEEDS else "reporting"
    surveys = request.plan.surveys if request.plan else ()
    sides = {
        "tuning": [name for name in surveys if name in TUNING_SURVEYS],
        "reporting": [name for name in surveys if name not in TUNING_SURVEYS],
    }
    named = "; ".join(f"surveys for {side}: {', '.join(names)}" for side, names in sides.items() if names)
    return (
        f"For tuning: seeds {TUNING_SEEDS[0]} to {TUNING_SEEDS[-1]}, surveys {', '.join(TUNING_SURVEYS)}; "
        "for reporting: other seeds, other surveys.\n"
        f"Measured here: seed {request.seed}, for {seed}{'; ' if named else ''}{named}."
    )


def _resolve(text: str, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Take a group's names, or names with commas, each once."""
    names = (name.strip() for name in text.split(","))
    return groups[text] if text in groups else tuple(dict.fromkeys(name for name in names if name))
