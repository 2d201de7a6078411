"""The detectors: each looks at one thing. A new one is a function and a line in the list below."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from epochsieve.judging.detectors import levels, likeness, lines, missing, outlines, points, stripes
from epochsieve.judging.detectors.witness import Witness
from epochsieve.judging.expecting.comparison import Comparison

DETECTORS: Mapping[str, Callable[[Comparison], Witness]] = MappingProxyType(
    {
        "missing": missing.measure_missing,
        "pixel": points.measure_pixel,
        "blob_1": points.measure_blob_1,
        "blob_2": points.measure_blob_2,
        "blob_4": points.measure_blob_4,
        "line": lines.measure_line,
        "fringes": stripes.measure_fringes,
        "moire": stripes.measure_moire,
        "excess": levels.measure_excess,
        "misfit": levels.measure_misfit,
        "noise": levels.measure_noise,
        "scale": levels.measure_scale,
        "gain": levels.measure_gain,
        "brightness": levels.measure_brightness,
        "level": levels.measure_level,
        "slope": levels.measure_slope,
        "tilt": levels.measure_tilt,
        "shift": outlines.measure_shift,
        "stretch": outlines.measure_stretch,
        "size": outlines.measure_size,
        "appearance": likeness.measure_appearance,
        "residual": likeness.measure_residual,
        "mismatch": likeness.measure_mismatch,
        "state": likeness.measure_state,
        "likeness": likeness.measure_likeness,
    }
)
"""Every detector that needs nothing but the comparison, by name; the network's, ``network``, needs its features too."""
