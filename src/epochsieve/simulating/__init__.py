"""Scenes, defects and surveys with known truth, and the benchmarks."""
