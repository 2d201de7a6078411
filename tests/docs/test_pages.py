"""Every page's code runs: its Python in one namespace, its commands in between, in a folder of its own."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from epochsieve.cli import app

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if BLOCK.search(path.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    for block in BLOCK.finditer(page.read_text()):
        line = page.read_text()[: block.start(2)].count("\n")
        if block[1] == "python":
            exec(compile("\n" * line + block[2], str(page), "exec"), names)
        else:
            run_commands(block[2])


def run_commands(lines: str) -> None:
    """Run a block of epochsieve's own commands."""
    for words in map(shlex.split, lines.replace("\\\n", " ").splitlines()):
        assert words[0] == "epochsieve"
        answer = CliRunner().invoke(app, words[1:])
        assert answer.exit_code in {0, 3}, answer.output
