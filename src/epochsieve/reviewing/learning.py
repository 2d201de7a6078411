"""What verdicts teach: a threshold, and which epochs look like those that were called bad."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.reviewing.lessons import Lesson, Quality
from epochsieve.reviewing.verdicts import Ruling
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings
from epochsieve.vocabulary.series import OK

Array = NDArray[Any]

FEWEST = 5
"""Fewest verdicts of each kind, bad and good, from which anything is learnt."""

FOLDS = 5
"""Parts into which verdicts are split to measure what was learnt on verdicts that it was not learnt from."""

FREEDOM, SCORE_FREEDOM = 0.1, 10.0
"""Scikit-learn's ``C`` for the model and for the threshold: few verdicts and many detectors ask for small weights."""

USUAL_SCATTER, PRIOR_EPOCHS = 0.3, 8
"""Usual scatter of a logarithmic score over a series, and its weight in epochs against the series' own."""

LOWEST, HIGHEST = -4.0, 12.0
"""Standard scores count between these."""

MAD_TO_SIGMA = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The epochs that people called bad or good.

    Attributes
    ----------
    columns : tuple of str
        Names of the features.
    features : ndarray of float64, shape (judged, columns)
        As `measure_features` gives them.
    bad, flagged : ndarray of bool, shape (judged,)
        What was said, and whether it is flagged.
    groups : ndarray of int, shape (judged,)
        Number of each one's object.
    """

    columns: tuple[str, ...]
    features: Array
    bad: NDArray[np.bool_]
    flagged: NDArray[np.bool_]
    groups: NDArray[np.intp]


def collect_judged(objects: Iterable[tuple[int, Findings]], said: Mapping[tuple[str, str], Ruling]) -> Judged:
    """Collect the epochs that people called bad or good.

    Parameters
    ----------
    objects : iterable of (int, Findings)
        Objects with their numbers, each with all of its epochs.
    said : mapping of (str, str) to Ruling
        Verdicts by object and file; those that are unsure teach nothing.

    Returns
    -------
    Judged
        In the order of the objects.

    Raises
    ------
    SettingError
        Where there are too few of either kind.
    """
    parts = [part for number, findings in objects if (part := _collect(number, findings, said))]
    bad = np.concatenate([part.bad for part in parts]) if parts else np.empty(0, bool)
    if min(bad.sum(), (~bad).sum()) < FEWEST:
        raise SettingError(
            f"learning takes {FEWEST} epochs called bad and {FEWEST} called good at least;"
            f" there are {int(bad.sum())} and {int((~bad).sum())}"
        )
    return Judged(
        parts[0].columns,
        np.concatenate([part.features for part in parts]),
        bad,
        np.concatenate([part.flagged for part in parts]),
        np.concatenate([part.groups for part in parts]),
    )


def learn_lesson(judged: Judged) -> Lesson:
    """Fit a threshold and a small model to verdicts, and measure both on verdicts left out.

    Verdicts are no random choice of epochs: people look at the worst first. Both fits are of the chance of being bad
    given the scores, which such a choice does not bias; precision and recall are among the judged and say nothing of
    others.

    Parameters
    ----------
    judged : Judged
        Epochs called bad or good.

    Returns
    -------
    Lesson
        Without the probabilities of other epochs; `predict_bad` gives them.

    Raises
    ------
    SettingError
        Where scikit-learn is not installed.
    """
    scores = judged.features[:, :1]
    threshold = _make_model(SCORE_FREEDOM).fit(scores, judged.bad)
    model = _make_model(FREEDOM).fit(judged.features, judged.bad)
    by_score = _predict_apart(judged, scores, SCORE_FREEDOM)
    by_model = _predict_apart(judged, judged.features, FREEDOM)
    return Lesson(
        judged=len(judged.bad),
        judged_bad=int(judged.bad.sum()),
        threshold=_find_threshold(float(threshold.coef_[0, 0]), float(threshold.intercept_[0])),
        before=_measure(judged.bad, judged.flagged, scores[:, 0]),
        with_threshold=_measure(judged.bad, by_score >= 1 / 2, by_score),
        with_model=_measure(judged.bad, by_model >= 1 / 2, by_model),
        weights=dict(zip(judged.columns, map(float, model.coef_[0].round(6)), strict=True)),
        intercept=float(model.intercept_[0].round(6)),
    )


def predict_bad(lesson: Lesson, findings: Findings) -> NDArray[np.float32]:
    """Say how likely each epoch of an object is bad.

    Parameters
    ----------
    lesson : Lesson
        What was learnt.
    findings : Findings
        All epochs of one object.

    Returns
    -------
    ndarray of float32, shape (rows,)
        0 to 1; an epoch without a score has 1, for it was not judged.
    """
    columns, features, known = measure_features(findings)
    weights = np.array([lesson.weights.get(name, 0.0) for name in columns])
    probability = np.ones(len(findings), np.float32)
    probability[known] = 1 / (1 + np.exp(-np.clip(features @ weights + lesson.intercept, -50, 50)))
    return probability


def measure_features(findings: Findings) -> tuple[tuple[str, ...], Array, NDArray[np.bool_]]:
    """Measure what the model goes by: an epoch's score, and each detector's from its series' median, in its scatter.

    Parameters
    ----------
    findings : Findings
        All epochs of one object.

    Returns
    -------
    columns : tuple of str
        Names: the score first.
    features : ndarray of float64, shape (known rows, columns)
        The logarithm of 1 + score, and standard scores.
    known : ndarray of bool, shape (rows,)
        The rows that have all of these.
    """
    names = [*(name for name in findings.columns if name.startswith("score_")), "distance"]
    names = [name for name in names if np.isfinite(findings[name]).any()]
    raw = np.stack([findings["score"], *(findings[name] for name in names)], axis=1).astype(float)
    known = np.isfinite(raw).all(axis=1) & (findings["status"] == OK)
    logs = np.log(np.maximum(raw[known, 1:], 1e-3))
    if not len(logs):
        return ("score", *names), np.empty((0, 1 + len(names))), known
    median = np.median(logs, axis=0)
    variance = (MAD_TO_SIGMA * np.median(np.abs(logs - median), axis=0)) ** 2
    scatter = np.sqrt((PRIOR_EPOCHS * USUAL_SCATTER**2 + len(logs) * variance) / (PRIOR_EPOCHS + len(logs)))
    standard = np.clip((logs - median) / scatter, LOWEST, HIGHEST)
    return ("score", *names), np.column_stack([np.log1p(np.maximum(raw[known, 0], 0)), standard]), known


def _collect(number: int, findings: Findings, said: Mapping[tuple[str, str], Ruling]) -> Judged | None:
    """Collect the judged epochs of one object; None where there are none."""
    keys = zip(findings["object"], findings["file"], strict=True)
    rulings = np.array([str(said.get(key, "")) for key in keys])
    columns, features, known = measure_features(findings)
    chosen = known & np.isin(rulings, [Ruling.BAD, Ruling.GOOD])
    if not chosen.any():
        return None
    bad = rulings[chosen] == Ruling.BAD
    return Judged(columns, features[chosen[known]], bad, findings["flagged"][chosen], np.full(len(bad), number))


def _make_model(freedom: float) -> Any:
    """Make an unfitted logistic regression."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise SettingError("learning needs scikit-learn: python -m pip install 'epochsieve[learn]'") from None
    return LogisticRegression(C=freedom, max_iter=1000)


def _predict_apart(judged: Judged, features: Array, freedom: float) -> Array:
    """Predict each verdict by a fit to others: of other objects, where there are enough of them."""
    predicted = np.empty(len(judged.bad))
    for learn, test in _split(judged):
        predicted[test] = (
            _make_model(freedom).fit(features[learn], judged.bad[learn]).predict_proba(features[test])[:, 1]
        )
    return predicted


def _split(judged: Judged) -> list[tuple[Array, Array]]:
    """Split verdicts into parts to learn from and to test on."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    folds = min(FOLDS, int(judged.bad.sum()), int((~judged.bad).sum()))
    if len(set(judged.groups.tolist())) >= folds:
        parts = list(StratifiedGroupKFold(folds).split(judged.features, judged.bad, judged.groups))
        if all(0 < judged.bad[learn].sum() < len(learn) and len(test) for learn, test in parts):
            return parts
    return list(StratifiedKFold(folds, shuffle=True, random_state=0).split(judged.features, judged.bad))


def _measure(bad: NDArray[np.bool_], flagged: NDArray[np.bool_], ranking: Array) -> Quality:
    """Measure decisions and a ranking against verdicts."""
    from sklearn.metrics import average_precision_score

    right = int((bad & flagged).sum())
    precision = right / int(flagged.sum()) if flagged.any() else np.nan
    return Quality(float(precision), right / int(bad.sum()), float(average_precision_score(bad, ranking)))


def _find_threshold(slope: float, intercept: float) -> float:
    """Find the score from which bad is more likely than good; NaN where high scores do not mean bad."""
    return float(np.expm1(-intercept / slope)) if slope > 0 else np.nan
