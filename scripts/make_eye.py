"""Make the shipped eye anew: a small network that takes an impression of an epoch from a view of it.

    python scripts/make_eye.py views FOLDER [--series 6000] [--inject-into ROOT] [--workers 2]
    python scripts/make_eye.py train FOLDER [--passes 6] [--rate 0.003] [--start WEIGHTS.pt]

The first command simulates series and writes views of their epochs, one file per series: four of five are of surveys
drawn at random, the fifth of a tuning survey; defects that are hard to see come more often, and oddities come, too.
With ``--inject-into``, real series with injected defects besides. The second (it needs the extra torch) trains the
network: cross-entropy of the classes and of "defect or not" together, views turned and mirrored at random; every
twenty-fourth simulated series is kept aside. The graph in src/epochsieve/embedding/eye/ lacks the two dense layers that
name the classes here: ``scripts/make_mind.py``, which comes next, makes what takes their place.
"""

import argparse
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from epochsieve.judging.weighing.views import CHANNELS
from epochsieve.simulating.conditions import TUNING_SURVEYS
from epochsieve.simulating.defects import DEFECTS, LIKEST, ODDITIES
from epochsieve.simulating.looking import Views, imagine_series, take_views
from epochsieve.simulating.specimens import list_injected
from epochsieve.simulating.surveys import SURVEYS, simulate_series
from epochsieve.simulating.truth import SimulatedSeries
from epochsieve.simulating.variability import HARMLESS
from eye_files import write_network

CLASSES = ("good", *HARMLESS, *sorted(DEFECTS))
FINE = 1 + len(HARMLESS)
# Channels by sixteens: the runtime computes as many at a time.
WIDTHS, HIDDEN = (16, 32, 32, 48, 64), 48
STRIDES = (2, 1, 2, 1, 2)
POOLED = (1, 3, 4)
BATCH, SERIES_AT_ONCE = 64, 600
KEPT_ASIDE = 24
# A rare class of defect counts more, by the root of its rarity; a harmless change a little more than a good epoch.
LEAST, MOST, HARMLESS_WEIGHT = 0.4, 4.0, 1.8
# What was found least often when all kinds came alike.
HARD = ("moire", "tracking_error", "defocus", "cosmic_ray_on_source") * 2
HARD += ("fringing", "wrong_gain", "slow_mover", "asteroid", "amplifier_step", "diffraction_spike", "cloud")


def imagine(folder: Path, number: int) -> None:
    """Write the views of one simulated series."""
    rng = np.random.default_rng([number, 4711])
    made = simulate(number, rng)
    save(folder / f"{number:05d}.npz", take_views(made.series, made.truth, rng))


def simulate(number: int, rng: np.random.Generator) -> SimulatedSeries:
    """Simulate a series: four of five of a survey drawn at random, the fifth of a tuning survey."""
    if number % 5:
        return imagine_series(rng, HARD)
    survey = SURVEYS[TUNING_SURVEYS[number // 5 % len(TUNING_SURVEYS)]]
    return simulate_series(survey, rng, bad_fraction=rng.uniform(0.1, 0.35), favoured=(*HARD, *ODDITIES))


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
            self.drop = nn.Dropout(0.05)

        def forward(self, x: Any) -> Any:
            pooled = []
            for i, (convolve, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
                x = torch.relu(norm(convolve(x)))
                pooled += [x.amax((2, 3)), x.mean((2, 3))] if i in POOLED else []
            return self.classes(self.drop(torch.relu(self.hidden(torch.cat(pooled, 1)))))

    return Eye()


Group: TypeAlias = dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]]
"""Views and the numbers of their classes, by the shape of their images."""


def read_views(paths: Iterable[Path]) -> Group:
    """Read the views of some series."""
    found: dict[tuple[int, ...], list[tuple[np.ndarray, list[int]]]] = {}
    for path in paths:
        with np.load(path) as file:
            images, kinds = file["images"], file["kind"]
        known = [CLASSES.index(LIKEST.get(kind, kind)) for kind in kinds]
        found.setdefault(images.shape[2:], []).append((images, known))
    return {
        shape: (np.concatenate([images for images, _ in parts]), np.concatenate([labels for _, labels in parts]))
        for shape, parts in found.items()
    }


def part_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Part the files into those to train on and those kept aside."""
    paths = sorted(folder.glob("*.npz"))
    kept = [path for path in paths if path.stem.isdigit() and int(path.stem) % KEPT_ASIDE == 5]  # noqa: PLR2004 - any
    return sorted(set(paths) - set(kept)), kept


def weigh_classes(labels: np.ndarray) -> np.ndarray:
    """Say how much each class counts."""
    counts = np.bincount(labels, minlength=len(CLASSES))
    weights = np.sqrt(np.clip(counts[FINE:].mean() / np.maximum(counts, 1), LEAST, MOST))
    weights[0], weights[1:FINE] = 1.0, HARMLESS_WEIGHT
    return np.asarray(weights, np.float32)


def deal_batches(paths: list[Path], rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Deal all views in batches of one size of image each, in random order."""
    order = rng.permutation(len(paths))
    for first in range(0, len(order), SERIES_AT_ONCE):
        views = read_views(paths[i] for i in order[first : first + SERIES_AT_ONCE])
        batches = []
        for shape, (_, labels) in views.items():
            mixed = rng.permutation(len(labels))
            parts = [mixed[i : i + BATCH] for i in range(0, len(mixed), BATCH)]
            batches += [(shape, part) for part in parts if len(part) >= BATCH // 4]
        for i in rng.permutation(len(batches)):
            shape, part = batches[i]
            yield turn(views[shape][0][part].astype(np.float32), rng), views[shape][1][part]


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
    paths, aside = part_files(given.folder)
    kept = read_views(aside)
    weights = torch.tensor(weigh_classes(np.concatenate([labels for _, labels in kept.values()])))
    network = build()
    if given.start:
        network.load_state_dict(torch.load(given.start, weights_only=True))
    optimizer = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=1e-4)
    steps = given.passes * sum(1 for _ in deal_batches(paths, rng))
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, given.rate, total_steps=steps + steps // 20, pct_start=0.12)
    for number in range(given.passes):
        network.train()
        for images, known in deal_batches(paths, rng):
            labels = torch.from_numpy(known)
            found = network(torch.from_numpy(images))
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


def examine(network: Any, kept: Group) -> str:
    """Say how many defects are found at 1 % of false alarms among the epochs kept aside."""
    import torch

    odds = []
    with torch.no_grad():
        for images, _ in kept.values():
            parts = (torch.from_numpy(images[i : i + BATCH].astype(np.float32)) for i in range(0, len(images), BATCH))
            odds += [measure_odds(network(part)).numpy() for part in parts]
    score, label = np.concatenate(odds), np.concatenate([labels for _, labels in kept.values()])
    return f"{np.mean(score[label >= FINE] > np.quantile(score[label == 0], 0.99)):.3f} found"


def write(network: Any, folder: Path) -> None:
    """Write the network as ONNX, and what it is."""
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
    add("Flatten", [add("Concat", pooled, "pooled", axis=1)], "impressions", axis=1)
    views = helper.make_tensor_value_info("views", TensorProto.FLOAT, ["n", len(CHANNELS), "height", "width"])
    output = helper.make_tensor_value_info("impressions", TensorProto.FLOAT, ["n", 2 * sum(WIDTHS[i] for i in POOLED)])
    graph = helper.make_graph(nodes, "epochsieve-eye", [views], [output], weights)
    made = {"made_by": "scripts/make_eye.py", "series": len(list(folder.glob("*.npz")))}
    write_network("looks", "eye.onnx", graph, made, describe())


def describe() -> dict[str, Any]:
    """State what the eye is."""
    return {
        "name": "eye",
        "description": "what an epoch shows, from a view of it and what is usual in its series; trained on simulations",
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
    views.add_argument("--series", type=int, default=6000)
    views.add_argument("--inject-into", action="append", default=[], help="folder of real series")
    views.add_argument("--repeats", type=int, default=8, help="how often each real series is taken")
    views.add_argument("--workers", type=int, default=2)
    views.set_defaults(run=make_views)
    training = commands.add_parser("train")
    training.add_argument("--passes", type=int, default=6)
    training.add_argument("--rate", type=float, default=3e-3, help="largest rate of learning")
    training.add_argument("--start", type=Path, help="weights of an earlier round to go on from")
    training.set_defaults(run=train)
    for command in (views, training):
        command.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
