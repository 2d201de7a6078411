"""What the eye is trained on, and its mind."""

import numpy as np

from epochsieve.judging.weighing.testimony import HEARD
from epochsieve.judging.weighing.views import CHANNELS
from epochsieve.simulating.defects import DEFECTS, MISHAPS, ODDITIES
from epochsieve.simulating.looking import FEWEST_GOOD, imagine_series, take_hearing, take_views
from epochsieve.simulating.random_surveys import draw_survey


def test_surveys_drawn_at_random_differ_and_can_be_simulated():
    surveys = [draw_survey(np.random.default_rng(seed)) for seed in range(60)]
    assert len({survey.size for survey in surveys}) > 20
    assert any(survey.sky for survey in surveys)
    assert not all(survey.sky for survey in surveys)
    for seed in range(3):
        made = imagine_series(np.random.default_rng(seed))
        assert len(made.truth) == len(made.series)


def test_the_same_seed_draws_the_same_survey():
    assert draw_survey(np.random.default_rng(5)) == draw_survey(np.random.default_rng(5))


def test_views_are_of_all_that_is_not_good_and_of_as_many_good_epochs():
    made = imagine_series(np.random.default_rng(1))
    views = take_views(made.series, made.truth, np.random.default_rng(0))
    shown = [one.kind or "good" for one in made.truth if not (one.bad and one.power < 10)]
    assert views.images.shape[:2] == (len(views.kind), len(CHANNELS))
    assert views.images.dtype == np.float16
    told = (views.kind != "good").sum()
    assert (views.kind == "good").sum() == min(shown.count("good"), max(told, FEWEST_GOOD))
    assert set(views.kind) <= set(shown)


class MeanEye:
    """Takes the mean of each image of a view for its impression."""

    def look(self, views):
        return views.mean(axis=(2, 3))


def test_a_hearing_is_of_all_epochs_and_names_what_can_be_seen():
    made = imagine_series(np.random.default_rng(1))
    hearing = take_hearing(made.series, made.truth, MeanEye())
    shown = ["" if one.bad and one.power < 10 else one.kind or "good" for one in made.truth]
    assert hearing.kind.tolist() == [kind for kind, usable in zip(shown, made.series.usable, strict=True) if usable]
    assert hearing.impressions.shape == (len(hearing.kind), len(CHANNELS))
    assert hearing.raw.shape == (len(hearing.kind), len(HEARD))
    assert hearing.shown.any()


def test_defects_may_recur():
    kinds = set()
    for seed in range(12):
        made = imagine_series(np.random.default_rng(seed))
        kinds.add(len({one.kind for one in made.truth if one.bad}))
    assert min(kinds) <= 2 < max(kinds)


def test_series_of_random_surveys_teach_oddities_besides():
    made = [imagine_series(np.random.default_rng(seed)) for seed in range(4)]
    kinds = {one.kind for some in made for one in some.truth if one.bad}
    assert kinds & set(ODDITIES)
    assert kinds & set(DEFECTS)
    assert kinds <= set(MISHAPS)
