"""An ONNX network run by PyTorch: its weights read out of the file, its nodes carried out one after the other."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from epochsieve.embedding.onnx_session import read_unaltered
from epochsieve.embedding.torch_device import compile_for, upload
from epochsieve.embedding.torch_operations import OPERATIONS, read_attributes
from epochsieve.vocabulary.errors import EmbedderError

_MAP_AXES = 4


class TorchNetwork:
    """A network on a device.

    Parameters
    ----------
    content : bytes
        An ONNX model whose nodes are among `OPERATIONS`: all networks that are shipped, the eye among them, and
        EfficientNet-B0 to B7. How many channels it takes and what it gives is read out of it.
    device : str
        ``"cuda"`` or ``"cpu"``.
    precision : str
        ``"float32"`` or ``"float16"``.
    compiled : bool
        Whether PyTorch compiles it when it first runs, on a card.

    Raises
    ------
    EmbedderError
        Where the network has other nodes, or takes images of one size only.
    """

    def __init__(self, content: bytes, device: str, precision: str, compiled: bool = False) -> None:
        graph = onnx.load_model_from_string(content).graph
        if unknown := sorted({node.op_type for node in graph.node} - OPERATIONS.keys()):
            raise EmbedderError(f"PyTorch is not taught to run this network's {', '.join(unknown)}: use --device cpu")
        self.device, self.dtype = torch.device(device), getattr(torch, precision)
        self.outputs = [port.name for port in graph.output]
        self._input = graph.input[0].name
        shape = graph.input[0].type.tensor_type.shape.dim
        self.channels = shape[1].dim_value or 1
        if any(axis.dim_value for axis in shape[2:]):
            raise EmbedderError("PyTorch runs networks that take images of any size, not of one only: use --device cpu")
        self._weights = {tensor.name: self._place(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
        self._steps = [
            (OPERATIONS[node.op_type], list(node.input), node.output[0], read_attributes(node)) for node in graph.node
        ]
        self._carry_out = compile_for(device, self._run) if compiled else self._run

    def run(self, images: Any, output: str) -> Any:
        """Run the network.

        Parameters
        ----------
        images : torch.Tensor, shape (n, channels, height, width)
            On the network's device; any type of float. One channel stands for all where the network takes more.
        output : str
            Which output.

        Returns
        -------
        torch.Tensor of float32
            The output, on the device.
        """
        return self._carry_out(images, output)

    def _run(self, images: Any, output: str) -> Any:
        """Carry out the nodes that the output needs."""
        colours = images.to(self.dtype).expand(-1, self.channels, -1, -1)
        values = {**self._weights, self._input: colours.contiguous(memory_format=torch.channels_last)}
        last_use = {name: step for step, (_, names, _, _) in enumerate(self._steps) for name in names}
        for step, (operation, names, result, attributes) in enumerate(self._steps):
            values[result] = operation([values[name] for name in names], attributes)
            if result == output:
                break
            for name in names:
                # Maps that no later step reads give their memory back.
                if last_use[name] == step:
                    values.pop(name, None)
        return values[output].float()

    def run_all(
        self, images: NDArray[Any], output: str, at_once: int, prepare: Callable[[Any], Any] = lambda batch: batch
    ) -> NDArray[np.float32]:
        """Run the network on images in memory, some at a time.

        Parameters
        ----------
        images : ndarray, shape (n, ...)
            At least one; they travel to the device as they are.
        output : str
            Which output.
        at_once : int
            How many are on the device at a time.
        prepare : callable, optional
            Makes of a batch of them, there, what `run` takes.

        Returns
        -------
        ndarray of float32, shape (n, values)
            The output, averaged over space where the network doesn't do that.
        """
        # Not the cards' 19-bit numbers, which are no better than half precision.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            parts = [_average(self.run(prepare(batch), output)) for batch in upload(images, self.device, at_once)]
            return np.asarray(torch.cat(parts).cpu().numpy(), np.float32)

    def _place(self, weights: Any) -> Any:
        """Bring weights to the device, as the convolutions there read them fastest."""
        tensor = torch.from_numpy(weights.copy())
        tensor = tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)
        return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == _MAP_AXES else tensor


def _average(values: Any) -> Any:
    """Average maps over space; leave values as they are."""
    return values.mean((2, 3)) if values.ndim == _MAP_AXES else values


def open_torch_network(path: Path, sha256: str, device: str, precision: str, compiled: bool = False) -> TorchNetwork:
    """Open a network, once per process.

    Parameters
    ----------
    path : Path
        An ONNX file.
    sha256 : str
        The digest that it must have.
    device, precision : str
    compiled : bool
        As for `TorchNetwork`.

    Returns
    -------
    TorchNetwork
        The same object at each call.

    Raises
    ------
    EmbedderError
        Where the file is missing or altered, and as for `TorchNetwork`.
    """
    return _open_once(path, sha256, (device, precision, compiled), os.getpid())


@lru_cache(maxsize=8)
def _open_once(path: Path, sha256: str, how: tuple[str, str, bool], _process: int) -> TorchNetwork:
    """Open a network that no call before this one has opened in this process."""
    return TorchNetwork(read_unaltered(path, sha256), *how)
