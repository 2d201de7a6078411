"""Taking a series' frames: what happens in which epoch, and each epoch with and without it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from epochsieve.simulating import variability
from epochsieve.simulating.defects import DEFECTS, MISHAPS
from epochsieve.simulating.draws import toss
from epochsieve.simulating.exposing import Expectation, expect, read_out, view
from epochsieve.simulating.observing import Exposure, Survey
from epochsieve.simulating.point_spread import Array
from epochsieve.simulating.scenes import Scene
from epochsieve.simulating.skies import draw_scene
from epochsieve.simulating.truth import measure_power


@dataclass(frozen=True, eq=False)
class Frame:
    """One epoch's image and what is known of it.

    Attributes
    ----------
    pixels : ndarray, shape (size, size)
        As read out.
    undamaged : ndarray, shape (size, size)
        As it would have been without the defect, with noise of its own.
    kind : str
        Defect or harmless change; empty for neither.
    power : float
        See `measure_power`.
    """

    pixels: Array
    undamaged: Array
    kind: str
    power: float


def draw_kinds(
    epochs: int,
    bad_fraction: float,
    harmless_fraction: float,
    rng: Generator,
    *,
    recurring: int = 0,
    favoured: Sequence[str] = (),
) -> list[str]:
    """Draw what happens in each epoch.

    Parameters
    ----------
    epochs : int
        How many.
    bad_fraction, harmless_fraction : float
        Expected shares with a defect, and with a harmless change.
    rng : Generator
        Source of randomness.
    recurring : int, optional
        How many kinds of defect there are; 0 for all.
    favoured : sequence of str, optional
        Defects that come once more for each time that they are named, where all kinds may come.

    Returns
    -------
    list of str
        A defect's name, a harmless change's, or an empty string. Unless favoured, no defect comes twice before all came
        once; a nova may last for some epochs.
    """
    bad = int(bad_fraction * epochs + rng.random())
    harmless = min(int(harmless_fraction * epochs + rng.random()), epochs - bad)
    defects = tuple(rng.permutation(tuple(DEFECTS))[:recurring]) if recurring else (*DEFECTS, *favoured)
    chosen = [*_draw_evenly(defects, bad, rng), *_draw_evenly(variability.HARMLESS, harmless, rng)]
    kinds = [""] * epochs
    for place, kind in zip(rng.permutation(epochs), chosen, strict=False):
        kinds[place] = kind
    return _prolong_novae(kinds, rng)


def take_frames(
    survey: Survey, scene: Scene, exposures: Sequence[Exposure], kinds: Sequence[str], rng: Generator
) -> list[Frame]:
    """Take every epoch of an object.

    Parameters
    ----------
    survey : Survey
        Whose telescope and detector.
    scene : Scene
        The sky.
    exposures : sequence of Exposure
        Conditions of each epoch, in time order.
    kinds : sequence of str
        What happens in each, as `draw_kinds` gives it.
    rng : Generator
        Source of randomness.

    Returns
    -------
    list of Frame
        One per epoch.
    """
    changed = _change_sky(survey, scene, exposures, kinds, rng)
    return [
        _take_frame(survey, scene, quiet, exposure, kind, rng)
        for quiet, exposure, kind in zip(exposures, changed, kinds, strict=True)
    ]


def _take_frame(survey: Survey, scene: Scene, quiet: Exposure, exposure: Exposure, kind: str, rng: Generator) -> Frame:
    """Take one epoch."""
    usual = expect(survey, scene, exposure)
    shown = _damage(survey, scene, exposure, usual, kind, rng) if kind in MISHAPS else usual
    pixels = read_out(shown, survey, exposure, rng)
    if kind in MISHAPS:
        return Frame(pixels, read_out(usual, survey, exposure, rng), kind, measure_power(usual, shown))
    power = measure_power(expect(survey, scene, quiet), usual) if kind else 0.0
    return Frame(pixels, pixels, kind, power)


def _damage(
    survey: Survey, scene: Scene, exposure: Exposure, usual: Expectation, kind: str, rng: Generator
) -> Expectation:
    """Form the image again with a defect."""
    damage = MISHAPS[kind](view(survey, usual, exposure), rng)
    return expect(survey, draw_scene(survey, rng) if damage.other_field else scene, exposure, damage)


def _change_sky(
    survey: Survey, scene: Scene, exposures: Sequence[Exposure], kinds: Sequence[str], rng: Generator
) -> list[Exposure]:
    """Let the sky do what it does in each epoch."""
    changed = list(exposures)
    nova = variability.draw_nova(survey, scene, rng)
    for i, kind in enumerate(kinds):
        if kind == "brightening":
            changed[i] = variability.brighten(changed[i], scene, rng, survey.variation)
        elif kind == "fading":
            changed[i] = variability.fade(changed[i], rng, survey.variation)
        elif kind == "nova":
            again = i > 0 and kinds[i - 1] == "nova"
            nova = variability.dim(nova) if again else variability.draw_nova(survey, scene, rng)
            changed[i] = variability.light_up(changed[i], nova)
    return changed


def _draw_evenly(names: Sequence[str], count: int, rng: Generator) -> list[str]:
    """Draw names, each as often as any other."""
    rounds = count // len(names) + 1
    drawn = np.concatenate([rng.permutation(names) for _ in range(rounds)])
    return [str(name) for name in drawn[:count]]


def _prolong_novae(kinds: Sequence[str], rng: Generator) -> list[str]:
    """Let every second nova shine on for up to three undisturbed epochs."""
    prolonged = list(kinds)
    for first, kind in enumerate(kinds):
        if kind == "nova" and toss(rng):
            for i in range(first + 1, min(first + 1 + int(rng.integers(1, 4)), len(kinds))):
                if prolonged[i]:
                    break
                prolonged[i] = "nova"
    return prolonged
