"""Finds the problematic epochs of astronomical image time series."""

__version__ = "0.1.0"
