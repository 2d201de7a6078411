"""Seams: what a room must offer so that another can use it without knowing it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, FloatImage

Task = TypeVar("Task")
Result = TypeVar("Result")
Task_contra = TypeVar("Task_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)


class Embedder(Protocol):
    """Turns images into features."""

    @property
    def name(self) -> str:
        """What identifies the network and the layer, for provenance."""

    @property
    def sha256(self) -> str:
        """Digest of the network's file, hexadecimal."""

    def embed(self, images: FloatImage) -> NDArray[np.float32]:
        """Compute features.

        Parameters
        ----------
        images : ndarray of float32, shape (n, height, width)
            Finite, one channel, already in the units that the network was trained on.

        Returns
        -------
        ndarray of float32, shape (n, features)
            The same whatever n is and whichever images stand beside each other.
        """


@dataclass(frozen=True, eq=False)
class Explanation:
    """Pictures of a judgement, for the usable epochs in the series' order.

    Attributes
    ----------
    reference : ndarray of float32, shape (usable epochs, height, width)
        What each epoch should look like, image units.
    residual : ndarray of float32, shape (usable epochs, height, width)
        Epoch minus reference in units of the expected noise; NaN where data is missing.
    """

    reference: FloatImage
    residual: FloatImage


class Method(Protocol):
    """Judges the epochs of one series."""

    @property
    def name(self) -> str:
        """What the command line calls it."""

    def describe(self) -> dict[str, Any]:
        """State every setting and network that the scores depend on, as plain JSON values."""

    def judge(self, series: CutoutSeries) -> Findings:
        """Give one row per epoch of the series, in its order, unusable ones included."""

    def explain(self, series: CutoutSeries) -> Explanation:
        """Draw what the judgement compared."""


class Work(Protocol[Task_contra, Result_co]):
    """What is done to each task."""

    def __call__(self, task: Task_contra, /) -> Result_co:
        """Do it."""

    def give_up(self, task: Task_contra, why: str) -> Result_co:
        """Give the result of a task that can't be done because whoever tries is killed, without trying."""


class Runner(Protocol):
    """Decides where work happens."""

    def map(self, work: Work[Task, Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do the work for every task and yield the results in the tasks' order, each as soon as it is there."""
