"""The nodes of ONNX networks that PyTorch is taught to carry out."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import onnx
import torch
import torch.nn.functional as functions

Operation = Callable[[list[Any], Mapping[str, Any]], Any]
"""From a node's inputs and attributes to its output."""


def read_attributes(node: Any) -> dict[str, Any]:
    """Read a node's attributes as plain values.

    Parameters
    ----------
    node : onnx.NodeProto
        Any node.

    Returns
    -------
    dict
        By their names; those that are left out in the file are left out here.
    """
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def _convolve(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
    """Carry out Conv; ONNX pads each side by its own width, PyTorch opposite ones alike."""
    images, kernel, *bias = inputs
    top, left, bottom, right = attributes.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        images, top, left = functions.pad(images, (left, right, top, bottom)), 0, 0
    return functions.conv2d(
        images,
        kernel,
        bias[0] if bias else None,
        stride=tuple(attributes.get("strides", (1, 1))),
        padding=(top, left),
        dilation=tuple(attributes.get("dilations", (1, 1))),
        groups=attributes.get("group", 1),
    )


def _multiply(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
    """Carry out Gemm: a product of matrices, and usually something added."""
    left, right, *added = inputs
    left = left.T if attributes.get("transA", 0) else left
    right = right.T if attributes.get("transB", 0) else right
    product = attributes.get("alpha", 1.0) * (left @ right)
    return product + attributes.get("beta", 1.0) * added[0] if added else product


def _clip(inputs: list[Any], _: Mapping[str, Any]) -> Any:
    """Carry out Clip, whose bounds are inputs."""
    return torch.clamp(inputs[0], *inputs[1:])


def _flatten(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
    """Carry out Flatten."""
    return torch.flatten(inputs[0], start_dim=attributes.get("axis", 1))


def _take_logarithms(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
    """Carry out LogSoftmax, in single precision whatever came before: half has three digits."""
    return torch.log_softmax(inputs[0], attributes.get("axis", -1), dtype=torch.float32)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "Conv": _convolve,
        "Gemm": _multiply,
        "Clip": _clip,
        "Flatten": _flatten,
        "LogSoftmax": _take_logarithms,
        "Relu": lambda inputs, _: torch.relu(inputs[0]),
        "Sigmoid": lambda inputs, _: torch.sigmoid(inputs[0]),
        "Add": lambda inputs, _: inputs[0] + inputs[1],
        "Mul": lambda inputs, _: inputs[0] * inputs[1],
        "Concat": lambda inputs, attributes: torch.cat(inputs, attributes["axis"]),
        "GlobalAveragePool": lambda inputs, _: inputs[0].mean((2, 3), keepdim=True),
        "GlobalMaxPool": lambda inputs, _: inputs[0].amax((2, 3), keepdim=True),
    }
)
"""The nodes that can be run, by what ONNX calls them."""
