"""Make the shipped eye's mind anew: a small network that concludes what epochs show, knowing the rest of their series.

    python scripts/make_mind.py hear FOLDER [--series 6000] [--inject-into ROOT] [--workers 2]
    python scripts/make_mind.py train FOLDER [--passes 10] [--rate 0.003]

Comes after ``scripts/make_eye.py``, whose network takes the impressions. The first command simulates series, four of
five of surveys drawn at random and the fifth of a tuning survey, lets the eye look at them and the detectors speak, and
writes what is heard of each, one file per series; with ``--inject-into``, real series with injected defects besides,
half of them with few and half with many. The second (it needs the extra torch) trains the network: cross-entropy of the
classes and of "defect or not" together, the good epochs of a series counting as much as the others together. Every
twenty-fourth simulated series is kept aside to see how good it is.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from epochsieve.embedding.onnx_eye import open_eye
from epochsieve.judging.weighing.eyesight import compare_scores, measure_usual
from epochsieve.judging.weighing.testimony import HEARD
from epochsieve.simulating.defects import LIKEST
from epochsieve.simulating.looking import Hearing, take_hearing
from epochsieve.simulating.specimens import list_injected
from epochsieve.simulating.training import measure_usual_scatter
from eye_files import write_network
from make_eye import CLASSES, FINE, measure_odds, part_files, simulate, weigh_classes

# The series' numbers begin here, for the eye has seen those before.
FIRST = 30000
# Shares of bad epochs in real series, and how often these come in a pass.
BAD_FRACTIONS, REAL_WEIGHT = (0.12, 0.3), 2
HIDDEN, DROPPED, BATCH = 256, 0.3, 512
# Good epochs of a series count as much as so many at least.
FEWEST_GOOD = 6
# Spread, in those of all epochs, that is added to a series' own.
NARROWEST = 0.1


def hear_simulated(folder: Path, number: int) -> None:
    """Write what is heard of one simulated series."""
    made = simulate(number, np.random.default_rng([number, 4711]))
    np.savez(folder / f"{number:05d}.npz", **asdict(take_hearing(made.series, made.truth, open_eye())))


def hear_injected(folder: Path, task: tuple[int, Any]) -> None:
    """Write what is heard of one real series with injected defects."""
    number, specimen = task
    made = specimen.make()
    np.savez(folder / f"real-{number:05d}.npz", **asdict(take_hearing(made.series, made.truth, open_eye())))


def hear(given: argparse.Namespace) -> None:
    """Write what is heard of all series."""
    given.folder.mkdir(parents=True, exist_ok=True)
    real = [
        one
        for root in given.inject_into
        for bad_fraction in BAD_FRACTIONS
        for one in list_injected(root, 77, given.repeats, bad_fraction)
    ]
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as pool:
        list(pool.map(partial(hear_simulated, given.folder), range(FIRST, FIRST + given.series)))
        list(pool.map(partial(hear_injected, given.folder), enumerate(real)))


@dataclass(frozen=True, eq=False)
class Heard:
    """All epochs of some series, of which anything is known: one row each.

    Attributes
    ----------
    impressions, usual, spread : ndarray of float32, shape (epochs, numbers)
        Of the epoch, and of its series.
    heard : ndarray of float32, shape (epochs, 2 * detectors)
        What the detectors said, compared with what is usual.
    label : ndarray of int, shape (epochs,)
        Number of the class.
    weight : ndarray of float32, shape (epochs,)
        Such that the good epochs of a series count as much as all others of it.
    """

    impressions: np.ndarray
    usual: np.ndarray
    spread: np.ndarray
    heard: np.ndarray
    label: np.ndarray
    weight: np.ndarray

    def take(self, rows: np.ndarray) -> tuple[Any, ...]:
        """Take some rows, as tensors."""
        import torch

        return tuple(torch.from_numpy(part[rows]) for part in (self.impressions, self.usual, self.spread, self.heard))


def read_hearings(folder: Path) -> tuple[list[Hearing], list[Hearing], list[Hearing]]:
    """Read what was heard: of simulated series to train on, of those kept aside, and of real ones."""
    training, aside = part_files(folder)
    simulated = [path for path in training if path.stem.isdigit()]
    real = sorted(set(training) - set(simulated))
    first, second, third = ([read_hearing(path) for path in paths] for paths in (simulated, aside, real))
    return first, second, third


def read_hearing(path: Path) -> Hearing:
    """Read what was heard of one series."""
    with np.load(path) as file:
        return Hearing(**file)


def lay_out(hearings: Sequence[Hearing], scatter: np.ndarray) -> Heard:
    """Lay series out as rows."""
    return Heard(
        *(np.concatenate(part) for part in zip(*(_lay_out_one(one, scatter) for one in hearings), strict=True))
    )


def _lay_out_one(hearing: Hearing, scatter: np.ndarray) -> Iterator[np.ndarray]:
    """Lay one series out: what `Heard` has, in its order."""
    known = hearing.kind != ""
    good = (hearing.kind == "good")[known]
    yield hearing.impressions[known]
    for part in measure_usual(hearing.impressions, hearing.shown):
        yield np.tile(part, (len(good), 1))
    yield compare_scores(hearing.raw, hearing.shown, tuple(scatter))[known]
    yield np.array([CLASSES.index(LIKEST.get(kind, kind)) for kind in hearing.kind[known]])
    share = max(FEWEST_GOOD, (~good).sum()) / max(FEWEST_GOOD, good.sum())
    yield np.where(good, share, 1.0).astype(np.float32)


def build(impressions: np.ndarray) -> Any:
    """Build the network in PyTorch, for impressions that are like some."""
    import torch
    from torch import nn

    class Mind(nn.Module):
        """An impression, the series' usual one, its distance from that and the detectors' scores; two dense layers."""

        def __init__(self) -> None:
            super().__init__()
            numbers = impressions.shape[1]
            self.register_buffer("mean", torch.from_numpy(impressions.mean(axis=0)))
            self.register_buffer("scale", torch.from_numpy(impressions.std(axis=0) + 1e-3))
            self.hidden = nn.Linear(3 * numbers + 2 * len(HEARD), HIDDEN)
            self.classes = nn.Linear(HIDDEN, len(CLASSES))
            self.drop = nn.Dropout(DROPPED)

        def forward(self, impressions: Any, usual: Any, spread: Any, heard: Any) -> Any:
            own, common = ((part - self.mean) / self.scale for part in (impressions, usual))
            apart = (impressions - usual) / (spread + NARROWEST * self.scale)
            seen = torch.cat([own, common, _compress(apart), _compress(heard)], 1)
            return self.classes(self.drop(torch.relu(self.hidden(seen))))

    def _compress(values: Any) -> Any:
        return torch.sign(values) * torch.log1p(torch.abs(values))

    return Mind()


def train(given: argparse.Namespace) -> None:
    """Train the network and write it."""
    import torch
    import torch.nn.functional as F  # noqa: N812 - its usual name

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    simulated, aside, real = read_hearings(given.folder)
    scatter = measure_usual_scatter([one.raw[one.kind == "good"] for one in simulated], HEARD)
    heard, kept = lay_out(simulated + real * REAL_WEIGHT, scatter), lay_out(aside, scatter)
    labels, share = torch.from_numpy(heard.label), torch.from_numpy(heard.weight)
    share = share * torch.tensor(weigh_classes(heard.label))[labels]
    network = build(heard.impressions)
    steps = len(labels) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=1e-3)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, given.rate, total_steps=given.passes * steps + 1)
    for number in range(given.passes):
        network.train()
        order = rng.permutation(len(labels))
        for i in range(steps):
            rows = order[i * BATCH : (i + 1) * BATCH]
            found, known = network(*heard.take(rows)), labels[rows]
            loss = 0.5 * F.cross_entropy(found, known, reduction="none", label_smoothing=0.02)
            wrong = (known >= FINE).float()
            loss = loss + F.binary_cross_entropy_with_logits(measure_odds(found), wrong, reduction="none")
            optimizer.zero_grad()
            (share[rows] * loss).mean().backward()
            optimizer.step()
            pace.step()
        print(f"pass {number + 1}: {examine(network.eval(), kept):.3f} found")
    write(network.eval(), scatter, len(simulated), len(real))


def examine(network: Any, kept: Heard) -> float:
    """Say which share of the defects is found at 1 % of false alarms among the epochs kept aside."""
    import torch

    with torch.no_grad():
        odds = measure_odds(network(*kept.take(np.arange(len(kept.label))))).numpy()
    return float(np.mean(odds[kept.label >= FINE] > np.quantile(odds[kept.label == 0], 0.99)))


def write(network: Any, scatter: np.ndarray, simulated: int, real: int) -> None:
    """Write the network as ONNX, and what it is."""
    from onnx import TensorProto, helper, numpy_helper

    mean, scale = (part.double().numpy() for part in (network.mean, network.scale))
    kernel = network.hidden.weight.detach().double().numpy().T
    own, common, apart, voices = np.split(kernel, np.cumsum([len(mean)] * 3))
    arrays = {
        "narrowest": NARROWEST * scale,
        "one": np.ones(1),
        "own": own / scale[:, None],
        "common": common / scale[:, None],
        "apart": apart,
        "voices": voices,
        "bias": network.hidden.bias.detach().double().numpy() - (mean / scale) @ (own + common),
        "classes.weight": network.classes.weight.detach().numpy(),
        "classes.bias": network.classes.bias.detach().numpy(),
    }
    nodes = [
        ("Sub", ["impressions", "usual"], "difference"),
        ("Add", ["spread", "narrowest"], "width"),
        ("Div", ["difference", "width"], "distance"),
        *_list_compression("distance"),
        *_list_compression("heard"),
        ("MatMul", ["impressions", "own"], "from_own"),
        ("MatMul", ["usual", "common"], "from_usual"),
        ("MatMul", ["distance.compressed", "apart"], "from_distance"),
        ("MatMul", ["heard.compressed", "voices"], "from_voices"),
        ("Sum", ["from_own", "from_usual", "from_distance", "from_voices", "bias"], "sum"),
        ("Relu", ["sum"], "bent"),
    ]
    made = [helper.make_node(kind, inputs, [output], name=output) for kind, inputs, output in nodes]
    made.append(helper.make_node("Gemm", ["bent", "classes.weight", "classes.bias"], ["last"], name="last", transB=1))
    made.append(helper.make_node("LogSoftmax", ["last"], ["logarithms"], name="logarithms", axis=1))
    shapes = {
        "impressions": ["n", len(mean)],
        "usual": [len(mean)],
        "spread": [len(mean)],
        "heard": ["n", 2 * len(HEARD)],
    }
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    output = helper.make_tensor_value_info("logarithms", TensorProto.FLOAT, ["n", len(CLASSES)])
    weights = [numpy_helper.from_array(array.astype(np.float32), name) for name, array in arrays.items()]
    graph = helper.make_graph(made, "epochsieve-mind", inputs, [output], weights)
    series = {"made_by": "scripts/make_mind.py", "simulated_series": simulated, "real_series": real}
    usual = {name: round(float(value), 4) for name, value in zip(HEARD, scatter, strict=True)}
    write_network("concludes", "mind.onnx", graph, series, {"scatter": usual})


def _list_compression(name: str) -> list[tuple[str, list[str], str]]:
    """List the steps that compress values: their signs, times the logarithms of one more than they are."""
    return [
        ("Sign", [name], f"{name}.sign"),
        ("Abs", [name], f"{name}.size"),
        ("Add", [f"{name}.size", "one"], f"{name}.more"),
        ("Log", [f"{name}.more"], f"{name}.logarithm"),
        ("Mul", [f"{name}.sign", f"{name}.logarithm"], f"{name}.compressed"),
    ]


def main() -> None:
    """Hear series, or train on what was heard."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    hearing = commands.add_parser("hear")
    hearing.add_argument("--series", type=int, default=6000)
    hearing.add_argument("--inject-into", action="append", default=[], help="folder of real series")
    hearing.add_argument("--repeats", type=int, default=10, help="how often each real series is taken, in either way")
    hearing.add_argument("--workers", type=int, default=2)
    hearing.set_defaults(run=hear)
    training = commands.add_parser("train")
    training.add_argument("--passes", type=int, default=10)
    training.add_argument("--rate", type=float, default=3e-3, help="largest rate of learning")
    training.set_defaults(run=train)
    for command in (hearing, training):
        command.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
