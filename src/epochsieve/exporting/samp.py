"""Tables and images sent to TOPCAT, Aladin and DS9 by SAMP."""

import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochsieve.vocabulary.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE_MESSAGES = {".vot": "table.load.votable", ".xml": "table.load.votable", ".fits": "table.load.fits"}
"""Kinds of table that the receivers know, by the file's suffix."""

IMAGE_MESSAGE = "image.load.fits"


def load_samp() -> Any:
    """Load the module that speaks SAMP: PyVO's where it is, else astropy's, which was its home before.

    Raises
    ------
    InputError
        Where neither is installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy says that it moves to PyVO
        for name in ("pyvo.samp", "astropy.samp"):
            try:
                from importlib import import_module

                return import_module(name)
            except ImportError:
                continue
    raise InputError("nothing here speaks SAMP: python -m pip install pyvo")


def send_files(table: Path, images: Sequence[Path], address: str = "127.0.0.1") -> int:
    """Send a table and images to everybody who listens.

    Parameters
    ----------
    table : Path
        A VOTable or FITS table.
    images : sequence of Path
        FITS images.
    address : str
        Of this machine, where the hub calls back.

    Returns
    -------
    int
        How many programs take such tables.

    Raises
    ------
    InputError
        Where the table is of another kind, or no hub runs: TOPCAT and Aladin each start one.
    """
    message = TABLE_MESSAGES.get(table.suffix.lower())
    if message is None:
        raise InputError(f"SAMP carries VOTable (.vot) and FITS tables, not {table.name}")
    with _connect(address) as client:
        _send(client, message, table)
        for image in images:
            _send(client, IMAGE_MESSAGE, image)
        return len(client.get_subscribed_clients(message))


@contextmanager
def _connect(address: str) -> "Iterator[Any]":
    """Speak to the hub for a while."""
    samp = load_samp()
    client = samp.SAMPIntegratedClient("epochsieve", "problematic epochs of image time series", addr=address)
    try:
        client.connect()
    except (samp.SAMPHubError, samp.SAMPProxyError, OSError) as error:
        raise InputError(f"no SAMP hub answers: start TOPCAT or Aladin first ({error})") from error
    try:
        yield client
    finally:
        client.disconnect()


def _send(client: Any, message: str, path: Path) -> None:
    """Tell everybody of a file."""
    params = {"url": path.resolve().as_uri(), "name": path.name, "table-id": path.resolve().as_uri()}
    client.notify_all({"samp.mtype": message, "samp.params": params})
