"""Specimens: the same series whatever else is measured, and no tuning on what is reported."""

import numpy as np
import pytest

from epochsieve.simulating.conditions import REPORT_SEEDS, REPORT_SURVEYS, TUNING_SEEDS, TUNING_SURVEYS, Condition
from epochsieve.simulating.specimens import (
    InjectedSpecimen,
    Plan,
    SurveySpecimen,
    count_groups,
    list_injected,
)
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.errors import SettingError

SHORT = Condition("short", epochs=6)


@pytest.fixture
def real(tmp_path):
    from astropy.io import fits

    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[:21, :21] - 10
    star = 300 * np.exp(-(rows**2 + columns**2) / 6)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for epoch in range(9):
            image = (star + rng.normal(0, 2, star.shape)).astype(np.float32)
            fits.PrimaryHDU(image).writeto(tmp_path / name / f"{epoch:02d}.fits")
    return tmp_path


def test_tuning_and_reporting_share_no_seed_and_no_survey():
    assert not set(TUNING_SEEDS) & set(REPORT_SEEDS)
    assert not set(TUNING_SURVEYS) & set(REPORT_SURVEYS)
    assert set(TUNING_SURVEYS) | set(REPORT_SURVEYS) == set(SURVEYS)


def test_object_does_not_depend_on_what_else_is_planned():
    alone = Plan(surveys=("coarse",), conditions=(SHORT,), objects=2).specimens()[1].make()
    among = Plan(surveys=("tiny", "coarse"), conditions=(SHORT,), objects=3).specimens()[4].make()
    assert among.truth == alone.truth
    assert (among.series.cube == alone.series.cube)[~np.isnan(alone.series.cube)].all()


@pytest.mark.parametrize("other", [("coarse", 1, 0), ("coarse", 0, 1), ("tiny", 0, 0)])
def test_objects_differ_between_numbers_seeds_and_surveys(other):
    def make(survey, number, seed):
        return SurveySpecimen(survey, SHORT, number, seed).make().series

    one, two = make("coarse", 0, 0), make(*other)
    assert one.stack.shape != two.stack.shape or (one.stack != two.stack).any()


def test_condition_changes_what_it_names():
    usual = SurveySpecimen("coarse", Condition("usual"), 0, 0).make()
    hard = SurveySpecimen("coarse", Condition("hard", epochs=20, bad_fraction=0.5, given_stack=False), 0, 0).make()
    assert len(usual.series) == SURVEYS["coarse"].epochs
    assert len(hard.series) == 20
    assert sum(truth.bad for truth in hard.truth) == 10
    assert (usual.series.stack_file != "", hard.series.stack_file) == (True, "")


@pytest.mark.parametrize("wrong", [{"surveys": ("nowhere",)}, {"surveys": ()}, {"objects": 0}, {"seed": -1}])
def test_plan_without_meaning_is_refused(wrong):
    with pytest.raises(SettingError):
        Plan(**wrong)


def test_plan_describes_what_was_not_tuned_on():
    described = Plan(seed=TUNING_SEEDS[0]).describe()
    assert described["not_tuned_on"] == {"surveys": list(REPORT_SURVEYS), "seed": False}
    assert Plan().describe()["not_tuned_on"]["seed"] is True


def test_groups_are_counted_in_order():
    specimens = Plan(surveys=("vst", "coarse"), conditions=(SHORT, Condition("usual")), objects=3).specimens()
    groups = dict(count_groups(specimens))
    assert list(groups) == [("vst", "short"), ("vst", "usual"), ("coarse", "short"), ("coarse", "usual")]
    assert set(groups.values()) == {3}
    assert not list(count_groups([]))


def test_real_series_below_a_root_are_injected_into_each_in_its_own_way(real):
    specimens = list_injected(real, seed=1, repeats=2, bad_fraction=0.5)
    assert [specimen.folder.name for specimen in specimens] == ["a", "b", "a", "b"]
    assert {specimen.group for specimen in specimens} == {(real.name, "injected")}
    kinds = [[truth.kind for truth in specimen.make().truth] for specimen in specimens]
    assert len(set(map(tuple, kinds))) == 4
    assert len({specimen.make().series.name for specimen in specimens}) == 4
    assert sum(kind != "" for kind in kinds[0]) >= 4


def test_only_epochs_labelled_as_good_are_injected_into(real):
    rows = [f"a,{epoch:02d}.fits,{bad},x" for epoch, bad in enumerate((0, 0, 1, -1, 0, 0, 0, 0, 0))]
    (real / "labels.csv").write_text("\n".join(["object,file,bad,reason", *rows]))
    files = [truth.file for truth in InjectedSpecimen(real / "a", 0.5, 0, 1).make().truth]
    assert not {"02.fits", "03.fits"} & set(files)
    assert len(files) == 6
