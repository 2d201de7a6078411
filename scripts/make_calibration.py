#!/usr/bin/env python
"""Make the calibration that is shipped: simulate the tuning surveys, ask the detectors, fit tables and weights.

    python scripts/make_calibration.py [--objects 10] [--labelled ../shared/data/saao] [--workers 2]
    python scripts/make_calibration.py --embedder NAME/LAYER --out FILE     one for another network

The seeds are the first of `TUNING_SEEDS`; a quarter of the series have 10 or 24 epochs, a seventh 30 % of bad ones, and
in a tenth all defects are of one kind. Two of three series are of surveys drawn at random. Good epochs of real sets
with labels enter the weights, not the tables. Takes about ten minutes on two cores.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias
from zlib import crc32

import numpy as np

from epochsieve import __version__
from epochsieve.embedding.onnx_embedder import OnnxEmbedder, open_embedder
from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.methods import DEFAULT_EMBEDDER
from epochsieve.simulating.conditions import TUNING_SURVEYS
from epochsieve.simulating.labelled import LabelledSpecimen, list_labelled
from epochsieve.simulating.looking import imagine_series
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.simulating.training import Lesson, fit_calibration, take_lesson

RECURRING, IMAGINED = 0.1, 99
"""Share of series whose defects are all of one kind; and what tells the seeds of random surveys from all others."""


@dataclass(frozen=True)
class Simulation:
    """One series to simulate."""

    survey: str
    number: int

    def take(self, embedder: str) -> Lesson:
        """Simulate it and ask the detectors."""
        rng = np.random.default_rng([self.number, crc32(self.survey.encode())])
        epochs = rng.choice([None, 24, 10], p=[0.75, 0.15, 0.1])
        bad_fraction = rng.choice([None, 0.3], p=[0.85, 0.15])
        recurring = int(rng.random() < RECURRING)
        made = simulate_series(SURVEYS[self.survey], rng, epochs=epochs, bad_fraction=bad_fraction, recurring=recurring)
        return take_lesson(made.series, made.truth, _open(embedder), open_eye())


@dataclass(frozen=True)
class Imagined:
    """One series of a survey drawn at random."""

    number: int

    def take(self, embedder: str) -> Lesson:
        """Simulate it and ask the detectors."""
        made = imagine_series(np.random.default_rng([self.number, IMAGINED]))
        return take_lesson(made.series, made.truth, _open(embedder), open_eye())


@dataclass(frozen=True)
class RealSet:
    """One real series with labels."""

    specimen: LabelledSpecimen

    def take(self, embedder: str) -> Lesson:
        """Read it and ask the detectors."""
        made = self.specimen.make()
        return take_lesson(made.series, made.truth, _open(embedder), open_eye(), source=self.specimen.group[0])


@lru_cache(maxsize=1)
def _open(embedder: str) -> OnnxEmbedder:
    """Open the network once per process."""
    return open_embedder(embedder, "stride8")


Task: TypeAlias = Simulation | Imagined | RealSet


def choose_view(specimens: list[LabelledSpecimen]) -> list[LabelledSpecimen]:
    """Choose the view without the epochs whose only reason is seeing, where there are any."""
    return [one for one in specimens if not one.with_seeing] or specimens


def _take(embedder: str, task: Task) -> Lesson:
    """Do one task in a worker."""
    return task.take(embedder)


def main() -> None:
    """Make the calibration and write it into the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=10, help="series of each survey")
    parser.add_argument("--imagined", type=int, default=260, help="series of surveys drawn at random")
    parser.add_argument("--labelled", type=Path, action="append", default=[], help="folder of a real set with labels")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--embedder", default=DEFAULT_EMBEDDER, help="the network; its layer stride8 if it has one")
    shipped = Path(str(files("epochsieve.judging.weighing"))) / "calibrations" / "default.json"
    parser.add_argument("--out", type=Path, default=shipped, help="file to write, if not the shipped one")
    given = parser.parse_args()
    other = "" if given.embedder == DEFAULT_EMBEDDER else f", {given.embedder}"
    if other and given.out == shipped:
        parser.error("the shipped calibration is for the default network: name another file with --out")
    tasks: list[Task] = [Simulation(survey, number) for number in range(given.objects) for survey in TUNING_SURVEYS]
    tasks += [Imagined(number) for number in range(given.imagined)]
    tasks += [RealSet(one) for root in given.labelled for one in choose_view(list_labelled(root))]
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        lessons = list(pool.map(partial(_take, given.embedder), tasks))
    real = "".join(f" + {root.name}" for root in given.labelled)
    made = f"{len(TUNING_SURVEYS)} surveys x {given.objects} series + {given.imagined} of random surveys"
    name = f"{__version__}: {made}{real}{other}"
    given.out.write_text(fit_calibration(lessons, name).to_json(), "utf-8")
    print(f"{given.out}: {name}")


if __name__ == "__main__":
    main()
