"""What the tests of faults share."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def objects(tmp_path_factory):
    """Twelve small objects."""
    from faults import write_objects

    return write_objects(tmp_path_factory.mktemp("survey") / "in", 12)


@pytest.fixture(scope="session")
def finished(objects, tmp_path_factory):
    """The results of a run that nothing disturbed."""
    from faults import go_on

    out = tmp_path_factory.mktemp("unbroken") / "out"
    go_on(objects, out)
    return out


@pytest.fixture(scope="session")
def unbroken(finished):
    """Its findings."""
    from epochsieve.writing.store import read_findings

    return read_findings(finished)


@pytest.fixture
def note(request, capsys):
    """Say, where many faults are injected, how many of them were survived."""
    from faults import SOAK

    def write(tried, survived, lost=0):
        if SOAK:
            with capsys.disabled():
                print(f"\n{request.node.name}: tried {tried}, survived {survived}, rows lost {lost}")  # noqa: T201 - to be copied into docs/reliability.md
        assert survived == tried
        assert lost == 0

    return write
