"""Seams: what a room must offer so that another can use it without knowing it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, FloatImage

Task = TypeVar("Task")
Result = TypeVar("Result")
Parcel = TypeVar("Parcel")
Task_contra = TypeVar("Task_contra", contravariant=True)
Parcel_co = TypeVar("Parcel_co", covariant=True)


class SeriesSource(Protocol):
    """One object's images, wherever they lie: a folder of files, one file, some rows of a table.

    A source only knows where to look, and reads nothing until it is asked: it is light, and it can be pickled, for it
    travels to worker processes.
    """

    @property
    def parts(self) -> tuple[str, ...]:
        """What the object is called: its own name last, those before tell it from others that are called the same."""

    @property
    def origin(self) -> str:
        """Where the images are: a path or address, which other objects may share; empty where nobody can go there."""

    def list_images(self) -> Sequence[str]:
        """Name the images, in order and without reading them, for rows where reading fails.

        Returns
        -------
        sequence of str
            Empty where they can't be listed; never an error.
        """

    def take_fingerprint(self) -> str:
        """Digest what tells these images from others without reading them; it changes when an epoch is added.

        Returns
        -------
        str
            Findings of an earlier run count as this object's where it is the same; never an error.
        """

    def read(self, complaints: Counter[str] | None = None) -> CutoutSeries:
        """Read the series.

        Parameters
        ----------
        complaints : Counter, optional
            Takes in how often reading gave each kind of warning; where there is none, they are logged.

        Returns
        -------
        CutoutSeries
            An epoch that can't be read is among the others, with a status.

        Raises
        ------
        EpochsieveError
            Where there is no series at all.
        """


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


@runtime_checkable
class ResizingEmbedder(Embedder, Protocol):
    """An embedder that can resize images where it runs, so that only small ones have to travel there."""

    def embed_eight_bit(
        self, images: NDArray[np.uint8], rows: NDArray[np.float64], columns: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Compute features of 8-bit images, resized first.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, height, width)
            One channel.
        rows, columns : ndarray of float64, shape (side, height) and (side, width)
            Weights of the old pixels for each new one, exact in double precision; values are rounded after each axis,
            the columns' first.

        Returns
        -------
        ndarray of float32, shape (n, features)
            Of (v / 255 - 0.5) / 0.225, v being the resized values.
        """


class Eye(Protocol):
    """Tells what an epoch shows: networks trained on epochs with known truth.

    It looks at each epoch by itself, and makes up its mind when it has seen all of a series and heard the detectors.
    """

    @property
    def name(self) -> str:
        """What identifies the networks, for provenance."""

    @property
    def sha256(self) -> str:
        """Digest of the networks' files, hexadecimal."""

    @property
    def classes(self) -> tuple[str, ...]:
        """What an epoch may show, in the order of the columns that `conclude` gives."""

    @property
    def harmless(self) -> frozenset[str]:
        """Those of the classes that are no defects."""

    @property
    def scatter(self) -> tuple[float, ...]:
        """Usual scatter of the logarithms of the detectors' scores that it hears, in the order of these."""

    def look(self, views: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take impressions of epochs.

        Parameters
        ----------
        views : ndarray of float32, shape (n, channels, height, width)
            Finite.

        Returns
        -------
        ndarray of float32, shape (n, numbers)
            Of each epoch by itself, the same whatever n is.
        """

    def conclude(
        self,
        impressions: NDArray[np.float32],
        usual: NDArray[np.float32],
        spread: NDArray[np.float32],
        heard: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Compute how probable each class is, given what is usual in a series.

        Parameters
        ----------
        impressions : ndarray of float32, shape (n, numbers)
            What `look` gave.
        usual, spread : ndarray of float32, shape (numbers,)
            The series' usual impression, and how far its epochs' usually are from that.
        heard : ndarray of float32, shape (n, 2 * detectors)
            Standard scores of the detectors that it hears, and the logarithms of their scores' ratios to usual ones.

        Returns
        -------
        ndarray of float32, shape (n, classes)
            Natural logarithms of probabilities.
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


@runtime_checkable
class JointMethod(Method, Protocol):
    """A method whose networks can look at several series at once: a graphics card is idle while it is given few images.

    For a series alone, `judge` is `prepare`, `look` and `weigh`, one after the other.
    """

    @property
    def pixels_at_once(self) -> int:
        """So many pixels of epochs are worth being looked at together; 0 where nothing is gained by it."""

    def prepare(self, series: CutoutSeries) -> Any:
        """Do for a series what comes before the networks."""

    def look(self, prepared: Sequence[Any]) -> Sequence[Any]:
        """Let the networks look at several prepared series; what they see in each doesn't depend on the others."""

    def weigh(self, prepared: Any, seen: Any) -> Findings:
        """Judge a prepared series by what was seen in it."""


class Work(Protocol[Task_contra, Result, Parcel_co]):
    """What is done to each task, and what goes back for some of them."""

    def __call__(self, task: Task_contra, /) -> Result:
        """Do it."""

    def give_up(self, task: Task_contra, why: str) -> Result:
        """Give the result of a task that can't be done because whoever tries is killed, without trying."""

    def join(self, results: Sequence[Result]) -> Parcel_co:
        """Make a parcel of a chunk's results, in its tasks' order."""


@runtime_checkable
class JointWork(Work[Task_contra, Result, Parcel_co], Protocol):
    """Work that is faster on several tasks at once."""

    def do_jointly(self, tasks: Iterable[Task_contra], /) -> Iterator[Result]:
        """Do tasks, of which several may be taken before the first is done; give their results in their order."""


class Runner(Protocol):
    """Decides where work happens."""

    @property
    def at_a_time(self) -> int:
        """How many chunks are done at a time."""

    def map(self, work: Work[Task, Result, Parcel], chunks: Iterable[Sequence[Task]]) -> Iterator[Parcel]:
        """Do the work for every task; yield a parcel for every chunk in their order, each as soon as it is there."""
