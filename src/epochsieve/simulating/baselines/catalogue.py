"""All baselines by name."""

import logging
from functools import partial
from importlib.util import find_spec

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.simulating.baselines.cosmic_rays import score_cosmic_rays
from epochsieve.simulating.baselines.features import score_features
from epochsieve.simulating.baselines.patches import score_against_memory, score_against_positions
from epochsieve.simulating.baselines.pixels import score_pixels
from epochsieve.simulating.baselines.ranked import Ranked, Scorer

_log = logging.getLogger(__name__)


def open_baselines() -> dict[str, Ranked]:
    """Make every baseline that can run here.

    Returns
    -------
    dict of str to Ranked
        ``paper-asinh`` (the published method's features of stretched images), ``features`` (the same after stride 16),
        ``patchcore``, ``padim``, ``pixels``, and ``astroscrappy`` where it is installed.
    """
    last, middle = open_embedder(output="last"), open_embedder(output="stride16")
    scores: dict[str, Scorer] = {
        "pixels": score_pixels,
        "paper-asinh": partial(score_features, embedder=last),
        "features": partial(score_features, embedder=middle),
        "patchcore": partial(score_against_memory, embedder=middle),
        "padim": partial(score_against_positions, embedder=middle),
    }
    if find_spec("astroscrappy"):
        scores["astroscrappy"] = score_cosmic_rays
    else:
        _log.info("astroscrappy is not installed: measuring without it")
    return {name: Ranked(name, score) for name, score in scores.items()}
