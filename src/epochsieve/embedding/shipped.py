"""The networks that travel inside the package."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "networks"


def shipped_networks() -> dict[str, dict[str, Any]]:
    """List the networks that need no file of the user's.

    Returns
    -------
    dict of str to dict
        Name to ``metadata.json``: `description`, `source`, `licence`, `input` (normalisation), and `outputs`, which
        says for each layer its `file`, the file's `sha256`, the number of `features` and the `stride` in pixels.
    """
    return {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(_FOLDER.glob("*/metadata.json"))
    }


def locate(network: str, file: str) -> Path:
    """Say where a shipped network's file lies on this machine."""
    return _FOLDER / network / file
