"""Which stars, galaxies and neighbours a survey finds in its cutouts."""

import numpy as np
from numpy.random import Generator

from epochsieve.simulating.draws import draw_log, toss
from epochsieve.simulating.observing import Survey
from epochsieve.simulating.scenes import Galaxy, Scene, Star


def draw_scene(survey: Survey, rng: Generator) -> Scene:
    """Draw the sky around one object.

    Parameters
    ----------
    survey : Survey
        What there is to see, and how bright.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Scene
        A central source, in a galaxy or not; neighbours, some of them blended with it and some beyond the edge.
    """
    middle = (survey.size - 1) / 2
    y, x = middle + rng.uniform(-0.5, 0.5, 2)
    centre = Star(y, x, survey.point_flux(draw_log(*survey.central_snr, rng)))
    host = _draw_host(centre, survey, rng) if toss(rng, survey.hosted) else ()
    stars, galaxies = _draw_neighbours(survey, rng)
    return Scene(centre, stars, (*host, *galaxies))


def _draw_host(centre: Star, survey: Survey, rng: Generator) -> tuple[Galaxy]:
    """Put a galaxy under the central source that holds up to four fifths of the light."""
    flux = centre.flux * rng.uniform(0.3, 4)
    return (_draw_galaxy(centre.y, centre.x, flux, survey, rng),)


def _draw_galaxy(y: float, x: float, flux: float, survey: Survey, rng: Generator) -> Galaxy:
    """Draw a galaxy's shape; its size goes by the point spread and the cutout, not by its flux."""
    radius = draw_log(0.5 * survey.fwhm, max(survey.galaxy_reach * survey.size, survey.fwhm), rng)
    index = draw_log(0.7, 4, rng)
    return Galaxy(y, x, flux, radius, index, rng.uniform(0.3, 1), rng.uniform(0, np.pi))


def _draw_neighbours(survey: Survey, rng: Generator) -> tuple[tuple[Star, ...], tuple[Galaxy, ...]]:
    """Scatter other sources over the cutout and a little beyond."""
    stars: list[Star] = []
    galaxies: list[Galaxy] = []
    edge = min(4.0, survey.grid.margin / 2)
    for _ in range(rng.poisson(survey.neighbours)):
        y, x = rng.uniform(-edge, survey.size - 1 + edge, 2)
        flux = survey.point_flux(draw_log(*survey.neighbour_snr, rng))
        if toss(rng, survey.neighbour_galaxies):
            galaxies.append(_draw_galaxy(y, x, flux, survey, rng))
        else:
            stars.append(Star(y, x, flux))
    return tuple(stars), tuple(galaxies)
