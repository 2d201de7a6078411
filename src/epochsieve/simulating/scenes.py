"""What is in the sky: stars, galaxies, blends and neighbours, before any telescope looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.fft
import scipy.special

from epochsieve.simulating.point_spread import Array, Grid, Transfer

# Pixels; keeps a spheroid's cusp from hanging on where the grid points fall.
_SOFTENING = 0.15
_REACH = 8


@dataclass(frozen=True)
class Star:
    """A point of light.

    Attributes
    ----------
    y, x : float
        Row and column in the cutout, pixels; it may stand outside.
    flux : float
        Total flux, image units.
    """

    y: float
    x: float
    flux: float


@dataclass(frozen=True)
class Galaxy:
    """A Sersic profile.

    Attributes
    ----------
    y, x : float
        Row and column of its centre, pixels.
    flux : float
        Total flux, image units.
    radius : float
        Effective (half-light) radius along the major axis, pixels.
    index : float
        Sersic index: 1 is an exponential disc, 4 a de Vaucouleurs spheroid.
    axis_ratio : float
        Minor over major axis.
    angle : float
        Of the major axis from the rows' direction, radians.
    """

    y: float
    x: float
    flux: float
    radius: float
    index: float
    axis_ratio: float
    angle: float

    def draw(self, grid: Grid) -> Array:
        """Draw the profile on the fine grid; beyond eight radii it is cut off."""
        steps = (np.arange(grid.points) + 0.5) / grid.oversampling - grid.margin - 0.5
        y, x = steps[:, None] - self.y, steps[None, :] - self.x
        along = x * np.cos(self.angle) + y * np.sin(self.angle)
        across = (y * np.cos(self.angle) - x * np.sin(self.angle)) / self.axis_ratio
        radius = np.sqrt(along**2 + across**2 + _SOFTENING**2) / self.radius
        # b(n) of Ciotti & Bertin 1999, A&A 352, 447
        steepness = 2 * self.index - 1 / 3 + 0.009876 / self.index
        profile = np.exp(-steepness * (radius ** (1 / self.index) - 1)) * (radius < _REACH)
        return np.asarray(profile * (self.flux / self._total(steepness) / grid.oversampling**2))

    def _total(self, steepness: float) -> float:
        """Integrate the profile over the plane, for unit surface brightness at the effective radius."""
        gamma = scipy.special.gamma(2 * self.index)
        shape = 2 * np.pi * self.index * np.exp(steepness) * steepness ** (-2 * self.index) * gamma
        return float(shape * self.radius**2 * self.axis_ratio)


@dataclass(frozen=True)
class Scene:
    """The unchanging sky around an object.

    Attributes
    ----------
    centre : Star
        The point source in the middle, the one that varies (an active nucleus where there is a host galaxy).
    stars : tuple of Star
        Every other point source.
    galaxies : tuple of Galaxy
        Extended sources, the central one's host among them.
    """

    centre: Star
    stars: tuple[Star, ...] = ()
    galaxies: tuple[Galaxy, ...] = ()

    @cached_property
    def _drawn(self) -> dict[Grid, Transfer]:
        """Keep the galaxies' transforms: they are the same in every epoch."""
        return {}

    @property
    def central_flux(self) -> float:
        """Flux of everything in the middle, host included, image units."""
        hosts = (g.flux for g in self.galaxies if np.hypot(g.y - self.centre.y, g.x - self.centre.x) < 1)
        return self.centre.flux + sum(hosts)

    def transfer(self, grid: Grid, factor: float = 1.0, transients: Iterable[Star] = ()) -> Transfer:
        """Transform the light above the atmosphere.

        Parameters
        ----------
        grid : Grid
            Where to draw.
        factor : float
            Flux of the central point source in units of its usual one.
        transients : iterable of Star
            Sources that shine in this epoch only.

        Returns
        -------
        ndarray of complex
            Fourier transform of the scene, not yet blurred by anything.
        """
        if grid not in self._drawn:
            drawn = sum((galaxy.draw(grid) for galaxy in self.galaxies), np.zeros((grid.points, grid.points)))
            self._drawn[grid] = np.asarray(scipy.fft.rfft2(drawn))
        centre = replace(self.centre, flux=self.centre.flux * factor)
        points = np.array([(s.y, s.x, s.flux) for s in (centre, *self.stars, *transients)])
        rows, columns = grid.from_first_point(points[:, :2]).T
        return self._drawn[grid] + grid.scatter(rows, columns, points[:, 2])

    def turned(self, angle: float, middle: float) -> "Scene":
        """Turn the sky by an angle in radians around the cutout's middle, a row and column in pixels."""
        cosine, sine = np.cos(angle), np.sin(angle)

        def turn(y: float, x: float) -> dict[str, float]:
            y, x = y - middle, x - middle
            return {"y": middle + cosine * y + sine * x, "x": middle + cosine * x - sine * y}

        return Scene(
            replace(self.centre, **turn(self.centre.y, self.centre.x)),
            tuple(replace(star, **turn(star.y, star.x)) for star in self.stars),
            tuple(replace(g, **turn(g.y, g.x), angle=g.angle + angle) for g in self.galaxies),
        )
