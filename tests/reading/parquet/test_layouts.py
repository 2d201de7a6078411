"""Which column says what."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from epochsieve.reading.parquet.layouts import SYNONYMS, find_layout
from epochsieve.vocabulary.settings import ReadSettings

PAGE = Path(__file__).parents[3] / "docs" / "tutorials" / "parquet.md"
IMAGE = pa.list_(pa.float32())


def find(**types):
    return find_layout(pa.schema(list(types.items())), ReadSettings())


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in SYNONYMS.items() for name in names])
def test_every_name_is_known_in_any_case_and_with_any_punctuation(role, name):
    kind = IMAGE if role in {"image", "noise"} else pa.float64()
    for written in (name, name.upper(), name.replace("_", "-"), name.replace("_", "")):
        others = {} if role == "image" else {"cutout": IMAGE}
        assert find(**others, **{written: kind}).columns[role] == written


def test_the_page_lists_the_names_that_are_known():
    table = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    listed = [set(re.findall(r"`(\w+)`", line.split("|")[2])) for line in table[2:]]
    listed = [{*names} for names in listed if names]
    shapes = {*SYNONYMS["height"], *SYNONYMS["width"]}
    known = [set(names) for role, names in SYNONYMS.items() if role not in {"height", "width"}]
    assert sorted(map(sorted, listed)) == sorted(map(sorted, [*known, shapes]))


def test_the_first_of_several_names_counts():
    assert find(id=pa.int64(), name=pa.string(), image=IMAGE).columns["object"] == "name"


def test_an_image_is_told_by_its_type_too():
    tensor = pa.fixed_shape_tensor(pa.float32(), [5, 5])
    assert find(image=pa.string(), anything=tensor).columns["image"] == "anything"
    assert not find(image=pa.string(), flux=IMAGE, features=pa.fixed_shape_tensor(pa.float32(), [99])).columns


def test_light_curves_in_lists_are_no_images():
    points = pa.list_(pa.struct([("mjd", pa.float64()), ("flux", pa.float32())]))
    assert not find(object=pa.string(), lc=points).columns
    assert find(object=pa.string(), lc=points, image=IMAGE).nest is None
