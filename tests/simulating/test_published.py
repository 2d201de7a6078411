"""The published algorithm as a benchmark; it needs the extra `published`."""

import numpy as np
import pytest

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.judging.neighbours import measure_first_neighbour_distances
from epochsieve.judging.paper import PaperMethod
from epochsieve.reading.folders import read_series
from epochsieve.simulating.archive import write_survey
from epochsieve.simulating.baselines.published import PACKAGES, judge_folders, list_absent, measure_distances
from epochsieve.simulating.surveys import SURVEYS
from epochsieve.vocabulary.settings import ReadSettings


def test_what_is_absent_is_among_what_it_needs():
    assert set(list_absent()) <= set(PACKAGES)


def test_distances_are_those_to_first_neighbours(rng):
    pytest.importorskip("sklearn")
    features = rng.normal(size=(9, 30)).astype(np.float32)
    np.testing.assert_allclose(measure_distances(features), measure_first_neighbour_distances(features), rtol=1e-5)


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore::Warning:torch")
@pytest.mark.skipif(bool(list_absent()), reason="the extra published is not installed")
def test_the_method_paper_flags_what_it_flags(tmp_path):
    (folder,) = write_survey(SURVEYS["sparse"], 1, 3, tmp_path)
    published = list(judge_folders([folder]))
    findings = PaperMethod(open_embedder("efficientnet-lite0", "last")).judge(
        read_series(folder, ReadSettings("first"))
    )
    assert [row[1] for row in published] == list(findings["file"])
    np.testing.assert_allclose([row[2] for row in published], findings["distance"], rtol=1e-3)
    assert [row[3] for row in published] == list(findings["flagged"])
