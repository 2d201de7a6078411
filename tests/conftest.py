"""Fixtures that every room's tests may ask for."""

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from epochsieve.running.threads import use_one_thread

# As the command does, before NumPy is loaded: on more threads it rounds differently than the workers.
use_one_thread()

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from epochsieve.vocabulary.series import CutoutSeries, Epoch  # noqa: E402

Edit = Callable[[NDArray[np.float32]], NDArray[np.float32] | None]
"""Spoils one epoch's image; None leaves no image at all."""

# How long an example takes depends on what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _no_log_set_up() -> Iterator[None]:
    """Take back what a command did to the package's log: the next test may listen to it."""
    yield
    logger = logging.getLogger("epochsieve")
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real series beside the checkout."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("no real series: ../shared/data is absent")
    return _SHARED_DATA


@pytest.fixture
def rng() -> np.random.Generator:
    """Randomness, the same in every run."""
    return np.random.default_rng(20240719)


@pytest.fixture
def make_series() -> Callable[..., CutoutSeries]:
    """Make a small synthetic series: a round source in the middle, noise of one, an epoch a day."""
    return _make_series


def _make_series(
    epochs: int = 12,
    shape: tuple[int, int] = (31, 31),
    edits: Mapping[int, Edit] | None = None,
    *,
    flux: float = 100.0,
    seed: int = 7,
) -> CutoutSeries:
    """Draw the series; `edits` maps an epoch's place, from 0, to what spoils its image."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices(shape)
    squared_radius = (rows - shape[0] // 2) ** 2 + (columns - shape[1] // 2) ** 2
    source = (flux * np.exp(-squared_radius / (2 * 1.5**2))).astype(np.float32)
    cube = source + rng.normal(size=(epochs, *shape)).astype(np.float32)
    stack = np.median(cube, axis=0)
    images = [(edits or {}).get(place, _leave_alone)(image) for place, image in enumerate(cube)]
    return CutoutSeries("field", stack, tuple(_make_epoch(place, image) for place, image in enumerate(images)))


def _make_epoch(place: int, image: NDArray[np.float32] | None) -> Epoch:
    """Name and date an image; one without pixels has a status that says so."""
    name, mjd = f"field_{place + 1:03d}.fits", 60000.0 + place
    return Epoch(name, image, mjd) if image is not None else Epoch(name, None, mjd, status="not a FITS file")


def _leave_alone(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Spoil nothing."""
    return image
