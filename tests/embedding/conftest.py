"""Writes small ONNX networks byte by byte, so that these tests need no package beyond the runtime."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

FLOAT = 1


def varint(value: int) -> bytes:
    """Encode an integer, seven bits a byte."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def field(number: int, value: int | str | bytes) -> bytes:
    """Encode one field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor(name: str, values: np.ndarray) -> bytes:
    """Encode weights."""
    dims = b"".join(field(1, size) for size in values.shape)
    return dims + field(2, FLOAT) + field(8, name) + field(9, values.astype("<f4").tobytes())


def external_tensor(name: str, shape: tuple[int, ...], location: str) -> bytes:
    """Encode weights that lie in another file."""
    dims = b"".join(field(1, size) for size in shape)
    return dims + field(2, FLOAT) + field(8, name) + field(13, field(1, "location") + field(2, location)) + field(14, 1)


def port(name: str, shape: tuple[int | str, ...]) -> bytes:
    """Encode an input or output; a size that is a name may be any."""
    dims = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, dims)))


def node(kind: str, inputs: tuple[str, ...], output: str) -> bytes:
    """Encode a node with the default attributes."""
    return b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, kind)


def model(nodes: list[bytes], weights: list[bytes], inputs: list[bytes], outputs: list[bytes]) -> bytes:
    """Encode a whole network."""
    numbered = ((1, nodes), (2, ["test"]), (5, weights), (11, inputs), (12, outputs))
    graph = b"".join(field(number, part) for number, parts in numbered for part in parts)
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def averaging_model(shape: tuple[int | str, ...]) -> bytes:
    """Encode a network whose features are each channel's mean."""
    nodes = [node("GlobalAveragePool", ("images",), "means"), node("Flatten", ("means",), "features")]
    return model(nodes, [], [port("images", shape)], [port("features", (shape[0], shape[1]))])


def mapping_model(weights: bytes) -> bytes:
    """Encode a network whose two maps are one convolution with kernels of 2 x 2 pixels."""
    maps = port("maps", ("n", 2, "rows", "columns"))
    return model([node("Conv", ("images", "w"), "maps")], [weights], [port("images", ("n", 1, "h", "w"))], [maps])


def bounded_model() -> bytes:
    """Encode a network that ends with an activation that is seldom used."""
    nodes = [node("Tanh", ("images",), "maps")]
    return model(nodes, [], [port("images", ("n", 1, "h", "w"))], [port("maps", ("n", 1, "h", "w"))])


def adding_model() -> bytes:
    """Encode a network with two inputs."""
    ports = [port(name, ("n", 1, "h", "w")) for name in ("a", "b", "sum")]
    return model([node("Add", ("a", "b"), "sum")], [], ports[:2], ports[2:])


NETWORKS = {
    "mean": averaging_model(("n", 1, "h", "w")),
    "mean of colours at 8 x 6": averaging_model(("n", 3, 8, 6)),
    "mean by twos": averaging_model((2, 1, "h", "w")),
    "of flat vectors": model([node("Relu", ("x",), "y")], [], [port("x", ("n", 7))], [port("y", ("n", 7))]),
    "maps": mapping_model(tensor("w", np.stack([np.ones((1, 2, 2)), -np.ones((1, 2, 2))]))),
    "bounded": bounded_model(),
    "weights elsewhere": mapping_model(external_tensor("w", (2, 1, 2, 2), "weights.bin")),
    "two inputs": adding_model(),
    "text": b"not a network",
}


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that saves one of the networks and says where."""

    def save_network(name: str) -> Path:
        path = tmp_path / "mine.onnx"
        path.write_bytes(NETWORKS[name])
        return path

    return save_network
