"""What the methods are compared with: one idea per file, each ranks a series' epochs and decides nothing."""
