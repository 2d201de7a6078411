"""The networks that a user added, in the user's cache."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CACHE_VARIABLE = "EPOCHSIEVE_CACHE"
"""Environment variable that names another folder for the cache."""

METADATA_FILE = "metadata.json"
"""What says what is in a network's folder."""

_log = logging.getLogger(__name__)


def find_cache(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Find the cache, which need not be there yet.

    Parameters
    ----------
    environment : mapping of str to str
        Environment variables.
    platform : str
        As in `sys.platform`.

    Returns
    -------
    Path
        ``EPOCHSIEVE_CACHE`` where that is set, else where the platform keeps what programs can make again: on Linux
        after the XDG Base Directory Specification.
    """
    if own := environment.get(CACHE_VARIABLE):
        return Path(own).expanduser().absolute()
    home = Path.home()
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "epochsieve" / "Cache"
    if platform == "darwin":
        return home / "Library" / "Caches" / "epochsieve"
    stated = Path(environment.get("XDG_CACHE_HOME", ""))
    # The specification: a path that is not absolute counts for nothing.
    return (stated if stated.is_absolute() else home / ".cache") / "epochsieve"


def locate_added(network: str, file: str = "") -> Path:
    """Say where an added network's folder, or a file in it, lies."""
    return find_cache() / "networks" / network.replace(":", "-") / file


def locate_checkpoint(file: str) -> Path:
    """Say where a published checkpoint is kept, and looked for before it is fetched."""
    return find_cache() / "checkpoints" / file


def added_networks() -> dict[str, dict[str, Any]]:
    """List the networks that were added.

    Returns
    -------
    dict of str to dict
        Name to ``metadata.json``, with the fields that `shipped_networks` has. Folders without a readable one are
        passed over, and logged.
    """
    found = {}
    for path in sorted((find_cache() / "networks").glob(f"*/{METADATA_FILE}")):
        try:
            stated = json.loads(path.read_text(encoding="utf-8"))
            found[str(stated["name"])] = stated
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s can't be read (%s): add the network again", path, error)
    return found
