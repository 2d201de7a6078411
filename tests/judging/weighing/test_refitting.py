from dataclasses import replace

import numpy as np
import pytest

from epochsieve.judging.weighing.calibration import rate_epochs
from epochsieve.judging.weighing.refitting import BAD, GOOD, collect_rulings, collect_scores, refit_calibration
from epochsieve.judging.weighing.testimony import EYE, NAMES
from epochsieve.simulating.training import Lesson, fit_calibration
from epochsieve.vocabulary.errors import InputError
from epochsieve.vocabulary.findings import Findings

RATE = 0.01


def draw_scores(rng, epochs, loudness=0.0, scatter=0.2):
    """Draw what detectors say of good epochs; some epochs are louder than others, all detectors together."""
    louder = np.exp(loudness * rng.normal(size=(epochs, 1)))
    usual = np.where(np.array(NAMES) == EYE, -5.0, rng.normal(size=len(NAMES)))
    return np.exp(usual + scatter * louder * rng.normal(size=(epochs, len(NAMES))))


def spoil(rng, raw, share, factor):
    """Let three detectors see something in a share of the epochs, and the eye too; say in which."""
    bad = np.arange(len(raw)) < share * len(raw)
    for epoch in np.flatnonzero(bad):
        raw[epoch, rng.choice(len(NAMES), 3, replace=False)] *= factor * rng.uniform(1, 3)
        raw[epoch, NAMES.index(EYE)] *= np.exp(5)
    return bad


def take_lesson(rng, epochs=60):
    raw = draw_scores(rng, epochs)
    bad = spoil(rng, raw, 0.1, 1.5)
    kind = np.where(bad, "defect", "good").astype(object)
    return Lesson(raw, np.ones(epochs, bool), kind, bad, np.where(bad, 100.0, 0.0))


@pytest.fixture(scope="module")
def shipped():
    """A calibration made from 100 series of detectors that know nothing of each other."""
    rng = np.random.default_rng(1)
    return fit_calibration([take_lesson(rng) for _ in range(100)], "shipped")


def draw_survey(seed, series=80, epochs=60, **how):
    rng = np.random.default_rng(seed)
    return [draw_scores(rng, epochs, **how) for _ in range(series)]


def measure_alarms(survey, calibration, rate=RATE):
    """Measure which share of epochs, all of them good, is flagged."""
    scores = np.concatenate([rate_epochs(raw, np.ones(len(raw), bool), calibration).score for raw in survey])
    return float((scores >= -np.log10(rate)).mean())


def measure_threshold(calibration, rate=RATE):
    """Look up the standardised sum from which epochs are flagged."""
    return float(np.interp(-np.log10(rate), -np.log10(calibration.tail_chances), calibration.tail))


def test_findings_like_the_shipped_calibrations_change_little(shipped):
    rng = np.random.default_rng(2)
    fitted = refit_calibration([take_lesson(rng).raw for _ in range(80)], shipped).calibration
    assert measure_threshold(fitted) == pytest.approx(measure_threshold(shipped), rel=0.08)
    np.testing.assert_allclose(fitted.scatter, shipped.scatter, rtol=0.1)
    assert fitted.median == pytest.approx(shipped.median, abs=0.1 * shipped.spread)
    fresh = draw_survey(3)
    assert measure_alarms(fresh, fitted) == pytest.approx(measure_alarms(fresh, shipped), abs=0.003)


@pytest.mark.parametrize("bad", [0.0, 0.2])
def test_a_survey_with_broader_tails_gets_nearer_to_the_rate_asked_for(shipped, bad):
    rng = np.random.default_rng(4)
    own = draw_survey(5, loudness=0.3)
    for raw in own:
        spoil(rng, raw, bad, 20.0)
    fitted = refit_calibration(own, shipped).calibration
    fresh = draw_survey(6, loudness=0.3)
    before, after = (measure_alarms(fresh, one) for one in (shipped, fitted))
    assert before > 1.5 * RATE
    assert abs(np.log(after / RATE)) < 0.7 * abs(np.log(before / RATE))


def test_a_quieter_survey_gets_a_lower_threshold(shipped):
    quiet = replace(shipped, tail=tuple(1.3 * value for value in shipped.tail))
    refit = refit_calibration(draw_survey(7), quiet)
    assert refit.stretch < 1
    assert measure_threshold(refit.calibration) < measure_threshold(quiet)


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3])
def test_gross_outliers_hardly_change_it(shipped, share):
    clean = draw_survey(8)
    spoilt = [raw.copy() for raw in clean]
    rng = np.random.default_rng(9)
    for raw in spoilt:
        spoil(rng, raw, share, 20.0)
    without, with_outliers = (refit_calibration(one, shipped).calibration for one in (clean, spoilt))
    assert measure_threshold(with_outliers) == pytest.approx(measure_threshold(without), rel=0.08)
    assert with_outliers.median == pytest.approx(without.median, abs=0.2 * shipped.spread)
    fresh = draw_survey(10)
    assert measure_alarms(fresh, with_outliers) == pytest.approx(measure_alarms(fresh, without), abs=0.005)


def test_outliers_too_many_for_their_series_do_little_harm_beside_good_series(shipped):
    spoilt = draw_survey(8)
    rng = np.random.default_rng(9)
    for raw in spoilt[:10]:
        spoil(rng, raw, 0.9, 20.0)
    fitted, without = (refit_calibration(one, shipped).calibration for one in (spoilt, spoilt[10:]))
    assert measure_threshold(fitted) == pytest.approx(measure_threshold(without), rel=0.35)


@pytest.mark.parametrize(("series", "epochs"), [(1, 2), (1, 60), (3, 10), (5, 60)])
def test_a_few_epochs_leave_it_near_the_shipped_one(shipped, series, epochs):
    refit = refit_calibration(draw_survey(11, series, epochs, loudness=0.5, scatter=0.4), shipped)
    assert refit.weight < 0.25
    assert measure_threshold(refit.calibration) == pytest.approx(measure_threshold(shipped), rel=0.2)
    ratio = np.array(refit.calibration.scatter) / shipped.scatter
    assert ((ratio > 0.9) & (ratio < 1.6)).all()


def test_the_usual_scatter_follows_the_survey(shipped):
    fitted = refit_calibration(draw_survey(12, scatter=0.4), shipped).calibration
    ratio = np.array(fitted.scatter) / shipped.scatter
    assert ((ratio > 1.6) & (ratio < 2.1)).all()


def test_tables_and_weights_stay_and_the_name_says_what_was_done(shipped):
    refit = refit_calibration(draw_survey(13, series=3, epochs=20), shipped)
    changed = {"name", "scatter", "median", "tail"}
    for name, value in vars(shipped).items():
        if name not in changed:
            assert getattr(refit.calibration, name) == value, name
    assert refit.calibration.name == "refitted to 60 epochs of 3 objects, from shipped"
    assert refit.calibration.sha256 != shipped.sha256
    assert (refit.objects, refit.epochs) == (3, 60)


def test_the_order_of_objects_and_epochs_does_not_matter(shipped, rng):
    survey = draw_survey(14, series=10)
    shuffled = [rng.permutation(raw) for raw in reversed(survey)]
    assert refit_calibration(shuffled, shipped) == refit_calibration(survey, shipped)


@pytest.mark.parametrize("value", [0.0, 1.0, 1e9])
def test_scores_without_any_scatter_are_no_error(shipped, value):
    fitted = refit_calibration([np.full((40, len(NAMES)), value)] * 30, shipped).calibration
    assert np.isfinite([*fitted.tail, *fitted.scatter, fitted.median]).all()
    assert (np.diff(fitted.tail) >= 0).all()
    assert min(fitted.scatter) > 0


def make_findings(objects, scores, names=NAMES):
    columns = {f"score_{name}": column for name, column in zip(names, np.transpose(scores), strict=True)}
    return Findings({"object": objects, "file": [f"{i}.fits" for i in range(len(objects))], **columns})


def test_scores_are_collected_object_by_object_without_epochs_that_were_not_judged():
    scores = np.arange(5.0 * len(NAMES)).reshape(5, -1)
    scores[3] = np.nan
    parts = collect_scores(make_findings(["b", "a", "b", "a", "c"], scores), NAMES)
    assert [part.tolist() for part in parts] == [scores[[1]].tolist(), scores[[0, 2]].tolist(), scores[[4]].tolist()]
    backwards = collect_scores(make_findings(["b", "a", "b", "a", "c"], scores), NAMES[::-1])
    np.testing.assert_array_equal(backwards[0], parts[0][:, ::-1])


def test_findings_of_which_no_epoch_was_judged_are_refused(shipped):
    scores = collect_scores(make_findings(["a", "a"], np.full((2, len(NAMES)), np.nan)), NAMES)
    assert scores == []
    with pytest.raises(InputError, match="no epoch in these findings was judged"):
        refit_calibration(scores, shipped)


def test_findings_without_the_detectors_scores_are_refused():
    with pytest.raises(InputError, match=rf"lack score_{NAMES[0]} and {len(NAMES) - 1} more"):
        collect_scores(Findings({"object": ["a"], "score": [1.0]}), NAMES)
    with pytest.raises(InputError, match=rf"lack score_{NAMES[-1]}: only the method sieve"):
        collect_scores(make_findings(["a"], np.ones((1, len(NAMES) - 1)), NAMES[:-1]), NAMES)


def test_verdicts_of_nobody_change_nothing(shipped):
    survey = draw_survey(12, 10)
    silent = [np.zeros(len(raw), np.int8) for raw in survey]
    assert refit_calibration(survey, shipped, silent) == refit_calibration(survey, shipped)


@pytest.mark.parametrize("seed", [16, 116])
def test_verdicts_bring_a_survey_with_faint_defects_nearer_to_the_rate_and_the_worst_alone_do_so_too(shipped, seed):
    own = draw_survey(seed)
    rng = np.random.default_rng(seed + 1)
    bad = [spoil(rng, raw, 0.1, 1.5) for raw in own]
    scores = [rate_epochs(raw, np.ones(len(raw), bool), shipped).score for raw in own]
    said = [np.where(spoilt, BAD, GOOD).astype(np.int8) for spoilt in bad]
    said_of_the_worst = [np.where(score > 1, one, 0).astype(np.int8) for score, one in zip(scores, said, strict=True)]
    alone, helped, by_worst = (refit_calibration(own, shipped, given) for given in (None, said, said_of_the_worst))
    assert f"with {helped.judged} verdicts" in helped.calibration.name
    assert by_worst.judged < helped.judged / 4
    fresh = draw_survey(99, series=120)
    errors = [abs(np.log(measure_alarms(fresh, one.calibration) / RATE)) for one in (alone, helped, by_worst)]
    assert max(errors[1:]) < max(0.6 * errors[0], 0.2)


def test_rulings_stand_beside_the_scores_of_their_epochs():
    scores = {f"score_{name}": [1.0, np.nan, 3.0, 4.0] for name in NAMES}
    findings = Findings({"object": ["b", "b", "a", "b"], "file": list("wxyz"), **scores})
    said = collect_rulings(findings, NAMES, np.array([1, -1, -1, 0], np.int8))
    assert [part.tolist() for part in said] == [[-1], [1, 0]]
    assert [part[:, 0].tolist() for part in collect_scores(findings, NAMES)] == [[3.0], [1.0, 4.0]]
