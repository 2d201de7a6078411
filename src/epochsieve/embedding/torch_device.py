"""What a graphics card asks of PyTorch: images on their way while it computes, and networks compiled for it."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

_log = logging.getLogger(__name__)

COMPILERS = {"cuda": "inductor"}
"""What compiles networks, by device; one that is not named here runs them as they are."""

_BATCHES_AHEAD = 2


def upload(images: NDArray[Any], device: Any, at_once: int) -> Iterator[Any]:
    """Bring images to a device, a batch at a time.

    On a card, a batch travels while the one before it is computed; there are never more than three of them.

    Parameters
    ----------
    images : ndarray, shape (n, ...)
        In memory.
    device : torch.device
        Where to.
    at_once : int
        How many are a batch.

    Yields
    ------
    torch.Tensor
        Each batch, there.
    """
    batches = (torch.from_numpy(np.ascontiguousarray(images[i : i + at_once])) for i in range(0, len(images), at_once))
    return _send(batches, device) if device.type == "cuda" else batches


def _send(batches: Iterator[Any], device: Any) -> Iterator[Any]:
    """Send batches to a card beside what it computes."""
    computing, sending = torch.cuda.current_stream(device), torch.cuda.Stream(device)
    ahead: deque[Any] = deque()
    for batch in batches:
        if len(ahead) >= _BATCHES_AHEAD:
            ahead.popleft().synchronize()
        # Memory that stays where it is can be read by the card itself, while the processor goes on.
        pinned = batch.pin_memory()
        with torch.cuda.stream(sending):
            sent = pinned.to(device, non_blocking=True)
        computing.wait_stream(sending)
        sent.record_stream(computing)
        yield sent
        ahead.append(computing.record_event())


class Compiled:
    """A function that PyTorch compiles when it is first called; where that fails, it is called as it is.

    Parameters
    ----------
    plain : callable
        From tensors to tensors.
    backend : str or callable
        As for ``torch.compile``.
    """

    def __init__(self, plain: Callable[..., Any], backend: Any) -> None:
        self._plain = plain
        self._fast: Callable[..., Any] = torch.compile(plain, backend=backend)

    def __call__(self, *given: Any) -> Any:
        """Call it."""
        try:
            return self._fast(*given)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            if self._fast is self._plain:
                raise
            # Compilers fail in ways of their own: no C compiler, no Triton, a card that is too old.
            why = " ".join(str(error).splitlines()[:2])  # the first says only who complains
            _log.warning("PyTorch can't compile a network, which runs as it is: %s", why)
            self._fast = self._plain
        return self._plain(*given)


def compile_for(device: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function where the device has a compiler.

    Parameters
    ----------
    device : str
        ``"cuda"`` or ``"cpu"``.
    plain : callable
        From tensors to tensors.

    Returns
    -------
    callable
        The same, faster after its first call; on a device without a compiler the function itself.
    """
    return Compiled(plain, COMPILERS[device]) if device in COMPILERS else plain
