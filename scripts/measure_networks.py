#!/usr/bin/env python
"""Measure how many images a second networks take, alone, with the images in memory.

    python scripts/measure_networks.py [NAME/LAYER ...] [--device cpu|cuda|auto] [--sides 51 224] [--seconds 2]

On the processor one thread is used, and its own time counted, so that other programs disturb little; on a graphics card
the time on the clock counts, the way there and back included. The best of several rounds is shown.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from epochsieve.embedding.catalogue import known_networks, locate_layer
from epochsieve.embedding.devices import DEVICES, place_embedder
from epochsieve.embedding.onnx_embedder import OnnxEmbedder, open_embedder
from epochsieve.running.threads import use_one_thread
from epochsieve.vocabulary.contracts import Embedder
from epochsieve.vocabulary.series import FloatImage

PIXELS = {"cpu": 2**18, "cuda": 2**25}
LEAST_ROUNDS = 3


def measure_rate(embedder: Embedder, images: FloatImage, seconds: float, clock: Callable[[], float]) -> float:
    """Measure images a second, best of as many rounds as the time allows."""
    embedder.embed(images)
    best, spent, rounds = float("inf"), 0.0, 0
    while rounds < LEAST_ROUNDS or spent < seconds:
        started = clock()
        embedder.embed(images)
        taken = clock() - started
        best, spent, rounds = min(best, taken), spent + taken, rounds + 1
    return len(images) / best


def list_layers() -> list[str]:
    """List every layer of every network that has a name."""
    return [f"{name}/{layer}" for name, stated in known_networks().items() for layer in stated["outputs"]]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help="NAME/LAYER; all where left out")
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    parser.add_argument("--sides", type=int, nargs="+", default=[51, 224], help="of the images, pixels")
    parser.add_argument("--seconds", type=float, default=2.0, help="to measure each for, at least")
    given = parser.parse_args()
    use_one_thread()
    print(f"{'network':<28}{'MB':>8}" + "".join(f"{f'{side} px':>10}" for side in given.sides) + "   images/s")
    for name in given.networks or list_layers():
        network = open_embedder(name)
        embedder = place_embedder(network, given.device)
        on_card = embedder.name != network.name
        clock, pixels = (time.perf_counter, PIXELS["cuda"]) if on_card else (time.thread_time, PIXELS["cpu"])
        rates = [
            measure_rate(embedder, make_noise(side, max(1, pixels // side**2)), given.seconds, clock)
            for side in given.sides
        ]
        print(f"{embedder.name:<28}{size_of(network):>8.2f}" + "".join(f"{rate:>10.0f}" for rate in rates), flush=True)


def make_noise(side: int, count: int) -> FloatImage:
    """Make images of noise."""
    return np.random.default_rng(1).normal(size=(count, side, side)).astype(np.float32)


def size_of(network: OnnxEmbedder) -> float:
    """Tell a network's size in megabytes."""
    return locate_layer(network.source, network.layer).stat().st_size / 1e6


if __name__ == "__main__":
    main()
