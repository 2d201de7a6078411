"""Every network that has a name: the shipped ones, and those that the user added."""

from pathlib import Path
from typing import Any

from epochsieve.embedding.cache import added_networks, locate_added
from epochsieve.embedding.shipped import locate, shipped_networks
from epochsieve.vocabulary.errors import EmbedderError


def known_networks() -> dict[str, dict[str, Any]]:
    """List all networks that run by their name.

    Returns
    -------
    dict of str to dict
        Name to ``metadata.json``: see `shipped_networks`. None that is added takes a shipped one's place.
    """
    shipped = shipped_networks()
    return shipped | {name: stated for name, stated in added_networks().items() if name not in shipped}


def locate_layer(network: str, layer: str) -> Path:
    """Say where the file of a network's layer lies on this machine.

    Parameters
    ----------
    network, layer : str
        Their names.

    Returns
    -------
    Path
        Whether its content is right must still be checked.

    Raises
    ------
    EmbedderError
        Where this machine has no such network or layer.
    """
    for networks, find in ((shipped_networks, locate), (added_networks, locate_added)):
        outputs = networks().get(network, {}).get("outputs", {})
        if layer in outputs:
            return find(network, outputs[layer]["file"])
    raise EmbedderError(f"no network {network} with a layer {layer} here: epochsieve embedders add {network}")
