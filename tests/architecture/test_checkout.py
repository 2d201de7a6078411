"""What is committed keeps the house rules: short files, true paths, nothing about the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300

# Spelt in pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "a path of one machine": re.compile("/" + r"(work|root|home|Users)/\w"),
    "a package registry's host": re.compile(r"(pypi|pythonhosted|conda|anaconda)\." + r"(org|com|io)\b"),
    "work left for later": re.compile("TO" + "DO|FIX" + r"ME|\bXX" + "X"),
    "a conflict left unresolved": re.compile("^(<{7}|>{7}) ", re.MULTILINE),
}

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a git checkout")


def _committed_files(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def _read_text(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode()


def test_every_source_file_is_short() -> None:
    lengths = {path.name: len(_read_text(path).splitlines()) for path in _committed_files("src/*.py", "scripts/*.py")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in _committed_files("src/*.py") if not _read_text(path).startswith('"""')]
    assert silent == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    holding = [str(path.relative_to(ROOT)) for path in _committed_files() if FORBIDDEN[what].search(_read_text(path))]
    assert holding == []


def test_every_path_in_the_architecture_tree_exists() -> None:
    tree = _tree_of((ROOT / "docs" / "architecture.md").read_text())
    assert len(tree) > 20
    assert [path for path in tree if not (ROOT / path).exists()] == []


def test_every_source_file_is_in_the_architecture_tree() -> None:
    tree = set(_tree_of((ROOT / "docs" / "architecture.md").read_text()))
    files = {path.relative_to(ROOT).as_posix() for path in _committed_files("src/*.py")}
    assert {file for file in files if not file.endswith("/__init__.py")} - tree == set()


@pytest.mark.parametrize("document", [path.relative_to(ROOT).as_posix() for path in ROOT.glob("*.md")])
def test_a_document_names_only_paths_that_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    named = re.findall(r"`((?:src|tests|scripts|docs)/[\w./-]+)`", text)
    assert [path for path in links + named if not (ROOT / path).exists()] == []


def test_the_readme_starts_with_the_two_commands() -> None:
    blocks = [line.strip() for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("    ")]
    assert blocks[:2] == [
        "python -m pip install . && epochsieve demo",
        "python -m pip install '.[test]' && pytest",
    ]


def _tree_of(document: str) -> list[str]:
    """List the paths of the indented tree that starts with src/epochsieve/."""
    lines = document[document.index("    src/epochsieve/") :].split("\n\n", maxsplit=1)[0].splitlines()
    folders: list[str] = []
    paths = []
    for line in lines:
        depth = (len(line) - len(line.lstrip())) // 2 - 2
        for name in re.split(r"\s{2,}", line.strip())[0].split(", "):
            folders[depth:] = [name]
            paths.append("".join(folders))
    return paths
