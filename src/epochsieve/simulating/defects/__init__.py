"""Everything that spoils an epoch, by name: one function each, from a view of the frame to the damage done."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from numpy.random import Generator

from epochsieve.simulating.damage import Damage, View
from epochsieve.simulating.defects import (
    atmosphere,
    detector,
    handling,
    intruders,
    oddities,
    optics,
    particles,
    texture,
    trails,
)

Defect: TypeAlias = Callable[[View, Generator], Damage]
"""Draws what goes wrong with a frame."""

DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        "satellite_trail": trails.satellite_trail,
        "flashing_satellite": trails.flashing_satellite,
        "aeroplane": trails.aeroplane,
        "cosmic_rays": particles.cosmic_rays,
        "cosmic_ray_on_source": particles.cosmic_ray_on_source,
        "hot_pixels": detector.hot_pixels,
        "dead_pixels": detector.dead_pixels,
        "bad_column": detector.bad_column,
        "bad_row": detector.bad_row,
        "frame_edge": detector.frame_edge,
        "masked_block": detector.masked_block,
        "amplifier_step": detector.amplifier_step,
        "background_gradient": atmosphere.background_gradient,
        "cloud": atmosphere.cloud,
        "ghost_ring": optics.ghost_ring,
        "diffraction_spike": optics.diffraction_spike,
        "bleed": optics.bleed,
        "asteroid": intruders.asteroid,
        "slow_mover": intruders.slow_mover,
        "moire": texture.moire,
        "fringing": texture.fringing,
        "tracking_error": handling.tracking_error,
        "defocus": handling.defocus,
        "wrong_registration": handling.wrong_registration,
        "rotated": handling.rotated,
        "wrong_field": handling.wrong_field,
        "blank": handling.blank,
        "wrong_gain": detector.wrong_gain,
    }
)
"""Every defect, under the name that stands in the truth."""

_TAUGHT: Mapping[str, tuple[Defect, str]] = {
    "crosstalk": (oddities.crosstalk, "ghost_ring"),
    "banding": (oddities.banding, "fringing"),
    "speckle": (oddities.speckle, "hot_pixels"),
    "dust": (oddities.dust, "cloud"),
    "torn": (oddities.torn, "wrong_registration"),
    "pinched": (oddities.pinched, "defocus"),
    "double_exposure": (oddities.double_exposure, "tracking_error"),
}

ODDITIES: Mapping[str, Defect] = MappingProxyType({name: oddity for name, (oddity, _) in _TAUGHT.items()})
"""Further ones, for teaching alone."""

LIKEST: Mapping[str, str] = MappingProxyType({name: likest for name, (_, likest) in _TAUGHT.items()})
"""The defect that each of them is taken for."""

MISHAPS: Mapping[str, Defect] = MappingProxyType({**DEFECTS, **ODDITIES})
"""All of them."""
