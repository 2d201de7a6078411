"""Each epoch beside what it should look like: the common ground of all detectors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.judging.expecting.centre import measure_change
from epochsieve.judging.expecting.error_model import fit_error_model, measure_misfit
from epochsieve.judging.expecting.fitting import Basis, Fit, OwnTemplates, fit_alike, fit_templates
from epochsieve.judging.expecting.matching import hold_shifts, match_seeing, move_images
from epochsieve.judging.expecting.missing import find_missing
from epochsieve.judging.expecting.modes import count_modes, deal_folds, find_modes
from epochsieve.judging.expecting.newcomers import estimate_error, find_newcomers, mark_host
from epochsieve.judging.expecting.noise_pattern import find_noise_pattern
from epochsieve.judging.expecting.scene import QUIETEST, Scene, build_scene
from epochsieve.judging.expecting.shapes import Shapes, measure_shapes
from epochsieve.judging.expecting.templates import SCENE, VARYING, Templates, make_templates
from epochsieve.judging.robust import SPREAD_OF_MAD, measure_steady_ratio, take_median, take_middle
from epochsieve.judging.smoothing import square_gradient
from epochsieve.vocabulary.series import FloatImage

Array = NDArray[Any]

BRIGHTEST = 20.0
"""Pixels count as no brighter than so many times the brightest of the reference: hot ones would rule the first fit."""

FAINTEST = 0.2
"""Of the usual brightness: a fainter epoch has no say in what is good."""

STEADY_EPOCHS = 10
"""Weight, in epochs, of the model of errors against a pixel's own scatter over the epochs."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Epochs compared with what they should look like; height x width pixels are flattened where it says pixels.

    Attributes
    ----------
    scene : Scene
        What the series shows.
    good : ndarray of bool, shape (epochs,)
        Epochs that show the scene at a usual brightness: they say what is normal.
    images : ndarray of float32, shape (epochs, height, width)
        Background-subtracted, without new stars and without the central source's change of brightness; zero where
        data is missing.
    expected : ndarray of float32, shape (epochs, height, width)
        What each epoch should look like, in the file's own units, background and variable source included.
    residual : ndarray of float32, shape (epochs, height, width)
        Epoch minus that, in units of the expected error; zero where data is missing.
    departure : ndarray of float32, shape (epochs, height, width)
        `images` minus the reference at the epoch's own brightness, and in its place as far as the shift is usual: what
        else the fit explains is still there. In units of an error that leaves out the epoch's misfit; zero where data
        is missing.
    matched : ndarray of float32, shape (epochs, height, width)
        The same minus what another brightness, place or seeing explains (`match_seeing`).
    granted : ndarray of float32, shape (epochs, height, width)
        New stars and the central source's change of brightness, in the same units.
    coefficients : ndarray, shape (epochs, templates + modes)
        Of the full fit; the first are those of `templates`.
    templates : Templates
        What was fitted.
    shapes : Shapes
        Place, size and elongation of the epoch's sources.
    noise, misfit : ndarray, shape (epochs,)
        Background noise in image units, and by how much bright pixels scatter too much (ratio of variances).
    """

    scene: Scene
    good: NDArray[np.bool_]
    images: FloatImage
    expected: FloatImage
    residual: FloatImage
    departure: FloatImage
    matched: FloatImage
    granted: FloatImage
    coefficients: Array
    templates: Templates
    shapes: Shapes
    noise: Array
    misfit: Array


@dataclass(eq=False)
class _Work:
    """What the stages of a comparison hand on; pixels are flattened."""

    scene: Scene
    host: NDArray[np.bool_]
    templates: Templates
    basis: Basis
    valid: NDArray[np.bool_]
    images: Array
    stars: Array
    star_error: Array
    fit: Fit
    variance: Array
    plain: Array
    noise: Array
    noise_pattern: Array
    misfit: Array
    good: NDArray[np.bool_]
    patterns: Array

    @property
    def pixel_noise(self) -> Array:
        """Background noise of each pixel, or of each epoch where its pixels are alike."""
        return (self.noise[:, None] * self.noise_pattern).astype(np.float32)


def compare_epochs(cube: FloatImage, stack: FloatImage, noise: FloatImage | None = None) -> Comparison:
    """Compare every epoch with what it should look like.

    Parameters
    ----------
    cube : ndarray of float32, shape (epochs, height, width)
        At least one image; NaN where data is missing.
    stack : ndarray of float32, shape (height, width)
        The given stack; it counts where epochs are few.
    noise : ndarray of float32, shape (epochs, height, width), optional
        One-sigma noise of the pixels in any unit, NaN where unknown. Only its pattern counts: how much noisier than
        others a pixel is. The level is measured on the images.

    Returns
    -------
    Comparison
        Finite everywhere.
    """
    scene = build_scene(cube, find_missing(cube), stack)
    work = _start(scene, find_noise_pattern(noise, scene.missing))
    _subtract_stars(work)
    _learn_errors(work)
    _learn_patterns(work)
    _learn_errors(work)
    _subtract_stars(work)
    return _finish(work)


def _start(scene: Scene, noise_pattern: Array) -> _Work:
    """Fit the templates with a first guess of the errors."""
    valid = ~scene.missing.reshape(len(scene.images), -1)
    highest = (BRIGHTEST * (np.abs(scene.reference).max() + scene.noise[:, None])).astype(np.float32)
    images = np.clip(scene.images.reshape(valid.shape), -highest, highest)
    templates = make_templates(scene)
    light, slope2 = np.maximum(scene.reference, 0).ravel(), square_gradient(scene.reference[None]).ravel()
    model_error = ((0.03 * light) ** 2 + 0.01 * slope2).astype(np.float32)
    variance = (scene.noise[:, None] * noise_pattern).astype(np.float32) ** 2 + model_error
    basis = Basis(templates.images)
    begun = fit_alike(images, valid, 1 / (np.float32(take_middle(scene.noise)) ** 2 + model_error), basis)
    fit = fit_templates(images, _weigh(variance, valid), basis, 2, before=begun)
    nothing = np.zeros_like(images)
    count = len(images)
    good = scene.alike & (measure_steady_ratio(fit.coefficients[:, 0], scene.alike) > FAINTEST)
    good = good if good.any() else scene.alike
    noise = _measure_noise(fit.residual / noise_pattern, valid, scene, 3)
    return _Work(
        scene,
        mark_host(scene),
        templates,
        basis,
        valid,
        images,
        nothing,
        nothing,
        fit,
        variance,
        variance,
        noise,
        noise_pattern,
        np.ones(count),
        good,
        np.empty((1, 0, images.shape[1])),
    )


def _subtract_stars(work: _Work) -> None:
    """Find new stars in the residuals, subtract them and fit their epochs again."""
    shape = work.scene.images.shape
    residual, variance, valid = (cube.reshape(shape) for cube in (work.fit.residual, work.variance, work.valid))
    stars = find_newcomers(residual, variance, valid, work.host, work.scene.psf_sigma)
    found = np.asarray(stars.any(axis=(1, 2)))
    if not found.any():
        return
    error = np.zeros_like(work.images)
    error[found] = estimate_error(stars[found]).reshape(-1, error.shape[1])
    work.star_error = work.star_error + error
    work.stars = work.stars + stars.reshape(work.images.shape)
    work.variance = work.variance + error
    again, before = _fit_some(work, np.flatnonzero(found), 3), work.fit
    merged = (before.coefficients.copy(), before.model.copy(), before.residual.copy())
    for every, some in zip(merged, (again.coefficients, again.model, again.residual), strict=True):
        every[found] = some
    work.fit = Fit(*merged)


def _fit_some(work: _Work, chosen: NDArray[np.intp] | slice, rounds: int, before: Array | None = None) -> Fit:
    """Fit some epochs by the templates and their fold's patterns."""
    valid, folds = work.valid[chosen], deal_folds(len(work.images))[chosen]
    images = (work.images[chosen] - work.stars[chosen]) * valid
    own = OwnTemplates(work.patterns, folds % len(work.patterns))
    return fit_templates(images, _weigh(work.variance[chosen], valid), work.basis, rounds, own, before)


def _learn_errors(work: _Work) -> None:
    """Learn from the residuals how large they may be."""
    model = work.fit.model
    slope2 = square_gradient(model.reshape(work.scene.images.shape)).reshape(model.shape)
    chosen = work.valid & work.good[:, None]
    errors = fit_error_model(work.fit.residual, model, slope2, work.pixel_noise, chosen)
    variance = errors.predict(work.pixel_noise, model, slope2)
    work.misfit = measure_misfit(work.fit.residual, variance, work.pixel_noise, work.valid)
    noise2 = work.pixel_noise**2
    work.plain = variance + work.star_error
    work.variance = noise2 + work.misfit[:, None].astype(np.float32) * (variance - noise2) + work.star_error


def _learn_patterns(work: _Work) -> None:
    """Learn what good epochs' residuals have in common, and let that be fitted too."""
    count = count_modes(int(work.good.sum()), work.images.shape[1])
    if count == 0:
        return
    sigmas = work.fit.residual * np.sqrt(_weigh(work.variance, work.valid))
    power = np.minimum(sigmas**2, 9).mean(axis=1)
    learnt = work.good & (power <= 3 * take_middle(power[work.good]))
    usual = np.sqrt(take_middle(work.variance[work.good]))
    modes = find_modes(sigmas, learnt, count) * usual
    work.patterns = modes / np.sqrt(np.einsum("fkp,fkp->fk", modes, modes) + 1e-30)[..., None]
    work.fit = _fit_some(work, slice(None), 2, work.fit.residual)
    work.noise = _measure_noise(work.fit.residual / work.noise_pattern, work.valid, work.scene)


def _finish(work: _Work) -> Comparison:
    """Tell the central source's change from the scene's, and put everything into the detectors' units."""
    shape = work.scene.images.shape
    weights = _weigh(work.variance, work.valid)
    images = (work.images - work.stars) * work.valid
    rows = work.templates.find([*SCENE, *VARYING])
    simple = fit_templates(images, weights, work.templates.images[rows], 1, before=work.fit.residual)
    changes = measure_change(simple, work.templates, work.scene, work.good)
    scale, lights = simple.coefficients[:, :1] / work.templates.lengths[0], work.templates.images[rows[-len(VARYING) :]]
    change = changes.astype(np.float32) @ lights.astype(np.float32)
    lights = np.concatenate([work.scene.reference.reshape(1, -1), lights]).reshape(-1, *shape[1:])
    shapes = measure_shapes(images, weights, simple.residual, lights, np.hstack([scale, changes]))
    shapes = _rescale(shapes, scale, work.good)
    residual = work.fit.residual * np.sqrt(weights)
    residual /= np.sqrt(_measure_scatter(residual[work.good], work.valid[work.good])).astype(np.float32)
    error, level = np.sqrt(work.plain), work.scene.background[:, None].astype(np.float32)
    expected = scale.astype(np.float32) * work.scene.reference.ravel().astype(np.float32) + change
    shifts = hold_shifts(shapes.take("shift_x", "shift_y")[0], work.good)
    moved = move_images(expected.reshape(shape), shifts)
    begun = work.fit.residual.reshape(shape)
    matched = match_seeing(images.reshape(shape), weights.reshape(shape), begun, moved, work.scene.blur)
    departure = images - moved.reshape(images.shape)
    return Comparison(
        work.scene,
        work.good,
        ((images - change) * work.valid).reshape(shape),
        (work.fit.model + work.stars + level).reshape(shape),
        residual.reshape(shape),
        np.asarray(departure / error * work.valid, np.float32).reshape(shape),
        np.asarray(matched.reshape(images.shape) / error * work.valid, np.float32).reshape(shape),
        ((work.stars + change) / error).reshape(shape).astype(np.float32),
        work.fit.coefficients,
        work.templates,
        shapes,
        work.noise,
        work.misfit,
    )


def _rescale(shapes: Shapes, scale: Array, good: NDArray[np.bool_]) -> Shapes:
    """Measure brightness in units of the good epochs' usual one, instead of each epoch's own expectation."""
    factors = np.ones(shapes.values.shape)
    factors[:, :1] = scale / (take_middle(scale[good, 0] * shapes.values[good, 0]) or 1.0)
    return Shapes(shapes.values * factors, shapes.errors * np.abs(factors))


def _measure_scatter(residual: Array, valid: NDArray[np.bool_]) -> Array:
    """Measure each pixel's variance over the good epochs, drawn towards one where they are few."""
    variance = (SPREAD_OF_MAD * take_median(np.abs(residual), valid, axis=0)) ** 2
    count = valid.sum(axis=0)
    return np.asarray(
        (STEADY_EPOCHS + count * np.maximum(np.nan_to_num(variance, nan=1.0), 0.5)) / (STEADY_EPOCHS + count)
    )


def _measure_noise(residual: Array, valid: NDArray[np.bool_], scene: Scene, step: int = 1) -> Array:
    """Measure the noise where there is little light, on every so manieth pixel there."""
    light = np.maximum(scene.reference, 0).ravel()
    faint = np.flatnonzero(light <= np.percentile(light, 60))[::step]
    noise = SPREAD_OF_MAD * take_median(np.abs(residual[:, faint]), valid[:, faint])
    return np.where(noise > 0, np.maximum(noise, QUIETEST * take_middle(scene.noise)), scene.noise)


def _weigh(variance: Array, valid: NDArray[np.bool_]) -> Array:
    """Turn variances into weights."""
    return np.asarray(valid / variance, np.float32)
