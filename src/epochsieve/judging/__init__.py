"""Series to findings: pure NumPy and SciPy, no files, network or clock."""
