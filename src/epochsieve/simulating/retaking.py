"""Real frames spoilt after the fact: what a telescope would have done is done to the pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy import ndimage, signal

from epochsieve.simulating.damage import Copies, Damage
from epochsieve.simulating.exposing import Expectation, detect
from epochsieve.simulating.point_spread import Array


@dataclass(frozen=True, eq=False)
class RealFrame:
    """An epoch of a real series, and what is believed of it.

    Attributes
    ----------
    pixels : ndarray, shape (size, size)
        The image, image units, finite.
    mean : ndarray, shape (size, size)
        What it would be without noise, from the other epochs.
    sky, noise : float
        Background level, and noise per pixel, image units.
    gain : float
        Electrons per image unit; infinite where unknown, and photon noise is left out.
    """

    pixels: Array
    mean: Array
    sky: float
    noise: float
    gain: float

    @property
    def expectation(self) -> Expectation:
        """The undamaged image without its noise."""
        return detect(self.mean - self.sky, self.sky, self.noise, self.gain, Damage())


def retake(frame: RealFrame, damage: Damage, rng: Generator) -> tuple[Array, Expectation]:
    """Spoil a real frame.

    Shifts and turns interpolate (cubic splines, mirrored at the edges) and blurs average the noise that is in the
    pixels; as much new noise is added as was lost. Another field is this one upside down, its halves exchanged.

    Parameters
    ----------
    frame : RealFrame
        The undamaged epoch.
    damage : Damage
        What goes wrong.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (size, size)
        The spoilt image; NaN where there is no data.
    Expectation
        The same without noise, from the frame's mean.
    """
    believed = _believe(frame, damage)
    light = _handle(frame.pixels - frame.sky, damage) * damage.throughput + damage.light
    noise = frame.pixels - frame.mean
    light = light + (np.asarray(damage.noise_factor) - 1) * noise + _missing_noise(frame, damage) * _draw(frame, rng)
    spoilt = (light + frame.sky) * damage.gain + damage.offset
    if damage.replaced is not None:
        spoilt = np.where(damage.replaced, damage.values, spoilt)
    return spoilt, believed


def _believe(frame: RealFrame, damage: Damage) -> Expectation:
    """Spoil a frame's mean."""
    light = _handle(frame.mean - frame.sky, damage) * damage.throughput + damage.light
    return detect(light, frame.sky, frame.noise, frame.gain, damage)


def _missing_noise(frame: RealFrame, damage: Damage) -> Array | float:
    """Tell how much noise, in image units, a blur or a cloud took away and new light brings along."""
    kept = _kept_variance(damage) * np.square(damage.throughput)
    brought = np.clip(damage.light, 0, None) / frame.gain
    return np.asarray(np.sqrt(frame.noise**2 * np.clip(1 - kept, 0, None) + brought))


def _draw(frame: RealFrame, rng: Generator) -> Array:
    """Draw unit white noise."""
    return rng.normal(size=frame.pixels.shape)


def _handle(image: Array, damage: Damage) -> Array:
    """Do to an image what happens to the whole sky: another field, a turn, a shift, a blur."""
    if damage.other_field:
        image = np.roll(image[::-1], [side // 2 for side in image.shape], axis=(0, 1))
    if damage.turned:
        image = ndimage.rotate(image, np.degrees(damage.turned), reshape=False, mode="mirror")
    if damage.shift_y or damage.shift_x:
        image = ndimage.shift(image, (damage.shift_y, damage.shift_x), mode="mirror")
    if damage.copies is not None:
        kernel = _draw_kernel(damage.copies)
        image = signal.fftconvolve(np.pad(image, len(kernel) // 2, mode="symmetric"), kernel, mode="valid")
    return image


def _kept_variance(damage: Damage) -> float:
    """Tell which share of the noise's variance a blur leaves."""
    return 1.0 if damage.copies is None else float(np.sum(_draw_kernel(damage.copies) ** 2))


def _draw_kernel(copies: Copies) -> Array:
    """Draw displaced copies on whole pixels, each shared among its four neighbours."""
    reach = int(np.ceil(max(np.abs(copies.rows).max(), np.abs(copies.columns).max()))) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    top, left = np.floor(copies.rows).astype(int), np.floor(copies.columns).astype(int)
    down, right = copies.rows - top, copies.columns - left
    for step_y, share_y in ((0, 1 - down), (1, down)):
        for step_x, share_x in ((0, 1 - right), (1, right)):
            np.add.at(kernel, (top + reach + step_y, left + reach + step_x), copies.weights * share_y * share_x)
    return kernel
