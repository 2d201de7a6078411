"""How many threads numerical libraries use."""

import os

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Environment variables that say how many threads numerical libraries use."""


def use_one_thread() -> None:
    """Let numerical libraries use one thread, unless the user's environment says otherwise.

    Only libraries that are loaded afterwards see it. Cutouts are so small that several threads on one of them are no
    faster, and they might round differently than one: findings are to be the same on every number of cores.
    """
    for variable in THREAD_VARIABLES:
        os.environ.setdefault(variable, "1")
