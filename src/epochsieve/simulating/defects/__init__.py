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

ODDITIES: Mapping[str, Defect] = MappingProxyType(
    {
        "crosstalk": oddities.crosstalk,
        "banding": oddities.banding,
        "speckle": oddities.speckle,
        "dust": oddities.dust,
        "torn": oddities.torn,
        "pinched": oddities.pinched,
        "double_exposure": oddities.double_exposure,
    }
)
"""Further ones, for teaching alone."""

LIKEST: Mapping[str, str] = MappingProxyType(
    {
        "crosstalk": "ghost_ring",
        "banding": "fringing",
        "speckle": "hot_pixels",
        "dust": "cloud",
        "torn": "wrong_registration",
        "pinched": "defocus",
        "double_exposure": "tracking_error",
    }
)
"""The defect that each of them is taken for."""

MISHAPS: Mapping[str, Defect] = MappingProxyType({**DEFECTS, **ODDITIES})
"""All of them."""
