"""Make the shipped eye anew: a small network that tells from a view of an epoch what it shows.

    python scripts/make_eye.py views FOLDER [--series 1200] [--inject-into ROOT] [--workers 2]
    python scripts/make_eye.py train FOLDER [--passes 8] [--rate 0.003] [--start WEIGHTS.pt]

The first command simulates series and writes views of their epochs, one file per series: three of four are of surveys
drawn at random, the fourth of a tuning survey; with ``--inject-into``, real series with injected defects besides. The
second (it needs the extra torch) trains the network on them, cross-entropy of the classes and of "defect or not"
together, each class of defect counting the same, views turned and mirrored at random; every twelfth file is kept aside
to see how good it is. The graph in src/epochsieve/embedding/eye/ is written node by node from the weights, batch
normalisation folded in.
"""

import argparse
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.judging.weighing.views import CHANNELS
from epochsieve.simulating.conditions import TUNING_SURVEYS
from epochsieve.simulating.defects import DEFECTS
from epochsieve.simulating.looking import Views, imagine_series, take_views
from epochsieve.simulating.specimens import list_injected
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.simulating.variability import HARMLESS

FOLDER = Path(__file__).parents[1] / "src/epochsieve/embedding/eye"
CLASSES = ("good", *HARMLESS, *sorted(DEFECTS))
FINE = 1 + len(HARMLESS)
WIDTHS, HIDDEN = (12, 20, 28, 40, 56), 48
STRIDES = (2, 1, 2, 1, 2)
POOLED = (1, 3, 4)
OPSET, IR_VERSION = 17, 8
BATCH = 64
# A class of defect counts as much as any other, within limits; a harmless change a little more than a good epoch.
LEAST, MOST, HARMLESS_WEIGHT = 0.3, 4.0, 1.3


def imagine(folder: Path, number: int) -> None:
    """Write the views of one simulated series."""
    rng = np.random.default_rng([number, 4711])
    if number % 4:
        made = imagine_series(rng)
    else:
        survey = SURVEYS[TUNING_SURVEYS[number // 4 % len(TUNING_SURVEYS)]]
        made = simulate_series(survey, rng, bad_fraction=float(rng.uniform(0.1, 0.35)))
    save(folder / f"{number:05d}.npz", take_views(made.series, made.truth, rng))


def inject(folder: Path, task: tuple[int, Any]) -> None:
    """Write the views of one real series with injected defects."""
    number, specimen = task
    made = specimen.make()
    rng = np.random.default_rng([number, 4712])
    save(folder / f"real-{number:05d}.npz", take_views(made.series, made.truth, rng))


def save(path: Path, views: Views) -> None:
    """Write views."""
    np.savez(path, images=views.images, kind=views.kind.astype(str))


def make_views(given: argparse.Namespace) -> None:
    """Write all views."""
    given.folder.mkdir(parents=True, exist_ok=True)
    real = list(enumerate(one for root in given.inject_into for one in list_injected(root, 5, given.repeats, 0.3)))
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        list(pool.map(partial(imagine, given.folder), range(given.series)))
        list(pool.map(partial(inject, given.folder), real))


def build() -> Any:
    """Build the network in PyTorch."""
    import torch
    from torch import nn

    class Eye(nn.Module):
        """Five convolutions; the largest and the mean value of three of them; two dense layers."""

        def __init__(self) -> None:
            super().__init__()
            sides = zip((len(CHANNELS), *WIDTHS), WIDTHS, STRIDES, strict=False)
            self.convolutions = nn.ModuleList([nn.Conv2d(a, b, 3, stride, 1) for a, b, stride in sides])
            self.norms = nn.ModuleList([nn.BatchNorm2d(width) for width in WIDTHS])
            self.hidden = nn.Linear(2 * sum(WIDTHS[i] for i in POOLED), HIDDEN)
            self.classes = nn.Linear(HIDDEN, len(CLASSES))
            self.drop = nn.Dropout(0.1)

        def forward(self, x: Any) -> Any:
            pooled = []
            for i, (convolve, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
                x = torch.relu(norm(convolve(x)))
                pooled += [x.amax((2, 3)), x.mean((2, 3))] if i in POOLED else []
            return self.classes(self.drop(torch.relu(self.hidden(torch.cat(pooled, 1)))))

    return Eye()


def read_views(folder: Path, kept: bool) -> dict[tuple[int, ...], tuple[list[np.ndarray], list[int]]]:
    """Read views by the shape of their images: those kept aside, or all others."""
    found: dict[tuple[int, ...], tuple[list[np.ndarray], list[int]]] = {}
    for number, path in enumerate(sorted(folder.glob("*.npz"))):
        if (number % 12 == 5 and not path.name.startswith("real")) is kept:  # noqa: PLR2004 - one in twelve
            with np.load(path) as file:
                images, labels = found.setdefault(file["images"].shape[2:], ([], []))
                images.extend(file["images"])
                labels.extend(CLASSES.index(kind) for kind in file["kind"])
    return found


def weigh_classes(labels: list[int]) -> np.ndarray:
    """Say how much each class counts."""
    counts = np.bincount(labels, minlength=len(CLASSES))
    weights = np.clip(counts[FINE:].mean() / np.maximum(counts, 1), LEAST, MOST)
    weights[0], weights[1:FINE] = 1.0, HARMLESS_WEIGHT
    return weights.astype(np.float32)


def draw_batches(
    views: dict[tuple[int, ...], tuple[list[np.ndarray], list[int]]], rng: np.random.Generator
) -> list[Any]:
    """Deal the views into batches of one size of image each, in random order."""
    batches = []
    for shape, (_, labels) in views.items():
        order = rng.permutation(len(labels))
        batches += [
            (shape, part) for i in range(0, len(order), BATCH) if len(part := order[i : i + BATCH]) >= BATCH // 4
        ]
    return [batches[i] for i in rng.permutation(len(batches))]


def turn(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn and mirror images at random: nothing on the sky has a top."""
    square = images.shape[2] == images.shape[3]
    turned = np.rot90(images, int(rng.integers(4)) if square else 2 * int(rng.integers(2)), (2, 3))
    return np.ascontiguousarray(turned[..., ::-1] if rng.random() < 0.5 else turned)  # noqa: PLR2004 - one in two


def train(given: argparse.Namespace) -> None:
    """Train the network and write it."""
    import torch
    import torch.nn.functional as F  # noqa: N812 - its usual name

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    views, kept = read_views(given.folder, kept=False), read_views(given.folder, kept=True)
    weights = torch.tensor(weigh_classes([label for _, labels in views.values() for label in labels]))
    network = build()
    if given.start:
        network.load_state_dict(torch.load(given.start, weights_only=True))
    optimizer = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=1e-4)
    steps = len(draw_batches(views, rng)) * given.passes
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, given.rate, total_steps=steps + 1, pct_start=0.15)
    for number in range(given.passes):
        network.train()
        for shape, chosen in draw_batches(views, rng):
            images = np.stack([views[shape][0][i] for i in chosen]).astype(np.float32)
            labels = torch.tensor([views[shape][1][i] for i in chosen])
            found = network(torch.from_numpy(turn(images, rng)))
            loss = 0.5 * F.cross_entropy(found, labels, weight=weights, label_smoothing=0.02)
            wrong = (labels >= FINE).float()
            loss = loss + F.binary_cross_entropy_with_logits(measure_odds(found), wrong, weight=weights[labels])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            pace.step()
        print(f"pass {number + 1}: {examine(network.eval(), kept)}")
    torch.save(network.state_dict(), given.folder / "weights.pt")
    write(network.eval(), given.folder)


def measure_odds(found: Any) -> Any:
    """Measure the logarithm of the odds that there is a defect."""
    return found[:, FINE:].logsumexp(1) - found[:, :FINE].logsumexp(1)


def examine(network: Any, kept: dict[tuple[int, ...], tuple[list[np.ndarray], list[int]]]) -> str:
    """Say how many defects are found at 1 % of false alarms among the epochs kept aside."""
    import torch

    odds, labels = [], []
    with torch.no_grad():
        for images, known in kept.values():
            odds += [measure_odds(network(torch.from_numpy(image[None].astype(np.float32)))).item() for image in images]
            labels += known
    score, label = np.array(odds), np.array(labels)
    return f"{np.mean(score[label >= FINE] > np.quantile(score[label == 0], 0.99)):.3f} found"


def write(network: Any, folder: Path) -> None:
    """Write the network as ONNX, and what it is."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    weights: list[Any] = []

    def store(name: str, array: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def add(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    source, pooled = "views", []
    for i, (convolution, norm) in enumerate(zip(network.convolutions, network.norms, strict=True)):
        scale = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().double().numpy()
        kernel = convolution.weight.detach().double().numpy() * scale[:, None, None, None]
        bias = (convolution.bias - norm.running_mean).detach().double().numpy() * scale + norm.bias.detach().numpy()
        inputs = [source, store(f"kernel{i}", kernel), store(f"bias{i}", bias)]
        source = add("Conv", inputs, f"conv{i}", kernel_shape=[3, 3], strides=[STRIDES[i]] * 2, pads=[1] * 4)
        source = add("Relu", [source], f"map{i}")
        pooled += [add(kind, [source], f"{kind}{i}") for kind in ("GlobalMaxPool", "GlobalAveragePool") if i in POOLED]
    flat = add("Flatten", [add("Concat", pooled, "pooled", axis=1)], "flat", axis=1)
    for name, layer in (("hidden", network.hidden), ("classes", network.classes)):
        stored = [store(f"{name}.{part}", getattr(layer, part).detach().numpy()) for part in ("weight", "bias")]
        flat = add("Gemm", [flat, *stored], name, transB=1)
        flat = add("Relu", [flat], "bent") if name == "hidden" else flat
    add("LogSoftmax", [flat], "logarithms", axis=1)
    views = helper.make_tensor_value_info("views", TensorProto.FLOAT, ["n", len(CHANNELS), "height", "width"])
    output = helper.make_tensor_value_info("logarithms", TensorProto.FLOAT, ["n", len(CLASSES)])
    graph = helper.make_graph(nodes, "epochsieve-eye", [views], [output], weights)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="epochsieve")
    onnx.checker.check_model(model, full_check=True)
    content = bytes(model.SerializeToString(deterministic=True))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "eye.onnx").write_bytes(content)
    (FOLDER / "metadata.json").write_text(json.dumps(describe(content, folder), indent=2) + "\n", "utf-8")


def describe(content: bytes, folder: Path) -> dict[str, Any]:
    """State what the file is and what it was trained on."""
    return {
        "name": "eye",
        "file": "eye.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "description": "what an epoch shows, from a view of it; trained on simulated epochs",
        "made_by": "scripts/make_eye.py",
        "series": len(list(folder.glob("*.npz"))),
        "licence": "BSD-3-Clause",
        "channels": list(CHANNELS),
        "classes": list(CLASSES),
        "harmless": list(CLASSES[:FINE]),
    }


def main() -> None:
    """Make views, or train on them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    views = commands.add_parser("views")
    views.add_argument("--series", type=int, default=1200)
    views.add_argument("--inject-into", action="append", default=[], help="folder of real series")
    views.add_argument("--repeats", type=int, default=8, help="how often each real series is taken")
    views.add_argument("--workers", type=int, default=2)
    views.set_defaults(run=make_views)
    training = commands.add_parser("train")
    training.add_argument("--passes", type=int, default=8)
    training.add_argument("--rate", type=float, default=3e-3, help="largest rate of learning")
    training.add_argument("--start", type=Path, help="weights of an earlier round to go on from")
    training.set_defaults(run=train)
    for command in (views, training):
        command.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
