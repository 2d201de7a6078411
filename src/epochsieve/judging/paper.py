"""The published method: Cavuoti, De Cicco et al. 2024, A&A 687, A246.

Each image goes, as 8 bit, through a network made for photographs; an epoch is flagged where its nearest neighbour in
feature space, among all images of the object and their stack, is as far away as the stack's own nearest neighbour.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.eight_bit import clip_to_eight_bits, prepare_images, weigh_as_pillow
from epochsieve.judging.neighbours import measure_first_neighbour_distances
from epochsieve.judging.quick_look import measure_light
from epochsieve.judging.rows import build_findings
from epochsieve.judging.together import run_together
from epochsieve.vocabulary.contracts import Embedder, Explanation, ResizingEmbedder
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.flags import Flag
from epochsieve.vocabulary.series import CutoutSeries, FloatImage
from epochsieve.vocabulary.settings import PaperSettings

# More fall out of the cache on their way to 8 bit: with 64 at once, judging takes 1.06 times as long, and 50 MB more.
_IMAGES_AT_ONCE = 8
# The notebook's doScale multiplies the stack's range, 0...1, by this.
_GREY_LEVELS = 256
# Standard deviation of a normal distribution over its median absolute deviation.
_SIGMA_PER_MAD = 1.4826

Prepared: TypeAlias = tuple[CutoutSeries, FloatImage]
"""A series, and its stack and epochs as the network is to see them, before they become 8 bit."""


@dataclass(frozen=True)
class PaperMethod:
    """The published method, exactly.

    It knows no false-alarm probability: `score` and `distance` are both the distance to the first neighbour, and
    `threshold` is the stack's own distance, different for each object. Scores of different objects can't be compared.

    Attributes
    ----------
    embedder : Embedder
        The network up to its last layer; it is given (v / 255 - 0.5) / 0.225 of 8-bit images of 224 x 224 pixels.
    settings : PaperSettings
        The notebook's options.
    pixels_at_once : int
        So many pixels of several series are shown to the network at once; 0 to show them series by series.
    """

    embedder: Embedder
    settings: PaperSettings = field(default_factory=PaperSettings)
    pixels_at_once: int = 0

    @property
    def name(self) -> str:
        """What the command line calls it."""
        return "paper"

    def describe(self) -> dict[str, Any]:
        """State every setting and network that the scores depend on, as plain JSON values."""
        return {
            "method": self.name,
            "score": "first-neighbour distance in feature space; the threshold is the stack's own",
            "settings": asdict(self.settings),
            "embedder": {"name": self.embedder.name, "sha256": self.embedder.sha256},
        }

    def judge(self, series: CutoutSeries) -> Findings:
        """Give one row per epoch of the series, in its order, unusable ones included.

        Parameters
        ----------
        series : CutoutSeries
            Any number of epochs. Missing pixels count as 0.

        Returns
        -------
        Findings
            `score`, `distance` and `threshold` in the feature space's own unit; background, noise and quick-look flux.
        """
        prepared = self.prepare(series)
        return self.weigh(prepared, *self.look([prepared]))

    def prepare(self, series: CutoutSeries) -> Prepared:
        """Crop and scale a series' images as the settings say, the stack first."""
        options = self.settings
        images = np.concatenate([series.stack[None], series.cube])
        cropped = images[:, : options.size or None, : options.size or None]
        return series, scale_by_first(cropped) if options.rescale else cropped

    def look(self, prepared: Sequence[Prepared]) -> list[NDArray[np.float32]]:
        """Compute the features of several series' images at once; they are those of each alone."""
        return run_together(self._embed, [images for _, images in prepared])

    def weigh(self, prepared: Prepared, features: NDArray[np.float32]) -> Findings:
        """Judge the epochs of a series by their features."""
        series, _ = prepared
        own, *others = measure_first_neighbour_distances(features)
        distances = np.array(others)
        flagged = distances >= own
        columns = {
            "score": distances,
            "distance": distances,
            "threshold": own,
            "flagged": flagged,
            "flags": np.where(flagged, int(Flag.NEIGHBOUR), 0),
            **measure_light(series.cube, series.stack),
        }
        return build_findings(series, columns, self.describe())

    def explain(self, series: CutoutSeries) -> Explanation:
        """Draw what the judgement compared: each epoch beside the stack, and their difference.

        Parameters
        ----------
        series : CutoutSeries
            The series that was judged.

        Returns
        -------
        Explanation
            The stack as each epoch's reference; the residual in units of its own robust standard deviation.
        """
        difference = series.cube - series.stack
        sigmas = np.array([_measure_sigma(image) for image in difference], np.float32)
        reference = np.broadcast_to(series.stack, difference.shape)
        return Explanation(reference, difference / sigmas.reshape(-1, 1, 1))

    def _embed(self, images: FloatImage) -> NDArray[np.float32]:
        """Compute features of images of one size, some at a time to spare memory."""
        if isinstance(self.embedder, ResizingEmbedder):
            return self.embedder.embed_eight_bit(clip_to_eight_bits(images), *weigh_as_pillow(images.shape[1:]))
        starts = range(0, len(images), _IMAGES_AT_ONCE)
        return np.concatenate([self.embedder.embed(prepare_images(images[k : k + _IMAGES_AT_ONCE])) for k in starts])


def scale_by_first(images: FloatImage) -> FloatImage:
    """Scale images column by column by the first one's range, times 256: the notebook's ``doScale``.

    Parameters
    ----------
    images : ndarray of float32, shape (n, height, width)
        The stack, then the epochs.

    Returns
    -------
    ndarray of float32, shape (n, height, width)
        What scikit-learn's MinMaxScaler gives that was fitted on the first image, times 256; a column without a range
        in the first image is only shifted.
    """
    # Unlike nanmin and nanmax these say nothing of a column without data.
    lowest, highest = (extreme.reduce(images[0], axis=0) for extreme in (np.fmin, np.fmax))
    span = highest - lowest
    # MinMaxScaler takes a range of up to ten units of rounding for none.
    factor = 1 / np.where(span < 10 * np.finfo(span.dtype).eps, np.ones_like(span), span)
    # Far outside the stack's range a product may be infinite, and is then clipped like any bright pixel.
    with np.errstate(over="ignore"):
        scaled = (images * factor - lowest * factor) * np.float32(_GREY_LEVELS)
    return np.asarray(scaled, np.float32)


def _measure_sigma(image: FloatImage) -> float:
    """Measure a robust standard deviation over the pixels with data; 1 where they are all alike."""
    finite = image[np.isfinite(image)]
    if not finite.size:
        return 1.0
    return _SIGMA_PER_MAD * float(np.median(np.abs(finite - np.median(finite)))) or 1.0
