from pathlib import Path

import numpy as np
import pytest

from epochsieve.jobs.demo import make_demo_folder, tabulate_outcomes
from epochsieve.simulating.outcomes import Outcomes
from epochsieve.vocabulary.errors import ResultsError


def test_a_demo_replaces_an_earlier_one_and_leaves_what_a_user_added(tmp_path: Path) -> None:
    folder = make_demo_folder(tmp_path / "demo")
    (folder.images / "old").mkdir()
    (folder.root / "notes.txt").write_text("mine")
    again = make_demo_folder(tmp_path / "demo")
    assert list(again.images.iterdir()) == []
    assert (folder.root / "notes.txt").read_text() == "mine"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("something else")
    (tmp_path / "images").mkdir()
    with pytest.raises(ResultsError, match="not empty"):
        make_demo_folder(tmp_path)
    assert (tmp_path / "images").is_dir()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    with pytest.raises(ResultsError, match=r"can't write to .*demo"):
        make_demo_folder(tmp_path / "demo")


def test_the_table_counts_defects_harmless_changes_and_undisturbed_epochs_apart() -> None:
    kinds = np.array(["trail", "trail", "nova", "", "", "", ""], object)
    flagged = np.array([True, False, False, True, False, False, False])
    outcomes = Outcomes(
        object=np.full(7, "a", object),
        kind=kinds,
        bad=kinds == "trail",
        power=np.zeros(7),
        score=np.zeros(7),
        decided=np.ones(7, bool),
        flagged=flagged,
        reasons=np.full(7, "", object),
    )
    assert tabulate_outcomes(outcomes) == [
        ("  trail", 2, 1, "50%"),
        ("all defects (recall)", 2, 1, "50%"),
        ("  nova", 1, 0, "0%"),
        ("all harmless changes", 1, 0, "0%"),
        ("undisturbed epochs (false alarms)", 4, 1, "25%"),
    ]
