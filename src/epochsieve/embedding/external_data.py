"""Finds out whether an ONNX file keeps its weights elsewhere, where its digest would not cover them.

The runtime follows such references silently, relative to the working folder. The ONNX package could tell, but it is
no dependency; the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) is read here as far as the
question goes, with field numbers from ONNX's ``onnx.proto``.
"""

from collections.abc import Iterator

# Message -> field number -> message: every way from the model to a tensor.
_NESTED = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_VARINT, _LENGTH = 0, 2
_WIDTHS = {1: 8, 5: 4}


def refers_to_other_files(content: bytes) -> bool:
    """Find references to weights in other files.

    Parameters
    ----------
    content : bytes
        An ONNX model.

    Returns
    -------
    bool
        Whether any tensor's data lies outside.

    Raises
    ------
    ValueError
        Where the bytes are no protobuf message.
    """
    try:
        return _is_external("model", memoryview(content))
    except (IndexError, KeyError) as error:
        raise ValueError("no protobuf message") from error


def _is_external(kind: str, message: memoryview) -> bool:
    """Look for external tensors in a message of some kind, and in those nested in it."""
    if kind == "tensor":
        return any(
            number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value == 1)
            for number, value in _iterate_fields(message)
        )
    nested = _NESTED[kind]
    return any(
        _is_external(nested[number], value)
        for number, value in _iterate_fields(message)
        if number in nested and isinstance(value, memoryview)
    )


def _iterate_fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield each field's number and its value: an integer, or the bytes of anything else."""
    position = 0
    while position < len(message):
        key, position = _read_varint(message, position)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, position = _read_varint(message, position)
            yield number, value
            continue
        width = _WIDTHS.get(wire)
        if wire == _LENGTH:
            width, position = _read_varint(message, position)
        if width is None or position + width > len(message):
            raise IndexError(position)
        yield number, message[position : position + width]
        position += width


def _read_varint(message: memoryview, position: int) -> tuple[int, int]:
    """Read an integer of seven bits a byte, lowest first; return it and the position after it."""
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value, position
