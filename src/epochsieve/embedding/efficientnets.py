"""EfficientNet-B0 to B7: from a checkpoint of ``efficientnet-pytorch`` to ONNX."""

from pathlib import Path
from typing import Any

import torch
from efficientnet_pytorch import EfficientNet

from epochsieve.embedding.checkpoints import DIGESTS, address_checkpoint, check_stated_digest
from epochsieve.embedding.conversion import Conversion, Layer, check_against, state_versions
from epochsieve.embedding.efficientnet_graph import LAST, list_cuts, write_cut
from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.vocabulary.series import FloatImage

_CHECKED_SHAPE = (64, 96)


def convert_efficientnet(name: str, checkpoint: Path) -> Conversion:
    """Convert a checkpoint.

    Parameters
    ----------
    name : str
        ``"efficientnet-b0"`` to ``"efficientnet-b7"``.
    checkpoint : Path
        The state of a network of that name, as ``torch.save`` wrote it: the published one or the user's own.

    Returns
    -------
    Conversion
        With the layers of `list_cuts`; ``"last"`` is ``extract_features`` averaged over space.

    Raises
    ------
    EmbedderError
        Where the file is none, is damaged, or holds another network's weights.
    """
    sha256 = check_stated_digest(checkpoint)
    network = load_efficientnet(name, checkpoint)
    layers = {cut.layer: Layer(write_cut(network, cut, name), cut.features, cut.stride) for cut in list_cuts(network)}
    check_against(layers[LAST].content, name, _CHECKED_SHAPE, lambda images: compute_features(network, images))
    official = sha256.startswith(DIGESTS[name])
    source = {
        "weights": address_checkpoint(name) if official else "the user's own",
        "official": official,
        "weights_file": checkpoint.name,
        "weights_sha256": sha256,
        "made_by": "epochsieve embedders add",
        "made_with": state_versions("efficientnet-pytorch", "onnx", "torch"),
    }
    weights = "the published ImageNet weights" if official else "weights of the user's own"
    description = f"{name.replace('efficientnet-b', 'EfficientNet-B')}, {weights}"
    return Conversion(name, description, source, "Apache-2.0" if official else "the user's own", layers)


def load_efficientnet(name: str, checkpoint: Path) -> Any:
    """Load a network, ready for inference; its padding is that of its own image size, at every size.

    Parameters
    ----------
    name : str
        ``"efficientnet-b0"`` to ``"efficientnet-b7"``.
    checkpoint : Path
        As for `convert_efficientnet`. Nothing in it is executed: only tensors are loaded.

    Returns
    -------
    torch.nn.Module
        As ``EfficientNet.from_pretrained`` of the published notebook gives it.

    Raises
    ------
    EmbedderError
        Where the file is no checkpoint, or holds another network's weights.
    """
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # pickle, zip and PyTorch each have their own errors
        raise EmbedderError(f"{checkpoint}: no PyTorch checkpoint of weights alone") from error
    network = EfficientNet.from_name(name)
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise EmbedderError(f"{checkpoint}: the weights of another network than {name}") from error
    return network.eval()


def compute_features(network: Any, images: FloatImage) -> Any:
    """Compute the published method's features of images of shape (n, height, width), with PyTorch."""
    colours = torch.from_numpy(images)[:, None].expand(-1, 3, -1, -1)
    with torch.inference_mode():
        return network.extract_features(colours).mean((2, 3)).numpy()
