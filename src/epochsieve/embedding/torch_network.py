"""An ONNX network run by PyTorch: its weights read out of the file, its nodes carried out one after the other."""

from collections.abc import Callable, Mapping
from typing import Any

import onnx
import torch
import torch.nn.functional as functions
from onnx import numpy_helper

from epochsieve.vocabulary.errors import EmbedderError

Operation = Callable[[list[Any], Mapping[str, Any]], Any]
"""From a node's inputs and attributes to its output."""


class TorchNetwork:
    """A network on a device.

    Parameters
    ----------
    content : bytes
        An ONNX model made of convolutions, activations, sums, products and averages over space: all networks that are
        shipped, and EfficientNet-B0 to B7.
    device : str
        ``"cuda"`` or ``"cpu"``.
    precision : str
        ``"float32"`` or ``"float16"``.

    Raises
    ------
    EmbedderError
        Where the network has other nodes, or takes images of one size only.
    """

    def __init__(self, content: bytes, device: str, precision: str) -> None:
        graph = onnx.load_model_from_string(content).graph
        if unknown := sorted({node.op_type for node in graph.node} - OPERATIONS.keys()):
            raise EmbedderError(f"PyTorch is not taught to run this network's {', '.join(unknown)}: use --device cpu")
        self.device, self.dtype = torch.device(device), getattr(torch, precision)
        self.outputs = [port.name for port in graph.output]
        self._input = graph.input[0].name
        shape = graph.input[0].type.tensor_type.shape.dim
        self.channels = shape[1].dim_value or 1
        if any(axis.dim_value for axis in shape[2:]):
            raise EmbedderError("PyTorch runs networks that take images of any size, not of one only: use --device cpu")
        self._weights = {tensor.name: self._place(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
        self._steps = [
            (OPERATIONS[node.op_type], list(node.input), node.output[0], _read_attributes(node)) for node in graph.node
        ]

    def run(self, images: Any, output: str) -> Any:
        """Run the network.

        Parameters
        ----------
        images : torch.Tensor, shape (n, height, width)
            On the network's device; any type of float.
        output : str
            Which output.

        Returns
        -------
        torch.Tensor of float32
            The output, on the device.
        """
        colours = images.to(self.dtype)[:, None].expand(-1, self.channels, -1, -1)
        values = {**self._weights, self._input: colours.contiguous(memory_format=torch.channels_last)}
        last_use = {name: step for step, (_, names, _, _) in enumerate(self._steps) for name in names}
        for step, (operation, names, result, attributes) in enumerate(self._steps):
            values[result] = operation([values[name] for name in names], attributes)
            if result == output:
                break
            for name in names:
                # Maps that no later step reads give their memory back.
                if last_use[name] == step:
                    values.pop(name, None)
        return values[output].float()

    def _place(self, weights: Any) -> Any:
        """Bring weights to the device, as the convolutions there read them fastest."""
        tensor = torch.from_numpy(weights.copy())
        tensor = tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)
        return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor  # noqa: PLR2004


def _read_attributes(node: Any) -> dict[str, Any]:
    """Read a node's attributes as plain values."""
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


def _clip(inputs: list[Any], _: Mapping[str, Any]) -> Any:
    """Carry out Clip, whose bounds are inputs."""
    return torch.clamp(inputs[0], *inputs[1:])


def _flatten(inputs: list[Any], attributes: Mapping[str, Any]) -> Any:
    """Carry out Flatten."""
    return torch.flatten(inputs[0], start_dim=attributes.get("axis", 1))


OPERATIONS: Mapping[str, Operation] = {
    "Conv": _convolve,
    "Clip": _clip,
    "Flatten": _flatten,
    "Relu": lambda inputs, _: torch.relu(inputs[0]),
    "Sigmoid": lambda inputs, _: torch.sigmoid(inputs[0]),
    "Add": lambda inputs, _: inputs[0] + inputs[1],
    "Mul": lambda inputs, _: inputs[0] * inputs[1],
    "GlobalAveragePool": lambda inputs, _: inputs[0].mean((2, 3), keepdim=True),
}
"""The nodes that can be run."""
