"""Labels: what a table says of each epoch."""

import pytest

from epochsieve.simulating.labels import read_labels
from epochsieve.vocabulary.errors import InputError

TABLE = """object,file,bad,reason
one,a,0,
one,b,1,seeing
one,c,1,seeing;edge
one,d,-1,bright_sky
two,a,1,trailed
two,b,0,
"""


def test_borderline_labels_are_left_out_and_good_ones_have_no_kind(tmp_path):
    (tmp_path / "labels.csv").write_text(TABLE)
    labels = read_labels(tmp_path / "labels.csv")
    assert [(label.object + label.file, label.kind, label.bad) for label in labels] == [
        ("onea", "", False),
        ("oneb", "seeing", True),
        ("onec", "seeing;edge", True),
        ("twoa", "trailed", True),
        ("twob", "", False),
    ]


@pytest.mark.parametrize("text", ["", "object,file,bad,reason\n", "object,file\none,a\n"])
def test_table_without_labels_is_refused(tmp_path, text):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(InputError, match="no labels"):
        read_labels(tmp_path / "labels.csv")


def test_missing_table_is_refused(tmp_path):
    with pytest.raises(InputError, match="no labels"):
        read_labels(tmp_path / "labels.csv")
