"""Objects that are judged together are judged as each is alone; what goes wrong with one costs the others nothing."""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from epochsieve.embedding.torch_embedder import TorchEmbedder
from epochsieve.embedding.torch_eye import TorchEye
from epochsieve.jointly import JointSeriesWork
from epochsieve.methods import open_method
from epochsieve.pipeline import SeriesWork
from epochsieve.running.in_process import InProcess
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.tasks import list_tasks
from epochsieve.vocabulary.contracts import JointMethod
from epochsieve.vocabulary.errors import NoSeriesError
from epochsieve.vocabulary.findings import concatenate_findings
from epochsieve.vocabulary.series import CutoutSeries, Epoch
from epochsieve.writing.provenance import Provenance

PROVENANCE = Provenance("1", {})
PIXELS = 9 * 4 * 2


@dataclass(frozen=True)
class InMemory:
    """A series that is there already, or a complaint that it isn't."""

    series: CutoutSeries
    readable: bool = True
    origin: str = ""

    @property
    def parts(self):
        return (self.series.name,)

    def list_images(self):
        return [epoch.file for epoch in self.series.epochs]

    def take_fingerprint(self):
        return ""

    def read(self, _complaints=None):
        if not self.readable:
            raise NoSeriesError("not a single image")
        return self.series


@dataclass(frozen=True)
class Toy:
    """Scores by the sum of pixels, in three steps of which each may fail on some objects."""

    fails: dict = field(default_factory=dict)
    looks: list = field(default_factory=list)
    pixels_at_once: int = PIXELS
    name: str = "toy"

    def describe(self):
        return {"method": self.name}

    def prepare(self, series):
        self._fail("prepare", series)
        return series

    def look(self, prepared):
        self.looks.append([series.name for series in prepared])
        for series in prepared:
            self._fail("look", series)
        return [series.cube.sum(axis=(1, 2)) for series in prepared]

    def weigh(self, prepared, seen):
        from epochsieve.judging.rows import build_findings

        self._fail("weigh", prepared)
        return build_findings(prepared, {"score": seen, "threshold": 5.0}, self.describe())

    def judge(self, series):
        prepared = self.prepare(series)
        return self.weigh(prepared, *self.look([prepared]))

    def explain(self, series):
        raise NotImplementedError

    def _fail(self, step, series):
        if series.name in self.fails.get(step, ()):
            raise ZeroDivisionError(f"{series.name} at {step}")


def make_series(name, value=1.0, epochs=4, side=3):
    images = [np.full((side, side), value + i, np.float32) for i in range(epochs)]
    return CutoutSeries(
        name, np.zeros((side, side), np.float32), tuple(Epoch(f"{i}", im) for i, im in enumerate(images))
    )


def draw_nothing(_findings, _series):
    pass


def judge(kind, method, sources):
    work = kind(PROVENANCE, method, draw_nothing)
    tasks = list_tasks(sources)
    outcomes = list(work.do_jointly(tasks)) if kind is JointSeriesWork else [work(task) for task in tasks]
    return concatenate_findings([outcome.findings for outcome in outcomes])


def assert_same(found, expected):
    for name in expected.columns:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.fixture
def sources():
    return [InMemory(make_series(name, i)) for i, name in enumerate("abcde")]


def test_objects_are_looked_at_in_groups_of_so_many_pixels_and_judged_as_alone(sources):
    joint, alone = Toy(), Toy()
    assert isinstance(joint, JointMethod)
    assert_same(judge(JointSeriesWork, joint, sources), judge(SeriesWork, alone, sources))
    assert joint.looks == [["a", "b"], ["c", "d"], ["e"]]
    assert alone.looks == [["a"], ["b"], ["c"], ["d"], ["e"]]


def test_no_more_is_read_ahead_than_is_looked_at_together(sources):
    read = []

    def tell(tasks):
        for task in tasks:
            read.append(task.name)
            yield task

    outcomes = JointSeriesWork(PROVENANCE, Toy(), draw_nothing).do_jointly(tell(list_tasks(sources)))
    assert [next(outcomes).task.name for _ in range(2)] == ["a", "b"]
    assert read == ["a", "b"]


@pytest.mark.parametrize("step", ["prepare", "look", "weigh"])
def test_a_step_that_fails_on_one_object_costs_the_others_nothing(sources, step, caplog):
    caplog.set_level("INFO", "epochsieve")
    method = Toy({step: ("b", "c")})
    found = judge(JointSeriesWork, method, sources)
    assert_same(found, judge(SeriesWork, Toy({step: ("b", "c")}), sources))
    assert Counter(found["object"]) == dict.fromkeys("abcde", 4)
    assert set(found["object"][found["status"] == "ok"]) == set("ade")
    assert f"b: not judged: ZeroDivisionError: b at {step}" in caplog.text
    assert ("look at one after the other" in caplog.text) == (step == "look")


def test_what_cannot_be_read_has_its_rows_and_no_part_in_the_group(sources):
    sources[0] = replace(sources[0], readable=False)
    method = Toy()
    found = judge(JointSeriesWork, method, sources)
    assert list(found["status"][:5]) == ["not read: not a single image"] * 4 + ["ok"]
    assert method.looks[0] == ["b", "c"]


def test_a_runner_makes_the_same_parcels_together_as_one_by_one(sources):
    tasks = list_tasks(sources)
    chunks = [tasks[:3], tasks[3:]]
    found, expected = (
        list(InProcess().map(kind(PROVENANCE, Toy(), draw_nothing), chunks)) for kind in (JointSeriesWork, SeriesWork)
    )
    assert [parcel.part.content for parcel in found] == [parcel.part.content for parcel in expected]


def simulate(survey, seed, epochs):
    return simulate_series(SURVEYS[survey], np.random.default_rng(seed), epochs=epochs, name=f"{survey}{seed}").series


@pytest.fixture(scope="module")
def skies():
    """Series of two sizes, one of which has an image without content, and another nothing else."""
    small, large, more = simulate("tiny", 1, 10), simulate("vst", 2, 12), simulate("tiny", 3, 14)
    blank = replace(small.epochs[4], pixels=np.zeros_like(small.stack))
    holed = replace(small, name="holed", epochs=(*small.epochs[:4], blank, *small.epochs[5:]))
    return [
        InMemory(series) for series in (small, large, make_series("nothing", side=small.stack.shape[0]), holed, more)
    ]


@pytest.mark.parametrize("name", ["sieve", "paper"])
def test_both_methods_find_together_what_they_find_alone_to_the_last_bit(name, skies):
    method = open_method(name)
    assert isinstance(method, JointMethod)
    assert method.pixels_at_once == 0
    found = judge(JointSeriesWork, replace(method, pixels_at_once=10**9), skies)
    assert_same(found, judge(SeriesWork, method, skies))
    assert found["flagged"].any()


@pytest.mark.torch
@pytest.mark.filterwarnings("default")
def test_on_the_device_path_scores_are_those_of_the_processor(skies):
    for package in ("torch", "onnx"):
        pytest.importorskip(package)
    method = open_method("sieve")
    placed = replace(method, embedder=TorchEmbedder(method.embedder, "cpu"), eye=TorchEye(method.eye, "cpu"))
    found = judge(JointSeriesWork, replace(placed, pixels_at_once=10**9), skies)
    expected = judge(SeriesWork, method, skies)
    np.testing.assert_allclose(found["score"], expected["score"], atol=1e-2)
    np.testing.assert_array_equal(found["flagged"], expected["flagged"])
