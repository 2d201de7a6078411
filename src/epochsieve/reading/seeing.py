"""The seeing that a header states, in pixels, and only where its unit is beyond doubt."""

from math import inf, isfinite, nan, sqrt

from epochsieve.reading.headers import Lookup, to_number

_KEYS = ("FWHM", "PSF_FWHM", "SEEING")
_ARCSEC_PER_DEGREE = 3600.0
_ARCSEC_PER_PIXEL = (0.005, 60.0)
# What a unit-less number must be for a reading of it to be believed. A point source narrower than a pixel can't be
# measured; no ground-based telescope without adaptive optics sees sharper than 0.4 arcsec; and beyond 20 is no seeing.
_BELIEVABLE_PIXELS = (1.0, 20.0)
_BELIEVABLE_ARCSEC = (0.4, 20.0)


def read_fwhm(look_up: Lookup) -> float:
    """Find the full width at half maximum of a point source.

    A unit in the key's comment decides. Where there is none, the pixel scale does, if only one of pixels and
    arcseconds gives a believable seeing; otherwise nothing is claimed.

    Parameters
    ----------
    look_up : callable
        Header key to `Card`.

    Returns
    -------
    float
        Pixels; NaN where unknown or ambiguous.
    """
    for key in _KEYS:
        card = look_up(key)
        width = to_number(card.value)
        if 0 < width < inf:
            return _to_pixels(width, card.comment.lower(), read_pixel_scale(look_up))
    return nan


def read_pixel_scale(look_up: Lookup) -> float:
    """Measure a pixel's side from the header's CD matrix, or from CDELT, without building a WCS.

    Parameters
    ----------
    look_up : callable
        Header key to `Card`.

    Returns
    -------
    float
        Arcseconds, the geometric mean of both axes; NaN where the header has no celestial scale.
    """
    area = _determinant(look_up, "CD", 0.0)
    if not area > 0:
        sides = to_number(look_up("CDELT1").value) * to_number(look_up("CDELT2").value)
        area = abs(sides) * _determinant(look_up, "PC", 1.0)
    scale = sqrt(area) * _ARCSEC_PER_DEGREE if isfinite(area) else nan
    return scale if _within(scale, _ARCSEC_PER_PIXEL) else nan


def _determinant(look_up: Lookup, matrix: str, diagonal: float) -> float:
    """Give the area factor of a 2 x 2 matrix whose absent elements have their defaults."""

    def element(row: int, column: int) -> float:
        value = to_number(look_up(f"{matrix}{row}_{column}").value)
        return value if isfinite(value) else diagonal if row == column else 0.0

    return abs(element(1, 1) * element(2, 2) - element(1, 2) * element(2, 1))


def _to_pixels(width: float, comment: str, scale: float) -> float:
    """Convert by the unit in the comment, else by the only believable reading."""
    in_arcsec, in_pixels = "arcsec" in comment, "pix" in comment
    if in_arcsec == in_pixels:
        in_pixels = _believable(width, width * scale)
        in_arcsec = _believable(width / scale, width)
    if in_arcsec == in_pixels:
        return nan
    return width / scale if in_arcsec else width


def _believable(pixels: float, arcsec: float) -> bool:
    """Tell whether this could be a seeing."""
    return _within(pixels, _BELIEVABLE_PIXELS) and _within(arcsec, _BELIEVABLE_ARCSEC)


def _within(value: float, limits: tuple[float, float]) -> bool:
    """Tell whether a value lies in a range; NaN does not."""
    return limits[0] <= value <= limits[1]
