"""Commands measured from outside: how long each takes, and how much memory its largest process has."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from epochsieve.jobs import stopwatch
from epochsieve.running.threads import THREAD_VARIABLES
from epochsieve.vocabulary.errors import EpochsieveError


@dataclass(frozen=True, order=True)
class Timing:
    """What a command took.

    Attributes
    ----------
    seconds : float
        From its start to its end.
    core_seconds : float
        That its processes spent on cores: the same on a busy machine, as long as nobody spins.
    peak_bytes : int
        Memory that its largest process had at most.
    """

    seconds: float
    core_seconds: float
    peak_bytes: int


def time_command(command: Sequence[str]) -> tuple[Timing, str]:
    """Run a command and measure it.

    Parameters
    ----------
    command : sequence of str
        Program and arguments. It is told nothing of how many threads this process may use, and may keep the byte code
        of what it imports, as an installed package does.

    Returns
    -------
    timing : Timing
        What it took.
    said : str
        What it printed.

    Raises
    ------
    EpochsieveError
        Where it fails.
    """
    untold = {*THREAD_VARIABLES, "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in untold}
    with TemporaryDirectory() as folder:
        note = Path(folder) / "note.json"
        watched = [sys.executable, stopwatch.__file__, str(note), *command]
        done = subprocess.run(watched, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise EpochsieveError(f"{' '.join(command)} failed: {last}")
        return Timing(**json.loads(note.read_text())), done.stdout


def time_whole(roots: Sequence[Path], out: Path, workers: int, method: str = "sieve") -> Timing:
    """Measure ``epochsieve sieve``, from files to findings.

    Parameters
    ----------
    roots : sequence of Path
        Objects' folders, or folders of these.
    out : Path
        The results folder.
    workers : int
        How many processes.
    method : str, optional
        Which method; the stack is the first image by name.

    Returns
    -------
    Timing
        Its start included.
    """
    options = ["--method", method, "--stack", "first", "--workers", str(workers), "--overwrite", "--quiet"]
    return time_command([*_python("-m", "epochsieve", "sieve"), *map(str, roots), "--out", str(out), *options])[0]


def time_published(root: Path, out: Path) -> Timing:
    """Measure the published algorithm on objects' folders, without its imports; its rows go to a CSV file."""
    timing, said = time_command(_python("-m", "epochsieve.simulating.baselines.published", str(root), str(out)))
    return replace(timing, seconds=json.loads(said.strip().splitlines()[-1])["seconds"])


def time_starts(repeats: int) -> dict[str, float]:
    """Measure how long it takes to start: Python alone, with the package, and with the command's help, in seconds."""
    commands = {
        "python": _python("-c", "pass"),
        "import epochsieve": _python("-c", "import epochsieve"),
        "epochsieve --help": _python("-m", "epochsieve", "--help"),
    }
    return {name: min(time_command(command)[0].seconds for _ in range(repeats)) for name, command in commands.items()}


def _python(*arguments: str) -> list[str]:
    """Make a command of Python arguments."""
    return [sys.executable, *arguments]
