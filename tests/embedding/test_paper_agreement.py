"""Network and method together reproduce the published algorithm on the published series."""

import json
from pathlib import Path

import numpy as np

from epochsieve.embedding.onnx_embedder import open_embedder
from epochsieve.judging.paper import PaperMethod
from epochsieve.vocabulary.series import CutoutSeries, Epoch

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/paper-vst-0070.json").read_text())


def test_distances_and_flags_are_the_published_algorithms(shared_data):
    from astropy.io import fits

    files = sorted((shared_data / "vst/0070").glob("*.fits"))
    stack, *images = [fits.getdata(file).astype(np.float32) for file in files]
    epochs = tuple(Epoch(file.name, image) for file, image in zip(files[1:], images, strict=True))
    findings = PaperMethod(open_embedder()).judge(CutoutSeries("0070", stack, epochs))
    np.testing.assert_allclose(findings.distance, [GOLDEN["distances"][name] for name in findings.file], atol=1e-3)
    assert list(findings.file[findings.flagged]) == GOLDEN["flagged"]
    assert len(GOLDEN["flagged"]) == 27
