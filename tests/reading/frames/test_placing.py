"""Where objects lie on a chip, whatever its distortion."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS, Sip

from epochsieve.reading.frames.catalogue import Catalogue
from epochsieve.reading.frames.placing import place_objects

SHAPE = (300, 400)
SCALE = 0.4 / 3600


def make_wcs(kind):
    wcs = WCS(naxis=2)
    suffix = {"SIP": "-SIP", "TPV": "", "TAN": ""}.get(kind, "")
    wcs.wcs.ctype = [
        f"RA---{'TPV' if kind == 'TPV' else 'TAN'}{suffix}",
        f"DEC--{'TPV' if kind == 'TPV' else 'TAN'}{suffix}",
    ]
    wcs.wcs.crval, wcs.wcs.crpix = [0.01, -60.0], [100.0, 150.0]
    wcs.wcs.cd = SCALE * np.array([[-0.9, 0.2], [0.2, 0.95]])
    if kind == "SIP":
        a, b = np.zeros((4, 4)), np.zeros((4, 4))
        a[2, 0], b[0, 3] = 3e-5, 1e-7
        wcs.sip = Sip(a, b, None, None, wcs.wcs.crpix)
    if kind == "TPV":
        wcs.wcs.set_pv([(1, 1, 1.0), (1, 4, 0.3), (2, 1, 1.0), (2, 6, -0.2)])
    if kind == "galactic":
        there = SkyCoord(0.01, -60.0, unit="deg").galactic
        wcs.wcs.ctype, wcs.wcs.crval = ["GLON-TAN", "GLAT-TAN"], [there.l.deg, there.b.deg]
    wcs.wcs.set()
    return wcs


@pytest.mark.parametrize("kind", ["TAN", "SIP", "TPV", "galactic"])
def test_objects_are_found_where_the_wcs_puts_them_and_only_those_on_the_chip(kind, rng):
    wcs = make_wcs(kind)
    x, y = rng.uniform(-100, 500, 300), rng.uniform(-100, 400, 300)
    sky = wcs.pixel_to_world(x, y).icrs
    catalogue = Catalogue(tuple(map(str, range(300))), sky.ra.deg, sky.dec.deg)
    places = place_objects(wcs, SHAPE, catalogue)
    on = (x >= -0.5) & (x < SHAPE[1] - 0.5) & (y >= -0.5) & (y < SHAPE[0] - 0.5)
    np.testing.assert_array_equal(places.numbers, np.flatnonzero(on))
    np.testing.assert_allclose(places.x, x[on], atol=1e-3)
    np.testing.assert_allclose(places.y, y[on], atol=1e-3)


def test_the_other_side_of_the_sky_is_on_no_chip():
    catalogue = Catalogue(("antipode", "far"), np.array([180.01, 90.0]), np.array([60.0, 0.0]))
    for kind in ("TAN", "SIP", "TPV"):
        assert len(place_objects(make_wcs(kind), SHAPE, catalogue).numbers) == 0
