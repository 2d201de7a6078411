"""EfficientNets written as ONNX, node by node, from the layers of a PyTorch network.

The bytes depend on the weights alone: no exporter, no names made up on the way. Three rewritings keep the features and
save time: batch normalisation is folded into the convolutions (in double precision), the three equal colour channels
become one (the first convolution's weights summed over its inputs), and a graph ends where its features are taken.

The network is one of ``efficientnet_pytorch`` or of ``efficientnet_lite_pytorch``, which name their layers alike.
"""

# ruff: noqa: SLF001 - these PyTorch networks have no public view of their layers
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAST = "last"
"""The layer behind all blocks: the maps before the classifier."""

# Old enough for every runtime that pyproject.toml admits.
_OPSET, _IR_VERSION = 17, 8
_COLOURS = 3


@dataclass(frozen=True)
class Cut:
    """A layer at which a network may end.

    Attributes
    ----------
    layer : str
        ``"stride4"``, ``"stride8"``, ``"stride16"`` or ``"last"``.
    blocks : int
        How many blocks come before it.
    features : int
        Channels there.
    stride : int
        Pixels of the image that a position of its maps stands for.
    """

    layer: str
    blocks: int
    features: int
    stride: int


def list_cuts(network: Any) -> list[Cut]:
    """List the layers at which a network may end: the last one of each stride, and the very last.

    Parameters
    ----------
    network : torch.nn.Module
        The PyTorch network.

    Returns
    -------
    list of Cut
        From the shallowest on.
    """
    cuts, stride = [], 2
    for number, block in enumerate(network._blocks):
        own = max(_as_list(block._block_args.stride))
        if own > 1 and stride > 2:  # noqa: PLR2004 - before that there is hardly a network
            cuts.append(Cut(f"stride{stride}", number, _count_channels(network._blocks[number - 1]), stride))
        stride *= own
    return [*cuts, Cut(LAST, len(network._blocks), network._conv_head.out_channels, stride)]


def write_cut(network: Any, cut: Cut, name: str) -> bytes:
    """Write a network up to a layer as ONNX.

    Parameters
    ----------
    network : torch.nn.Module
        The PyTorch network.
    cut : Cut
        Where to end, out of `list_cuts`.
    name : str
        The network's name.

    Returns
    -------
    bytes
        An ONNX model from ``images``, shape (n, 1, height, width), to ``maps``, shape (n, features, rows, columns), and
        ``features``, their averages over space. The same bytes for the same weights.
    """
    graph = _Graph(network._swish)
    output = graph.activate(graph.convolve("images", "stem", network._conv_stem, network._bn0))
    for number, block in enumerate(network._blocks[: cut.blocks]):
        output = graph.add_block(output, f"block{number}", block)
    if cut.layer == LAST:
        output = graph.activate(graph.convolve(output, "head", network._conv_head, network._bn1))
    return graph.to_bytes(f"{name}-{cut.layer}", cut.features)


class _Graph:
    """An ONNX graph that grows one layer at a time."""

    def __init__(self, activation: Any) -> None:
        """Tell the activation by its class: ReLU6, whose bounds are constants, or swish."""
        self._swish = "relu" not in type(activation).__name__.lower()
        bounds = () if self._swish else (("zero", 0), ("six", 6))
        self.nodes: list[Any] = []
        self.weights = [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in bounds]

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append one node and return the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def activate(self, source: str) -> str:
        """Append the network's activation."""
        if not self._swish:
            return self.add("Clip", [source, "zero", "six"], f"{source}.relu6")
        return self.add("Mul", [source, self.add("Sigmoid", [source], f"{source}.sigmoid")], f"{source}.swish")

    def convolve(self, source: str, name: str, convolution: Any, normalisation: Any = None) -> str:
        """Append a convolution, with its batch normalisation folded in where it has one."""
        kernel, bias = _fold(convolution, normalisation)
        for suffix, array in (("kernel", kernel), ("bias", bias)):
            self.weights.append(numpy_helper.from_array(array.astype(np.float32), f"{name}.{suffix}"))
        left, right, top, bottom = getattr(getattr(convolution, "static_padding", None), "padding", (0, 0, 0, 0))
        return self.add(
            "Conv",
            [source, f"{name}.kernel", f"{name}.bias"],
            name,
            kernel_shape=kernel.shape[2:],
            strides=list(convolution.stride),
            pads=[top, left, bottom, right],
            group=convolution.groups,
        )

    def add_block(self, source: str, name: str, block: Any) -> str:
        """Append one inverted bottleneck: expand, filter and weigh each channel, project, and add the input."""
        arguments = block._block_args
        output = source
        if arguments.expand_ratio != 1:
            output = self.activate(self.convolve(output, f"{name}.expand", block._expand_conv, block._bn0))
        output = self.activate(self.convolve(output, f"{name}.depthwise", block._depthwise_conv, block._bn1))
        if getattr(block, "has_se", False):
            output = self.add_squeeze(output, name, block)
        output = self.convolve(output, f"{name}.project", block._project_conv, block._bn2)
        keeps_shape = max(_as_list(arguments.stride)) == 1 and arguments.input_filters == arguments.output_filters
        return self.add("Add", [output, source], f"{name}.sum") if arguments.id_skip and keeps_shape else output

    def add_squeeze(self, source: str, name: str, block: Any) -> str:
        """Append a squeeze-and-excitation: weigh each channel by what all channels are on average."""
        average = self.add("GlobalAveragePool", [source], f"{name}.squeeze")
        reduced = self.activate(self.convolve(average, f"{name}.reduce", block._se_reduce))
        weight = self.add("Sigmoid", [self.convolve(reduced, f"{name}.excite", block._se_expand)], f"{name}.weight")
        return self.add("Mul", [weight, source], f"{name}.weighed")

    def to_bytes(self, name: str, channels: int) -> bytes:
        """Close the graph after its last node: its maps, and their averages over space."""
        # The last node's own name gives way to the output's, so that no copy is needed.
        del self.nodes[-1].output[:]
        self.nodes[-1].output.append("maps")
        self.add("Flatten", [self.add("GlobalAveragePool", ["maps"], "average")], "features", axis=1)
        image = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 1, "height", "width"])
        features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", channels])
        maps = helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", channels, "rows", "columns"])
        graph = helper.make_graph(self.nodes, name, [image], [features, maps], self.weights)
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION, producer_name="epochsieve")
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def _fold(convolution: Any, normalisation: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fold a batch normalisation into the convolution before it: kernel and bias, in double precision."""
    kernel = _to_numpy(convolution.weight)
    if convolution.in_channels == _COLOURS:
        kernel = kernel.sum(1, keepdims=True)
    if normalisation is None:
        return kernel, _to_numpy(convolution.bias)
    gamma, beta, mean, variance = map(_to_numpy, _list_moments(normalisation))
    scale = gamma / np.sqrt(variance + normalisation.eps)
    return kernel * scale[:, None, None, None], beta - mean * scale


def _list_moments(normalisation: Any) -> Iterator[Any]:
    """List a batch normalisation's scale, offset, mean and variance."""
    yield from (normalisation.weight, normalisation.bias, normalisation.running_mean, normalisation.running_var)


def _to_numpy(tensor: Any) -> NDArray[np.float64]:
    """Convert weights to double precision."""
    return np.asarray(tensor.detach().double().numpy())


def _count_channels(block: Any) -> int:
    """Count the channels behind a block."""
    return int(block._project_conv.out_channels)


def _as_list(stride: int | list[int]) -> list[int]:
    """Read a stride, which these networks state as a number or as a list of one."""
    return stride if isinstance(stride, list) else [stride]
