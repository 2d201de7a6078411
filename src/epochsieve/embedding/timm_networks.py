"""Any network of timm, PyTorch Image Models, to ONNX."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import timm
import torch

from epochsieve.embedding.checkpoints import check_stated_digest
from epochsieve.embedding.conversion import Conversion, Layer, check_against, state_versions
from epochsieve.vocabulary.errors import EmbedderError
from epochsieve.vocabulary.series import FloatImage

PREFIX = "timm:"
"""What stands before a network's name in timm."""

# The least that PyTorch's exporter writes; every runtime that pyproject.toml admits takes it.
_OPSET = 18
_PLAIN_NAME = re.compile(r"[\w.-]+")
_TRACED_IMAGES = 2


def convert_timm(name: str, file: Path | None = None) -> Conversion:
    """Convert a network of timm.

    Parameters
    ----------
    name : str
        ``"timm:NAME"``.
    file : Path, optional
        Its weights, ``.safetensors`` or a PyTorch checkpoint; fetched by timm where left out.

    Returns
    -------
    Conversion
        With the layer ``"last"`` alone: what comes before the classifier, averaged over space. It takes images of the
        size that the network was made for.

    Raises
    ------
    EmbedderError
        Where timm has no such network, its weights can't be had, or it can't be written as ONNX.
    """
    network = load_timm(name, file)
    stated = network.pretrained_cfg
    height, width = stated["input_size"][1:]
    averaged = _Averaged(network, stated["mean"], stated["std"]).eval()
    content = _export(name, averaged, (height, width))
    features = int(averaged(torch.zeros(_TRACED_IMAGES, 1, height, width)).shape[1])
    check_against(content, name, (height, width), lambda images: compute_features(averaged, images))
    source = {
        "weights": f"timm {stated.get('hf_hub_id') or stated.get('url') or network.default_cfg.get('architecture')}",
        "official": file is None,
        "weights_file": file.name if file else None,
        "weights_sha256": check_stated_digest(file) if file else None,
        "made_by": "epochsieve embedders add",
        "made_with": state_versions("timm", "onnx", "torch"),
    }
    description = f"timm's {name.removeprefix(PREFIX)} at {height} x {width} pixels"
    return Conversion(
        name, description, source, str(stated.get("license") or "not stated"), {"last": Layer(content, features, 1)}
    )


def load_timm(name: str, file: Path | None = None) -> Any:
    """Load a network, ready for inference, without its classifier.

    Parameters
    ----------
    name : str
        ``"timm:NAME"``.
    file : Path, optional
        As for `convert_timm`.

    Returns
    -------
    torch.nn.Module
        Its forward pass ends with an average over space.

    Raises
    ------
    EmbedderError
        As for `convert_timm`.
    """
    plain = name.removeprefix(PREFIX)
    if not _PLAIN_NAME.fullmatch(plain) or not timm.is_model(plain):
        raise EmbedderError(f"{name}: timm {timm.__version__} has no such network")
    overlay = {"pretrained_cfg_overlay": {"file": str(file)}} if file else {}
    try:
        with _in_silence():
            network = timm.create_model(plain, pretrained=True, **overlay)
        network.reset_classifier(0, "avg")
    except Exception as error:  # each source of weights has its own errors
        raise EmbedderError(_explain(name, plain, file, error)) from error
    return network.eval()


def compute_features(averaged: Any, images: FloatImage) -> Any:
    """Compute features of images of shape (n, height, width) with PyTorch."""
    with torch.inference_mode():
        return averaged(torch.from_numpy(images)[:, None]).numpy()


class _Averaged(torch.nn.Module):  # type: ignore[misc] # PyTorch is Any here
    """A network that takes the published method's grey images, and gives averages over space."""

    def __init__(self, network: Any, mean: tuple[float, ...], deviation: tuple[float, ...]) -> None:
        """Prepare to undo the published method's normalisation and to apply the network's own."""
        super().__init__()
        self.network = network
        usual = torch.tensor(mean).view(1, -1, 1, 1), torch.tensor(deviation).view(1, -1, 1, 1)
        self.register_buffer("scale", 0.225 / usual[1])
        self.register_buffer("offset", (0.5 - usual[0]) / usual[1])

    def forward(self, images: Any) -> Any:
        """Give features of shape (n, features) for images of shape (n, 1, height, width)."""
        return self.network(images * self.scale + self.offset)


def _export(name: str, averaged: Any, shape: tuple[int, int]) -> bytes:
    """Write a network as ONNX, for any number of images of one size."""
    example = torch.zeros(_TRACED_IMAGES, 1, *shape)
    try:
        with _in_silence():
            program = torch.onnx.export(
                averaged,
                (example,),
                dynamo=True,
                input_names=["images"],
                output_names=["features"],
                dynamic_shapes=({0: torch.export.Dim("n")},),
                opset_version=_OPSET,
                verbose=False,
            )
    except Exception as error:
        raise EmbedderError(f"{name}: PyTorch can't write this network as ONNX: {type(error).__name__}") from error
    return _forget_where(program.model_proto)


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep what these libraries say of themselves, and of each try to reach the network, off the screen."""
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _forget_where(model: Any) -> bytes:
    """Leave out of a model where on this machine it was made, so that the same network has the same digest."""
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    for part in (model, model.graph, *model.graph.value_info, *model.functions, *nodes):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _explain(name: str, plain: str, file: Path | None, error: Exception) -> str:
    """Say in a line why a network can't be loaded, and what to do."""
    why = (str(error).splitlines() or [type(error).__name__])[0]
    if file:
        return f"{file}: no weights of {name}: {why}"
    hub = getattr(timm.get_pretrained_cfg(plain), "hf_hub_id", None)
    where = f"the file model.safetensors of the Hugging Face repository {hub}" if hub else "its weights"
    return (
        f"can't fetch the weights of {name} ({why}): download {where} on a machine with network, "
        f"and name it with: epochsieve embedders add {name} --file FILE"
    )
