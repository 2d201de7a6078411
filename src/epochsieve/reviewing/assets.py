"""The page's files, as they lie in the package."""

from importlib.resources import files

KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What they are, by the ends of their names."""

_PAGE = files("epochsieve.reviewing.page")


def list_assets() -> list[str]:
    """List their names."""
    return sorted(file.name for file in _PAGE.iterdir() if file.name.endswith(tuple(KINDS)))


def read_asset(name: str) -> bytes:
    """Read one of them."""
    return _PAGE.joinpath(name).read_bytes()
