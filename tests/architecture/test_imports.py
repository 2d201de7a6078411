"""Imports go one way, and importing the package is cheap."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ["onnxruntime", "torch", "dask", "astropy", "pyarrow", "matplotlib", "pandas", "scipy"]


def _run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not (ROOT / "src").is_dir(), reason="needs a checkout")
def test_imports_keep_the_contracts_of_pyproject() -> None:
    linted = _run_python("from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache")
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("module", ["epochsieve", "epochsieve.cli"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    report = f"import sys, {module}; print(*sorted({HEAVY!r} & sys.modules.keys()))".replace("[", "{").replace("]", "}")
    imported = _run_python(report)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.split() == []


def test_vocabulary_needs_numpy_and_the_standard_library_only() -> None:
    report = (
        "import sys, pathlib, importlib, epochsieve.vocabulary as room\n"
        "for file in pathlib.Path(room.__path__[0]).glob('[a-z]*.py'):\n"
        "    importlib.import_module(f'{room.__name__}.{file.stem}')\n"
        "roots = {name.partition('.')[0] for name, module in sys.modules.items()"
        " if 'site-packages' in (getattr(module, '__file__', None) or '')}\n"
        "print(*sorted(roots - {'numpy', 'epochsieve'}))"
    )
    imported = _run_python(report)
    assert imported.returncode == 0, imported.stderr
    assert [name for name in imported.stdout.split() if not name.startswith(("_", "sitecustomize"))] == []
