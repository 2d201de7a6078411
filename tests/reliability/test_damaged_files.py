"""Bits that flip in what epochsieve wrote or was shipped with: found before anything is believed."""

import random
import shutil

import pytest
from faults import assert_same, flip, go_on, tear, times

from epochsieve.embedding.onnx_session import open_network
from epochsieve.embedding.shipped import locate, shipped_networks
from epochsieve.vocabulary.errors import EmbedderError, ResultsError
from epochsieve.writing.part_files import find_parts
from epochsieve.writing.parts import read_part


@pytest.fixture
def results(finished, tmp_path):
    """A finished run of its own."""
    return shutil.copytree(finished, tmp_path / "out")


@pytest.mark.parametrize("damage", [flip, tear])
def test_damaged_parts_are_found_or_harmless_and_judged_again(objects, results, unbroken, note, damage):
    rng = random.Random(20240719)
    part = find_parts(results)[2]
    whole, expected = part.read_bytes(), read_part(part).findings
    survived = found = 0
    for _ in range(times(30, 300)):
        damage(part, rng)
        try:
            assert_same(read_part(part).findings, expected)
        except ResultsError:
            found += 1
        survived += 1
        part.write_bytes(whole)
    assert found > times(30, 300) // 2
    damage(part, rng)
    assert_same(go_on(objects, results), unbroken)
    note(times(30, 300), survived)


def test_a_network_with_a_flipped_bit_is_refused_before_anything_is_scored(tmp_path, note):
    rng = random.Random(20240719)
    (stated,) = [facts for name, facts in shipped_networks().items() if name == "efficientnet-lite0"]
    layer = stated["outputs"]["stride8"]
    network = tmp_path / "network.onnx"
    shutil.copy(locate("efficientnet-lite0", layer["file"]), network)
    whole, survived = network.read_bytes(), 0
    open_network(network, layer["sha256"])
    for attempt in range(times(5, 60)):
        altered = network.with_name(f"{attempt}.onnx")
        altered.write_bytes(whole)
        flip(altered, rng)
        with pytest.raises(EmbedderError, match="was altered"):
            open_network(altered, layer["sha256"])
        survived += 1
    note(times(5, 60), survived)
