"""What is committed keeps the house rules: short files, true paths, nothing about the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

from epochsieve.vocabulary.findings import SCHEMA
from epochsieve.vocabulary.flags import Flag

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


def test_every_room_and_every_module_outside_the_rooms_is_in_the_architecture_tree() -> None:
    tree = set(_tree_of((ROOT / "docs" / "architecture.md").read_text()))
    package = ROOT / "src" / "epochsieve"
    places = [path.relative_to(package) for path in _committed_files("src/*.py")]
    shown = {f"src/epochsieve/{place.parts[0]}{'/' if len(place.parts) > 1 else ''}" for place in places}
    assert shown - tree == set()


def test_the_documented_flags_are_the_flags() -> None:
    rows = [f"| {flag.value} | `{flag.name.lower()}` | {flag.meaning} |" for flag in Flag]
    assert _table_under((ROOT / "docs" / "architecture.md").read_text(), "## Flags") == rows


def test_the_documented_columns_are_the_columns_in_their_order() -> None:
    rows = _table_under((ROOT / "docs" / "architecture.md").read_text(), "## Findings")
    named = [tuple(cell.strip(" `") for cell in row.strip("|").split("|")[:3]) for row in rows]
    documented = [cells for cells in named if not cells[0].startswith("score_")]
    assert documented == [(column.name, column.dtype, column.unit) for column in SCHEMA]


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


def _table_under(document: str, heading: str) -> list[str]:
    """List the rows of the first table under a heading, without its head."""
    section = document.partition(f"{heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


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
