"""A small sky, and toys that judge it without files, network or model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from epochsieve.judging.expecting.comparison import Comparison, compare_epochs
from epochsieve.judging.sieve import SieveMethod
from epochsieve.judging.weighing.testimony import HEARD
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.vocabulary.settings import SieveSettings

Edit = Callable[[np.ndarray], np.ndarray]

SPOILT = 5
"""The epoch that an edit spoils."""


@dataclass(frozen=True)
class BlockEmbedder:
    """Takes means and spreads over 4 x 4 blocks for features; so many images at a time."""

    batch: int = 1000
    name: str = "blocks/means"
    sha256: str = "0" * 64

    def embed(self, images):
        assert images.dtype == np.float32
        assert np.isfinite(images).all()
        batches = [images[first : first + self.batch] for first in range(0, len(images), self.batch)]
        return np.concatenate([_describe_blocks(batch) for batch in batches])


def _describe_blocks(images):
    rows = [row for row in np.array_split(images, 4, axis=1) if row.shape[1]]
    blocks = [block for row in rows for block in np.array_split(row, 4, axis=2) if block.shape[2]]
    return np.stack([measure(block, axis=(1, 2)) for block in blocks for measure in (np.mean, np.std)], axis=1)


@dataclass(frozen=True)
class Field:
    """Three round stars, the brightest in the middle, on an empty sky with a noise of one."""

    side: int = 41
    sigma: float = 1.3
    flux: float = 100.0

    @property
    def rows(self):
        return np.indices((self.side, self.side))[0]

    @property
    def columns(self):
        return np.indices((self.side, self.side))[1]

    @property
    def middle(self):
        return self.side // 2

    def draw(self, down=0.0, right=0.0, wide=1.0, tall=1.0):
        """Draw the stars, moved by pixels and stretched by factors, each with its flux kept."""
        stars = ((self.middle, self.middle, 1.0), (8, self.side - 10, 0.5), (self.side - 9, 9, 0.7))
        along_y, along_x = self.sigma * tall, self.sigma * wide
        return sum(
            self.flux * peak / (wide * tall)
            * np.exp(-(((self.rows - y - down) / along_y) ** 2 + ((self.columns - x - right) / along_x) ** 2) / 2)
            for y, x, peak in stars
        )  # fmt: skip

    def draw_spot(self, row, column, sigma):
        """Draw a round spot with a peak of one."""
        return np.exp(-((self.rows - row) ** 2 + (self.columns - column) ** 2) / (2 * sigma**2))

    def measure_offset(self, degrees, offset):
        """Measure each pixel's distance from a line that passes the middle at an offset."""
        angle = np.radians(degrees)
        across = (self.columns - self.middle) * np.sin(angle) - (self.rows - self.middle) * np.cos(angle)
        return across - offset

    def observe(self, epochs=16, seed=11):
        """Take images with fresh noise."""
        noise = np.random.default_rng(seed).normal(size=(epochs, self.side, self.side))
        return (self.draw() + noise).astype(np.float32)

    def spoil(self, edit: Edit, epochs=16, seed=11):
        """Take images, and edit that of the epoch `SPOILT`."""
        cube = self.observe(epochs, seed)
        cube[SPOILT] = edit(cube[SPOILT].astype(float))
        return cube


@pytest.fixture(scope="session")
def field() -> Field:
    """The sky of these tests."""
    return Field()


@pytest.fixture(scope="session")
def spoilt() -> int:
    """The epoch that `Field.spoil` and `compare` edit."""
    return SPOILT


class QuickEye:
    """Takes an epoch for bad by the power and the peak of its residual: what stands in the trained network's place."""

    name = "quick"
    sha256 = "1" * 64
    classes = ("good", "trouble", "mischief")
    harmless = frozenset({"good"})
    scatter = (0.5,) * len(HEARD)

    def look(self, views):
        seen = 4 * np.abs(views[:, 0])
        return np.stack([(seen**2).mean(axis=(1, 2)), seen.max(axis=(1, 2))], axis=1)

    def conclude(self, impressions, *_):
        power, peak = impressions.T
        logit = np.minimum(2 * np.log(power + 1e-6) + 3 * np.maximum(peak - 2.5, 0), 50)
        odds = np.stack([np.zeros_like(logit), logit - 5, logit - 5], axis=1)
        return (odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))).astype(np.float32)


@pytest.fixture(scope="session")
def eye() -> type[QuickEye]:
    """What stands in the eye's place."""
    return QuickEye


@pytest.fixture(scope="session")
def embedder() -> type[BlockEmbedder]:
    """What stands in the network's place."""
    return BlockEmbedder


@pytest.fixture(scope="session")
def stack_epochs() -> Callable[..., CutoutSeries]:
    """Make a series of a cube, an epoch a day; its stack is the median of what is finite."""
    return _stack_epochs


@pytest.fixture(scope="session")
def judge() -> Callable[..., Findings]:
    """Judge a cube by the default method."""
    return lambda cube, stack=None, **settings: SieveMethod(
        BlockEmbedder(), QuickEye(), SieveSettings(**settings)
    ).judge(_stack_epochs(cube, stack))


@pytest.fixture(scope="session")
def compare(field) -> Callable[..., Comparison]:
    """Compare the field's epochs, one of them edited, with what they should look like."""
    return lambda edit=lambda image: image, epochs=16: compare_epochs(
        field.spoil(edit, epochs), field.draw().astype(np.float32)
    )


@pytest.fixture(scope="session")
def add_trail(field) -> Callable[..., np.ndarray]:
    """Draw a satellite's trail across an image."""
    return lambda image, height=8.0: image + height * np.exp(-(field.measure_offset(20, 10) ** 2) / 2)


@pytest.fixture(scope="session")
def check_rows() -> Callable[[Findings, int], None]:
    """Hold a table to what every table promises."""
    return _check_rows


def _check_rows(findings, epochs):
    assert len(findings) == epochs
    assert (np.isfinite(findings.score) & (findings.score >= 0) & (findings.score <= 99)).all()
    assert (findings.flagged == (findings.score >= findings.threshold)).all()
    assert (findings.flagged == (findings.reasons != "")).all()
    judged = findings.score < 99
    for name in ("x", "y", "background", "noise", "fwhm", *(n for n in findings.columns if n.startswith("score_"))):
        assert np.isfinite(findings[name][judged]).all(), name


def _stack_epochs(cube, stack=None):
    if stack is None:
        known = np.isfinite(cube)
        covered = known.any(axis=0)
        stack = np.full(cube.shape[1:], np.nan, np.float32)
        stack[covered] = np.nanmedian(np.where(known, cube, np.nan)[:, covered], axis=0)
    epochs = (Epoch(f"field_{place:03d}.fits", image, 60000.0 + place) for place, image in enumerate(cube))
    return CutoutSeries("field", stack, tuple(epochs))
