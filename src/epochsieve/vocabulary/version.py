"""The version, where every room may know it: findings depend on it, and so must everybody who makes some of them."""

VERSION = "0.1.0"
"""Of this package; pyproject.toml says the same."""
