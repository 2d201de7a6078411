import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from epochsieve.cli import app
from epochsieve.jobs.reviewing import open_desk
from epochsieve.reviewing.learning import collect_judged, learn_lesson, predict_bad
from epochsieve.reviewing.lessons import read_lesson
from epochsieve.reviewing.queueing import Choice, Order
from epochsieve.reviewing.verdicts import Ruling, VerdictBook, make_verdict
from epochsieve.vocabulary.errors import SettingError
from epochsieve.vocabulary.findings import Findings

pytest.importorskip("sklearn", reason="needs the extra learn")


def draw_object(name: str, seed: int, epochs: int = 40) -> tuple[Findings, np.ndarray]:
    """Draw an object in which the score knows half of what is bad, and one detector of three the rest."""
    rng = np.random.default_rng(seed)
    bad = rng.random(epochs) < 0.3
    seen = bad & (rng.random(epochs) < 0.5)
    score = np.where(seen, rng.uniform(2, 8, epochs), rng.uniform(0, 3, epochs))
    line = np.exp(0.3 * rng.normal(size=epochs) + 2.5 * bad) * rng.uniform(1, 30)
    columns = {
        "object": [name] * epochs,
        "file": [f"{i:02d}" for i in range(epochs)],
        "score": score,
        "threshold": [2.0] * epochs,
        "flagged": score >= 2,
        "status": ["ok"] * epochs,
        "distance": rng.random(epochs),
        "score_line": line,
        "score_level": rng.random(epochs),
        "score_noise": rng.random(epochs),
    }
    return Findings(columns), bad


def judge(objects: list[tuple[Findings, np.ndarray]]) -> dict[tuple[str, str], Ruling]:
    return {
        (name, file): Ruling.BAD if spoilt else Ruling.GOOD
        for findings, bad in objects
        for name, file, spoilt in zip(findings["object"], findings["file"], bad, strict=True)
    }


@pytest.fixture(scope="module")
def survey() -> list[tuple[Findings, np.ndarray]]:
    return [draw_object(f"o{i}", i) for i in range(12)]


def test_a_model_finds_what_the_score_alone_does_not_on_objects_it_has_never_seen(survey) -> None:
    lesson = learn_lesson(collect_judged(((i, f) for i, (f, _) in enumerate(survey[:8])), judge(survey[:8])))
    assert lesson.with_model.average_precision > lesson.before.average_precision + 0.15
    assert lesson.with_model.precision > lesson.before.precision
    fresh = [(predict_bad(lesson, findings), bad) for findings, bad in survey[8:]]
    claimed = lesson.with_model.precision
    found = np.concatenate([bad[p >= 0.5] for p, bad in fresh]).mean()
    assert found == pytest.approx(claimed, abs=0.12)
    assert max(lesson.weights, key=lesson.weights.get) == "score_line"


def test_where_scores_say_nothing_no_gain_is_claimed() -> None:
    rng = np.random.default_rng(1)
    objects = [(draw_object(f"o{i}", i)[0], rng.random(40) < 0.5) for i in range(8)]
    lesson = learn_lesson(collect_judged(((i, f) for i, (f, _) in enumerate(objects)), judge(objects)))
    assert lesson.with_model.average_precision == pytest.approx(0.5, abs=0.1)


def test_looking_at_the_worst_alone_leaves_the_threshold_where_it_is(survey) -> None:
    said = judge(survey)
    worst = {
        key: ruling
        for (f, _) in survey
        for key, ruling in said.items()
        if key[0] == f["object"][0] and f["score"][int(key[1])] > 1
    }
    objects = [(i, f) for i, (f, _) in enumerate(survey)]
    everything, some = (learn_lesson(collect_judged(objects, given)).threshold for given in (said, worst))
    assert some == pytest.approx(everything, rel=0.2)


def test_unsure_verdicts_teach_nothing_and_too_few_are_refused(survey) -> None:
    unsure = dict.fromkeys(judge(survey), Ruling.UNSURE)
    with pytest.raises(
        SettingError, match="learning takes 5 epochs called bad and 5 called good at least; there are 0 and 0"
    ):
        collect_judged(((i, f) for i, (f, _) in enumerate(survey)), unsure)


def test_probabilities_do_not_depend_on_the_units_of_scores_or_the_order_of_epochs(survey) -> None:
    lesson = learn_lesson(collect_judged(((i, f) for i, (f, _) in enumerate(survey)), judge(survey)))
    findings = survey[0][0]
    backwards = predict_bad(lesson, findings.select(slice(None, None, -1)))
    np.testing.assert_allclose(backwards[::-1], predict_bad(lesson, findings), rtol=1e-6)
    louder = Findings({**findings.columns, "score_line": 7 * findings["score_line"]})
    np.testing.assert_allclose(predict_bad(lesson, louder), predict_bad(lesson, findings), rtol=1e-5)


def test_a_lesson_survives_being_written_as_json(survey) -> None:
    lesson = learn_lesson(collect_judged(((i, f) for i, (f, _) in enumerate(survey)), judge(survey)))
    again = read_lesson(json.loads(json.dumps(lesson.as_json())))
    np.testing.assert_allclose(predict_bad(again, survey[0][0]), predict_bad(lesson, survey[0][0]))
    assert again.with_model == lesson.with_model


def test_the_command_writes_what_was_learnt_and_the_review_goes_by_it(results: Path) -> None:
    assert CliRunner().invoke(app, ["learn", str(results)]).exit_code == 2
    desk = open_desk(results, "ada")
    for row in range(24):
        number, facts = desk.read_row(row)
        ruling = Ruling.BAD if facts["flagged"] else Ruling.GOOD
        desk.book.give(
            make_verdict(
                *(str(desk.catalogue.names[number]), str(facts["file"]), ruling),
                person="ada",
                score=1.0,
                flagged=True,
                version="0",
            )
        )
    said = CliRunner().invoke(app, ["learn", str(results)])
    assert said.exit_code == 0, said.output
    assert "verdicts    24, 12 of them bad" in said.stdout
    assert "calibration " not in said.stdout  # these findings lack most detectors
    again = open_desk(results, "ada")
    rows = again.queue(Choice(order=Order.LEARNT, flagged=False), anew=False)
    assert again.catalogue.flagged[rows[:12]].all()
    assert again.lesson.judged == 24


def test_a_lesson_of_other_findings_is_forgotten(results: Path) -> None:
    (results / "learnt.json").write_text("{}")
    np.save(results / "learnt.npy", np.zeros(3, np.float32))
    assert open_desk(results, "ada").lesson is None
    assert VerdictBook(results / "verdicts.sqlite").list_standing() == []
