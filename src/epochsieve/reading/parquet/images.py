"""Images in a column: lists of numbers, lists of lists, Arrow's tensors, or FITS files as bytes."""

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochsieve.reading.contents import unpack_if_packed
from epochsieve.reading.fits_images import Image, parse_image
from epochsieve.reading.parquet.numbers import fill_missing, view_numbers
from epochsieve.reading.pixels import describe_shape
from epochsieve.vocabulary.errors import ImageError

Cell: TypeAlias = "NDArray[Any] | Image | ImageError | None"
"""What a row has for an image: numbers, shape (height, width); a FITS image; what is wrong with it; or nothing."""

Shape: TypeAlias = tuple[int, int] | None
"""Height and width as other columns give them; None where they don't."""


def read_images(column: Any, shapes: Sequence[Shape]) -> list[Cell]:
    """Read all images of a column.

    Parameters
    ----------
    column : pyarrow.Array
        Of a type that `epochsieve.reading.parquet.layouts` takes for images.
    shapes : sequence of (int, int) or None
        What each row says of its image's shape; a list of numbers without any is a square.

    Returns
    -------
    list
        One for each row; the numbers are views of the column's own where that goes.
    """
    import pyarrow as pa

    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return [_parse(cell) for cell in column.to_pylist()]
    if isinstance(column.type, pa.FixedShapeTensorType):
        return list(_read_tensors(column))
    nested = hasattr(column.type.value_type, "value_type")
    return list(_read_nested(column) if nested else _read_flat(column, shapes))


def _parse(contents: bytes | None) -> Cell:
    """Parse a FITS file."""
    try:
        return None if contents is None else parse_image(unpack_if_packed(contents))
    except ImageError as error:
        return error


def _read_tensors(column: Any) -> Iterator[Cell]:
    """Read arrays that all have one shape, their axes in the order that the type says."""
    shape = tuple(column.type.shape)
    order = column.type.permutation or range(len(shape))
    for _, values in _walk(column.storage):
        yield None if values is None else values.reshape(shape).transpose(order)


def _read_flat(column: Any, shapes: Sequence[Shape]) -> Iterator[Cell]:
    """Read lists of numbers, row by row of the image."""
    for row, values in _walk(column):
        yield None if values is None else _fold(values, shapes[row])


def _read_nested(column: Any) -> Iterator[Cell]:
    """Read lists of lists: one list for each row of the image, all of one length."""
    rows = column.flatten()
    lengths, values = _measure(rows), view_numbers(rows.flatten())
    row_ends = np.cumsum(_measure(column))
    ends = np.concatenate([[0], np.cumsum(lengths)])
    present = column.is_valid().to_pylist()
    begin = 0
    for is_there, end in zip(present, row_ends.tolist(), strict=True):
        widths = set(lengths[begin:end].tolist())
        if not is_there:
            yield None
        elif len(widths) != 1 or widths == {0}:
            yield ImageError("not a 2-D image: " + ("its rows differ in length" if len(widths) > 1 else "it is empty"))
        else:
            yield values[ends[begin] : ends[end]].reshape(end - begin, widths.pop())
        begin = end


def _walk(column: Any) -> Iterator[tuple[int, NDArray[Any] | None]]:
    """Go through lists of numbers; None for a row without one."""
    values, end = view_numbers(column.flatten()), 0
    for row, (length, is_there) in enumerate(
        zip(_measure(column).tolist(), column.is_valid().to_pylist(), strict=True)
    ):
        begin, end = end, end + length
        yield row, values[begin:end] if is_there else None


def _fold(values: NDArray[Any], shape: Shape) -> Cell:
    """Fold numbers into an image."""
    height, width = shape or (isqrt(len(values)),) * 2
    if height < 1 or width < 1 or height * width != len(values):
        said = describe_shape(shape) if shape else "square"
        return ImageError(f"not a 2-D image: {len(values)} pixels are not {said}")
    return values.reshape(height, width)


def _measure(lists: Any) -> NDArray[np.int64]:
    """Count what is in each list; a missing one holds nothing."""
    import pyarrow.compute as pc

    return fill_missing(pc.list_value_length(lists), 0)
