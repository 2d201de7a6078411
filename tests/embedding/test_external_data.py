"""Weights outside a network's file are found, and nothing else is taken for them."""

import pytest

from epochsieve.embedding.external_data import refers_to_other_files
from epochsieve.embedding.shipped import locate


def test_weights_in_another_file_are_found(save):
    assert refers_to_other_files(save("weights elsewhere").read_bytes())


@pytest.mark.parametrize("name", ["maps", "mean"])
def test_weights_inside_are_not_taken_for_others(save, name):
    assert not refers_to_other_files(save(name).read_bytes())


def test_a_real_network_holds_all_its_weights():
    assert not refers_to_other_files(locate("efficientnet-lite0", "last.onnx").read_bytes())


@pytest.mark.parametrize("content", [b"not a network", b"\x3a", b"\x3a\xff\x01\x00", b"\x80"])
def test_what_is_no_protobuf_message_is_a_value_error(content):
    with pytest.raises(ValueError, match="protobuf"):
        refers_to_other_files(content)
